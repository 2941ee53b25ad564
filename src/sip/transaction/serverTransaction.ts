import { hexToken, type Random } from '../../platform/random.ts'
import { createResponse } from '../message/create.ts'
import { type HeaderLine, Headers } from '../message/headers.ts'
import type { SipRequest } from '../message/message.ts'
import type { StatelessTags } from '../message/statelessTag.ts'
import { writeMessage } from '../message/write.ts'
import type { Flow } from '../transport/flow.ts'
import { type Answering, type MachineSurroundings, ServerMachine } from './serverMachine.ts'

/** Who answers an INVITE; other methods have nothing to be told. */
export interface ServerUser {
  /** The caller took the INVITE back (RFC 3261 §9.2). Answer 487, unless a final answer is on its way. */
  cancelled(cancel: SipRequest): void
  /** The answer could not be sent, or nobody acknowledged a final one that was no 2xx. */
  failed(): void
}

/** What all server transactions of a layer act through. */
export interface ServerSurroundings extends MachineSurroundings {
  readonly random: Random
  readonly tags: StatelessTags
  /** The request is new: hand it to whoever answers it. */
  arrived(transaction: ServerTransaction): void
}

/** What an answer may carry beside what §8.2.6 copies from the request. */
export interface Answer {
  /** To's tag where it is not this transaction's own. A request that has one keeps it. */
  readonly toTag?: string
  readonly reason?: string
  readonly headers?: readonly HeaderLine[]
  readonly body?: Uint8Array
}

/** One request to us with all that is needed to answer it once, however often it comes. */
export class ServerTransaction implements Answering {
  readonly request: SipRequest
  readonly flow: Flow
  /** What is left of the transaction when the request has been answered. */
  readonly machine: ServerMachine
  readonly #surroundings: ServerSurroundings
  #user: ServerUser | null = null
  #localTag: string | null = null
  /** Our last answer. */
  #bytes: Uint8Array | null = null
  #status = 100

  constructor(key: string, request: SipRequest, flow: Flow, surroundings: ServerSurroundings) {
    this.request = request
    this.flow = flow
    this.#surroundings = surroundings
    this.machine = new ServerMachine(key, this, surroundings)
  }

  /** The To tag of our answers; the request's own within a dialog. */
  get localTag(): string {
    this.#localTag ??= this.request.to.tag ?? hexToken(this.#surroundings.random, 8)
    return this.#localTag
  }

  /** Whether a final response was given. */
  get answered(): boolean {
    return this.#status >= 200
  }

  /** Tells who wants to hear of CANCEL and failure. */
  attach(user: ServerUser): void {
    this.#user = user
  }

  /** Answers; the To tag is added to all but 100. After a final response there is nothing more to say. */
  respond(status: number, answer: Answer = {}): void {
    if (this.answered) return
    this.#bytes = this.#write(status, answer)
    this.#status = status
    this.machine.respond(status, this.#bytes)
  }

  /**
   * Answers and forgets the request, as a stateless server does (RFC 3261 §8.2.7): a repeat is a new request, an ACK is
   * nobody's. For whoever has proven nothing yet (§26.3.2.4): it shall neither fill our memory nor have us repeat
   * ourselves to somebody else.
   */
  respondStatelessly(status: number, answer: Answer = {}): void {
    if (this.answered) return
    this.#status = status
    this.#localTag ??= this.request.to.tag ?? this.#surroundings.tags.of(this.request)
    this.flow.send(this.#write(status, answer))
    this.machine.forget()
  }

  /**
   * Sends the last response once more: until the ACK comes that is the transaction user's duty for a 2xx (RFC 3261
   * §13.3.1.4), and until the PRACK comes for a reliable provisional one (RFC 3262 §3).
   */
  repeat(): void {
    if (this.#bytes) this.machine.respond(this.#status, this.#bytes)
  }

  arrive(): void {
    this.#surroundings.arrived(this)
  }

  cancel(cancel: SipRequest): void {
    if (!this.answered) this.#user?.cancelled(cancel)
  }

  failed(): void {
    this.#user?.failed()
  }

  /** The octets of a 100, which has no To tag (RFC 3261 §8.2.6.2). */
  trying(): Uint8Array {
    return writeMessage(createResponse(this.request, 100))
  }

  #write(status: number, { toTag, headers, reason, body }: Answer): Uint8Array {
    const tag = status === 100 ? undefined : (toTag ?? this.localTag)
    const parts = { reason, toTag: tag, headers: headers && Headers.of(headers), body }
    return writeMessage(createResponse(this.request, status, parts))
  }
}
