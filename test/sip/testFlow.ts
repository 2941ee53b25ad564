import t from 'tap'
import type { Clock, Millis } from '../../src/platform/clock.ts'
import type { SipMessage, SipRequest, SipResponse } from '../../src/sip/message/message.ts'
import { parseMessage } from '../../src/sip/message/parse.ts'
import type { Flow } from '../../src/sip/transport/flow.ts'

/** What was sent over a flow, and when (clock time, ms). */
export interface Sent {
  readonly at: Millis
  readonly message: SipMessage
  readonly bytes: Uint8Array
}

/** A flow whose far end is the test: it keeps what is sent, and refuses it when told to. */
export class TestFlow implements Flow {
  readonly protocol: 'udp' | 'tcp'
  readonly reliable: boolean
  readonly local = { address: '10.0.0.1', port: 5060 }
  readonly advertised = this.local
  readonly remote: { address: string; port: number }
  readonly all: Sent[] = []
  open = true
  readonly roundTrip = null
  /** Whether a send fails. */
  refuses = false
  /** Who holds it open. */
  holds = 0
  keptUntil: Millis | null = null
  expected: Millis | null = null
  readonly #clock: Clock
  #seen = 0

  constructor(clock: Clock, protocol: 'udp' | 'tcp' = 'udp', remote = { address: '10.0.0.20', port: 5060 }) {
    this.#clock = clock
    this.protocol = protocol
    this.reliable = protocol === 'tcp'
    this.remote = remote
  }

  send(bytes: Uint8Array, failed?: (cause: Error) => void): void {
    if (this.refuses || !this.open) return failed?.(new Error('refused'))
    const message = parseMessage(bytes, 'datagram')
    if (message.kind === 'malformed' || message.kind === 'keepalive') throw new Error(`sent a ${message.kind} message`)
    this.all.push({ at: this.#clock.now(), message, bytes })
  }

  onClosed(): () => void {
    return () => {}
  }

  keepUntil(until: Millis): void {
    this.keptUntil = Math.max(until, this.keptUntil ?? 0)
  }

  expectEvery(span: Millis): void {
    this.expected = span
  }

  hold(): () => void {
    this.holds++
    let held = true
    return () => {
      if (held) this.holds--
      held = false
    }
  }

  /** What was sent since the last look. */
  take(): Sent[] {
    const sent = this.all.slice(this.#seen)
    this.#seen = this.all.length
    return sent
  }

  /** What was sent since the last look, as `INVITE` or `200 INVITE`. */
  told(): string[] {
    return this.take().map(({ message }) => nameOf(message))
  }

  /** The one request that was sent since the last look. */
  request(method: string): SipRequest {
    const [sent] = this.#only(method)
    if (sent?.kind !== 'request') throw new Error(`no ${method} was sent`)
    return sent
  }

  /** The one response that was sent since the last look. */
  response(status: number): SipResponse {
    const [sent] = this.#only(String(status))
    if (sent?.kind !== 'response') throw new Error(`no ${status} was sent`)
    return sent
  }

  #only(name: string): SipMessage[] {
    const sent = this.take().map(({ message }) => message)
    t.ok(sent.length === 1 && sent[0] && nameOf(sent[0]).startsWith(name), `${name} alone was sent`, {
      sent: sent.map(nameOf),
    })
    return sent
  }
}

/** `INVITE`, or `200 INVITE`. */
export function nameOf(message: SipMessage): string {
  return message.kind === 'request' ? message.method : `${message.status} ${message.cSeq.method}`
}
