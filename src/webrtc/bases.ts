import type { Clock } from '../platform/clock.ts'
import type { Endpoint, Network, UdpSocket } from '../platform/network.ts'
import { systemCode } from '../platform/systemError.ts'
import type { PortPool } from '../rtp/ports/ports.ts'

/** Ports to try when other processes sit on some of our range. */
const TRIES = 32

export interface BaseSource {
  readonly network: Network
  readonly ports: PortPool
  readonly clock: Clock
}

/** The sockets of one WebRTC leg. */
export interface Bases {
  readonly sockets: readonly UdpSocket[]
  /** Closes them and gives their ports back. */
  close(): void
}

/**
 * Binds a port of the range at each of `addresses`. The first is needed: null if no port is free there, and what the system
 * says when it refuses the address. Of the others, those that cannot be had are left out.
 */
export async function bindBases(
  source: BaseSource,
  addresses: readonly string[],
  onDatagram: (base: UdpSocket, datagram: Uint8Array, from: Endpoint) => void,
): Promise<Bases | null> {
  const [needed = '', ...others] = addresses
  const first = await bind(source, needed, onDatagram)
  if (first === null) return null
  const further = await Promise.all(others.map((address) => bind(source, address, onDatagram).catch(() => null)))
  const sockets = [first, ...further.filter((socket) => socket !== null)]
  const close = (): void => {
    for (const socket of sockets) {
      socket.close()
      source.ports.release(socket.local.port, source.clock.wall())
    }
  }
  return { sockets, close }
}

async function bind(
  { network, ports, clock }: BaseSource,
  address: string,
  onDatagram: (base: UdpSocket, datagram: Uint8Array, from: Endpoint) => void,
): Promise<UdpSocket | null> {
  for (let tried = 0; tried < TRIES; tried++) {
    const port = ports.acquire(clock.wall())
    if (port === null) return null
    try {
      const socket = await network.bindUdp({ address, port }, (datagram, from) => onDatagram(socket, datagram, from))
      return socket
    } catch (cause) {
      ports.release(port, clock.wall())
      if (systemCode(cause) !== 'EADDRINUSE') throw cause
    }
  }
  return null
}
