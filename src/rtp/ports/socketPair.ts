import type { Clock } from '../../platform/clock.ts'
import type { Network, OnDatagram, UdpSocket } from '../../platform/network.ts'
import type { PortPool } from './ports.ts'

/** Pairs to try when other processes sit on ports of our range. */
const TRIES = 32

/** The two sockets of an RTP session: RTP on an even port, RTCP on the odd one above. */
export interface SocketPair {
  readonly rtp: UdpSocket
  readonly rtcp: UdpSocket
}

export interface PairSource {
  readonly network: Network
  readonly ports: PortPool
  readonly clock: Clock
}

/**
 * Binds a pair on ports of the range at `address`. Ports that another process occupies are passed over, a bounded number
 * of them; null when none can be had. Rejects with the system's error when it refuses the address itself. Whoever closes
 * the sockets gives the ports back.
 */
export async function bindPair(
  { network, ports, clock }: PairSource,
  address: string,
  onRtp: OnDatagram,
  onRtcp: OnDatagram,
): Promise<SocketPair | null> {
  for (let tried = 0; tried < TRIES; tried++) {
    const port = ports.acquire(clock.wall())
    if (port === null) return null
    const [rtp, rtcp] = await Promise.allSettled([
      network.bindUdp({ address, port }, onRtp),
      network.bindUdp({ address, port: port + 1 }, onRtcp),
    ])
    if (rtp.status === 'fulfilled' && rtcp.status === 'fulfilled') return { rtp: rtp.value, rtcp: rtcp.value }
    for (const bound of [rtp, rtcp]) {
      if (bound.status === 'fulfilled') bound.value.close()
    }
    ports.release(port, clock.wall())
    const refusal = [rtp, rtcp].find((bound) => bound.status === 'rejected' && !isOccupied(bound.reason))
    if (refusal?.status === 'rejected') throw refusal.reason
  }
  return null
}

function isOccupied(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
}
