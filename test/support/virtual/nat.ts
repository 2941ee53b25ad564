import type { Endpoint, OnDatagram, UdpSocket } from '../../../src/platform/network.ts'
import type { VirtualNetwork } from './network.ts'

/** A socket at `inside`, seen as `outside`, that gets only what comes from where it has sent to (RFC 4787 §5). */
export async function behindNat(
  network: VirtualNetwork,
  inside: Endpoint,
  outside: Endpoint,
  take: OnDatagram,
): Promise<UdpSocket> {
  const opened = new Set<string>()
  const key = ({ address, port }: Endpoint): string => `${address} ${port}`
  const socket = await network.host(outside.address).bindUdp(outside, (bytes, from) => {
    if (opened.has(key(from))) take(bytes, from)
  })
  return {
    local: inside,
    get open() {
      return socket.open
    },
    send(bytes, to, failed) {
      opened.add(key(to))
      socket.send(bytes, to, failed)
    },
    close: () => socket.close(),
  }
}
