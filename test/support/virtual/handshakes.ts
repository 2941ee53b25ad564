import { createHash } from 'node:crypto'
import type { Clock, Timer } from '../../../src/platform/clock.ts'
import type { SrtpKey } from '../../../src/rtp/srtp/srtpKeys.ts'
import type {
  DtlsPeer,
  Fingerprint,
  Handshake,
  HandshakeEvents,
  Handshakes,
} from '../../../src/webrtc/dtls/handshakes.ts'

/** As DTLS names them: a handshake message and an alert (RFC 7983: the first octet is 20–63). */
const HANDSHAKE = 22
const ALERT = 21
const AGAIN = 1000

/** The fingerprint of the certificate that somebody of this name has. */
export function fingerprintOf(name: string): Fingerprint {
  const pairs = createHash('sha256').update(name).digest('hex').toUpperCase().match(/../g) ?? []
  return { algorithm: 'sha-256', value: pairs.join(':') }
}

/** A datagram of a client's first words. */
export function helloOf(name: string): Uint8Array {
  return Buffer.concat([Buffer.from([HANDSHAKE]), Buffer.from(`hello ${name}`)])
}

/** Handshakes that cost nothing, and what was done with them. */
export interface FakeHandshakes extends Handshakes {
  /** With whom they were begun: our role, and the peer's fingerprints. */
  readonly begun: DtlsPeer[]
  /** Makes all that are open say goodbye to their peers; they hear nothing of it. */
  sayGoodbye(): void
}

/**
 * What stands for DTLS in memory: the client says its name, the server its own, each looks whether that name's certificate is
 * the one expected, and the keys follow from both names. `hello`s are sent again each second until they are answered.
 */
export function fakeHandshakes(name: string, clock: Clock): FakeHandshakes {
  const open = new Set<FakeHandshake>()
  const begun: DtlsPeer[] = []
  return {
    begun,
    fingerprint: fingerprintOf(name),
    begin(peer, events) {
      const handshake = new FakeHandshake(name, peer, events, clock)
      begun.push(peer)
      open.add(handshake)
      return handshake
    },
    sayGoodbye() {
      for (const handshake of open) handshake.sayGoodbye()
    },
    close() {
      for (const handshake of open) handshake.close()
    },
  }
}

class FakeHandshake implements Handshake {
  readonly #name: string
  readonly #peer: DtlsPeer
  readonly #events: HandshakeEvents
  readonly #clock: Clock
  #timer: Timer | null = null
  #state: 'open' | 'done' | 'over' = 'open'

  constructor(name: string, peer: DtlsPeer, events: HandshakeEvents, clock: Clock) {
    this.#name = name
    this.#peer = peer
    this.#events = events
    this.#clock = clock
    // Nothing is said before `begin` has returned.
    if (peer.role === 'client') this.#timer = clock.after(0, () => this.#hello())
  }

  take(datagram: Uint8Array): void {
    if (this.#state === 'over') return
    if (datagram[0] === ALERT) return this.#end(() => this.#events.closed())
    const [word, name = ''] = Buffer.from(datagram.subarray(1)).toString().split(' ')
    if (word !== (this.#peer.role === 'client' ? 'welcome' : 'hello')) return
    const { algorithm, value } = fingerprintOf(name)
    const expected = this.#peer.fingerprints.some((each) => each.algorithm === algorithm && each.value === value)
    if (this.#peer.role === 'server') this.#say(`welcome ${this.#name}`)
    if (this.#state === 'done') return
    if (!expected) return this.#end(() => this.#events.failed('its certificate is not the one that its SDP names'))
    this.#state = 'done'
    this.#timer?.cancel()
    this.#events.done({ profile: 'AES_CM_128_HMAC_SHA1_80', ...this.#keys(name) })
  }

  close(): void {
    if (this.#state === 'done') this.sayGoodbye()
    this.#end(() => {})
  }

  sayGoodbye(): void {
    if (this.#state === 'done') this.#events.send(Uint8Array.of(ALERT))
  }

  #hello(): void {
    this.#say(`hello ${this.#name}`)
    this.#timer = this.#clock.after(AGAIN, () => this.#hello())
  }

  #say(words: string): void {
    this.#events.send(Buffer.concat([Buffer.from([HANDSHAKE]), Buffer.from(words)]))
  }

  #end(tell: () => void): void {
    this.#state = 'over'
    this.#timer?.cancel()
    tell()
  }

  #keys(theirs: string): { readonly local: SrtpKey; readonly remote: SrtpKey } {
    const [ours, their] = [keyOf(this.#name, theirs), keyOf(theirs, this.#name)]
    return { local: ours, remote: their }
  }
}

/** What `from` sends to `to` with. */
function keyOf(from: string, to: string): SrtpKey {
  const secret = createHash('sha256').update(`${from}>${to}`).digest()
  return { key: Uint8Array.from(secret.subarray(0, 16)), salt: Uint8Array.from(secret.subarray(16, 30)) }
}
