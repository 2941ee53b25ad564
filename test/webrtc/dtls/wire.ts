import type { SrtpKeys } from '../../../src/rtp/srtp/srtpKeys.ts'
import type { DtlsPeer, Handshake, HandshakeEvents, Handshakes } from '../../../src/webrtc/dtls/handshakes.ts'

export type Side = 'client' | 'server'

/** What of a datagram arrives at the other side: nothing, itself, or others in its place. */
export type Path = (from: Side, datagram: Buffer) => readonly Uint8Array[]

export const straight: Path = (_, datagram) => [datagram]

/** Turns of the event loop without a datagram after which nothing will come any more. */
const QUIET = 3

/** Carries datagrams between two sides, a turn of the event loop each; no socket, no time. */
export class Wire {
  readonly #ends = new Map<Side, (datagram: Uint8Array) => void>()
  #queue: { to: Side; datagram: Uint8Array }[] = []
  path: Path = straight
  /** Datagrams that each side sent. */
  readonly sent: { readonly [side in Side]: Buffer[] } = { client: [], server: [] }

  attach(side: Side, take: (datagram: Uint8Array) => void): void {
    this.#ends.set(side, take)
  }

  send(from: Side, datagram: Uint8Array): void {
    const bytes = Buffer.from(datagram)
    this.sent[from].push(bytes)
    const to = from === 'client' ? 'server' : 'client'
    for (const each of this.path(from, bytes)) this.#queue.push({ to, datagram: Uint8Array.from(each) })
  }

  /** Until nothing is under way. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < QUIET; ) {
      const next = this.#queue.shift()
      quiet = next ? 0 : quiet + 1
      if (next) this.#ends.get(next.to)?.(next.datagram)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

/** One of our ends, and what it was told. */
export class End implements HandshakeEvents {
  readonly #wire: Wire
  readonly #side: Side
  readonly handshake: Handshake
  readonly told: string[] = []
  keys: SrtpKeys | null = null

  constructor(wire: Wire, handshakes: Handshakes, peer: DtlsPeer) {
    this.#wire = wire
    this.#side = peer.role
    this.handshake = handshakes.begin(peer, this)
    wire.attach(peer.role, (datagram) => this.handshake.take(datagram))
  }

  send(datagram: Uint8Array): void {
    this.#wire.send(this.#side, datagram)
  }

  done(keys: SrtpKeys): void {
    this.keys = keys
    this.told.push('done')
  }

  failed(reason: string): void {
    this.told.push(reason)
  }

  closed(): void {
    this.told.push('closed')
  }
}

/** Whether two ends came to the same keys. */
export function agree(one: SrtpKeys | null, other: SrtpKeys | null): boolean {
  if (!one || !other) return false
  const flat = ({ key, salt }: SrtpKeys['local']) => Buffer.concat([key, salt]).toString('hex')
  return (
    flat(one.local) === flat(other.remote) && flat(one.remote) === flat(other.local) && one.profile === other.profile
  )
}
