import type { Log } from '../../platform/log.ts'
import type { Endpoint } from '../../platform/network.ts'
import type { Random } from '../../platform/random.ts'
import { answerMalformed, receivedFrom } from '../message/create.ts'
import type { Malformed, SipMessage } from '../message/message.ts'
import { parseMessage } from '../message/parse.ts'
import { StatelessTags } from '../message/statelessTag.ts'
import { writeMessage } from '../message/write.ts'
import type { ConnectionFlow } from './connection.ts'
import { type Flow, isWebSocket } from './flow.ts'

/** What could not be used, since the start. */
export interface TransportCounters {
  /** Messages that could not be read. */
  malformed: number
  /** Datagrams and messages of sources that are not heard for now. */
  ignored: number
  /** Connections that were not let in. */
  refused: number
  /** Messages that ran into an error of ours. */
  failed: number
}

export interface IntakeOptions {
  readonly random: Random
  readonly log: Log
  /** Whether to hear this address at all. */
  readonly admits: (address: string) => boolean
  readonly receive: (message: SipMessage, flow: Flow) => void
}

/** What becomes of octets that make a message: it goes up, or back as a refusal, or nowhere. */
export class Intake {
  readonly #options: IntakeOptions
  readonly #counters: TransportCounters
  readonly #tags: StatelessTags

  constructor(options: IntakeOptions, counters: TransportCounters) {
    this.#options = options
    this.#counters = counters
    this.#tags = new StatelessTags(options.random)
  }

  /** One whole message of a connection. */
  take(bytes: Uint8Array, flow: ConnectionFlow): void {
    // It was let in, and has been caught since.
    if (!this.#options.admits(flow.remote.address)) {
      this.#counters.ignored++
      return flow.close()
    }
    // RFC 7118 §4.2: a WebSocket's message ends where it ends, with or without Content-Length.
    const message = parseMessage(bytes, isWebSocket(flow.protocol) ? 'datagram' : 'stream')
    if (message.kind === 'keepalive') return
    if (message.kind === 'malformed') this.refuse(message, flow, flow.remote)
    else this.deliver(message, flow, flow.remote)
  }

  /** Passes a message up. An error of ours in one must not end the calls of all others. */
  deliver(message: SipMessage, flow: Flow, source: Endpoint): void {
    try {
      this.#options.receive(message.kind === 'request' ? receivedFrom(message, source) : message, flow)
    } catch (error) {
      this.#counters.failed++
      const stack = error instanceof Error ? error.stack : String(error)
      this.#options.log.error({ from: source, stack }, 'a message could not be handled')
    }
  }

  /** Answers what could not be read, where it can be. */
  refuse(message: Malformed, flow: Flow, source: Endpoint): void {
    this.#counters.malformed++
    this.#options.log.debug({ from: source, reason: message.reason }, 'malformed message')
    const answer = answerMalformed(message, source, this.#tags.of(message))
    if (answer) flow.send(writeMessage(answer))
  }
}
