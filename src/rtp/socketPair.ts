import type { Clock } from '../platform/clock.ts'
import type { Network, OnDatagram, UdpSocket } from '../platform/network.ts'
import type { PortPool } from './ports.ts'

/** Pairs to try when other processes sit on ports of our range. */
const TRIES = 32

/** The two sockets of an RTP session. */
export interface SocketPair {
  readonly rtp: UdpSocket
  readonly rtcp: UdpSocket
  /** Closes both and gives the ports back. */
  close(): void
}

export interface PairSource {
  readonly network: Network
  readonly ports: PortPool
  readonly clock: Clock
}

/**
 * Binds a pair from the pool at `address`. Pairs that another process occupies are passed over, a bounded number of
 * them; null when none can be had. Rejects with the system's error when it refuses the address itself.
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
    const release = () => ports.release(port, clock.wall())
    if (rtp.status === 'fulfilled' && rtcp.status === 'fulfilled') return pairOf(rtp.value, rtcp.value, release)
    for (const bound of [rtp, rtcp]) {
      if (bound.status === 'fulfilled') bound.value.close()
    }
    release()
    const refusal = [rtp, rtcp].find((bound) => bound.status === 'rejected' && !isOccupied(bound.reason))
    if (refusal?.status === 'rejected') throw refusal.reason
  }
  return null
}

function pairOf(rtp: UdpSocket, rtcp: UdpSocket, release: () => void): SocketPair {
  return {
    rtp,
    rtcp,
    close() {
      rtp.close()
      rtcp.close()
      release()
    },
  }
}

function isOccupied(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
}
