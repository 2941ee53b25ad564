import type { SrtpKeys } from '../../rtp/srtp/srtpKeys.ts'
import { alertName, endsConnection, readAlert } from './alert.ts'
import type { DtlsPeer } from './handshakes.ts'
import { type Fragment, MESSAGE, type Message, readFragments } from './message.ts'
import { HandshakeProof } from './proof.ts'
import { Reassembly } from './reassembly.ts'
import { ALERT, HANDSHAKE, type Record, readRecords, writeRecord } from './record.ts'
import { type SocketOptions, type Werift, WeriftSocket } from './weriftSocket.ts'

/** How often a flight is sent again because the peer sent its own again. */
const MAX_REPEATS = 8
/** Records that cannot be opened, until no more are tried. */
const MAX_FORGERIES = 100

export interface AttemptEvents {
  send(datagram: Uint8Array): void
  done(keys: SrtpKeys): void
  failed(reason: string): void
  closed(): void
}

/**
 * One handshake from its first message on. All that the peer says is put together, put in order and proved here before
 * werift sees it. Once all is proved it sees nothing any more.
 */
export class Attempt {
  readonly #role: DtlsPeer['role']
  readonly #events: AttemptEvents
  readonly #proof: HandshakeProof
  readonly #heard = new Reassembly()
  readonly #said = new Reassembly()
  readonly #socket: WeriftSocket
  /** A Finished that came before what it is about. */
  #early: Record | null = null
  /** What we sent since the peer last went on. */
  #flight: Uint8Array[] = []
  #repeats = 0
  #forgeries = 0
  #hello: Message | null = null
  /** The next record sequence number of ours in each epoch. */
  readonly #next: [number, number] = [0, 0]

  constructor(werift: Werift, peer: DtlsPeer, options: SocketOptions, events: AttemptEvents) {
    this.#role = options.role
    this.#events = events
    this.#proof = new HandshakeProof(peer)
    this.#socket = new WeriftSocket(werift, options, {
      send: (datagram) => this.#send(datagram),
      connected: () => this.#connected(),
      failed: (cause) => events.failed(`the DTLS handshake could not go on: ${describe(cause)}`),
    })
  }

  /** Whether a record has another first message than the one that this handshake began with. */
  isAnother({ epoch, type, fragment }: Record): boolean {
    if (!this.#hello || this.#proof.isComplete || epoch !== 0 || type !== HANDSHAKE) return false
    const [first] = readFragments(fragment) ?? []
    const isHello = first?.type === MESSAGE.clientHello && first.sequence === 0
    return isHello && first.body.length === first.length && !first.body.equals(this.#hello.body)
  }

  take(record: Record): void {
    if (this.#proof.isComplete) return this.#takeAfterwards(record)
    const { epoch, type, fragment } = record
    if (epoch === 1 && type === HANDSHAKE) return this.#takeFinished(record)
    if (epoch !== 0) return
    if (type === HANDSHAKE) for (const each of readFragments(fragment) ?? []) this.#takeFragment(each)
    const alert = type === ALERT ? readAlert(fragment) : null
    if (alert && endsConnection(alert)) {
      this.#events.failed(`the peer ended the DTLS handshake: ${alertName(alert.description)}`)
    }
  }

  /** An alert, encrypted as soon as we encrypt. */
  alert(level: number, description: number): Uint8Array {
    const plain = Buffer.from([level, description])
    const [clear, sealed] = this.#next
    this.#next[sealed > 0 ? 1 : 0]++
    return sealed > 0 ? this.#socket.seal(ALERT, sealed, plain) : writeRecord(ALERT, 0, clear, plain)
  }

  /** Nothing is sent or told from here on. */
  stop(): void {
    this.#socket.stop()
  }

  #takeFragment(fragment: Fragment): void {
    const { sequence, offset, length, body } = fragment
    const isEnd = offset + body.length === length
    // RFC 6347 §4.2.4: who sends its flight again has not got ours.
    if (sequence === this.#heard.next - 1 && isEnd) return this.#repeat()
    this.#heard.take(fragment)
    for (let message = this.#heard.shift(); message; message = this.#heard.shift()) {
      if (!this.#takeMessage(message)) return
    }
    const early = this.#early
    this.#early = null
    if (early) this.#takeFinished(early)
  }

  #takeMessage(message: Message): boolean {
    if (this.#role === 'server') this.#hello ??= message
    const reason = this.#proof.heard(message)
    if (reason !== null) {
      this.#events.failed(reason)
      return false
    }
    this.#flight = []
    this.#socket.deliver(writeRecord(HANDSHAKE, 0, message.sequence, message.octets))
    return true
  }

  #takeFinished(record: Record): void {
    const { masterSecret } = this.#socket
    if (!this.#proof.awaitsFinished || !masterSecret) {
      // Of its own memory: the datagram may be anything by then.
      this.#early = readRecords(Uint8Array.from(record.octets))[0] ?? null
      return
    }
    const [finished, ...more] = readFragments(this.#open(record) ?? Buffer.alloc(0)) ?? []
    if (finished?.type !== MESSAGE.finished || finished.body.length !== finished.length || more.length > 0) return
    const reason = this.#proof.finished(finished.body, masterSecret)
    if (reason !== null) return this.#events.failed(reason)
    this.#flight = []
    this.#socket.deliver(record.octets)
  }

  /** The connection stands, or is about to: all that can come is its end, and a Finished whose answer was lost. */
  #takeAfterwards(record: Record): void {
    if (record.epoch !== 1) return
    if (record.type === HANDSHAKE && this.#role === 'server') this.#repeat()
    const alert = record.type === ALERT ? readAlert(this.#open(record) ?? Buffer.alloc(0)) : null
    if (alert && endsConnection(alert)) this.#events.closed()
  }

  #open(record: Record): Buffer | null {
    if (this.#forgeries >= MAX_FORGERIES) return null
    const plain = this.#socket.open(record)
    if (!plain) this.#forgeries++
    return plain
  }

  #connected(): void {
    const { keys } = this.#socket
    if (!this.#proof.isComplete || !keys)
      return this.#events.failed('the DTLS handshake ended before it proved anything')
    this.#events.done(keys)
  }

  #repeat(): void {
    if (this.#repeats++ >= MAX_REPEATS) return
    for (const datagram of this.#flight) this.#events.send(datagram)
  }

  #send(datagram: Uint8Array): void {
    for (const { epoch, type, sequence, fragment } of readRecords(datagram)) {
      const side = epoch === 0 ? 0 : 1
      this.#next[side] = Math.max(this.#next[side], sequence + 1)
      if (epoch === 0 && type === HANDSHAKE) for (const each of readFragments(fragment) ?? []) this.#said.take(each)
    }
    for (let message = this.#said.shift(); message; message = this.#said.shift()) this.#proof.said(message)
    // werift sends the same again when no answer comes.
    if (!this.#flight.includes(datagram)) this.#flight.push(datagram)
    this.#events.send(datagram)
  }
}

function describe(cause: unknown): string {
  return cause instanceof Error && cause.message !== '' ? cause.message : 'its messages cannot be used'
}
