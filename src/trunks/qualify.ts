import type { Millis, Timer } from '../platform/clock.ts'
import type { Endpoint } from '../platform/network.ts'
import type { Flow } from '../sip/transport/flow.ts'
import { newThread, optionsRequest, type Thread, type TrunkIdentity } from './outsideRequest.ts'
import { type Link, type Servers, type Target, targetText } from './provider.ts'
import { seenFrom } from './seenFrom.ts'
import { printable, statusText, unreachable } from './words.ts'

/** A first failure may be one lost packet too many. */
const AGAIN_AFTER: Millis = 5_000
/** Who does not answer in this time is not up, though RFC 3261 would wait for 32 s. */
const ANSWER_WITHIN: Millis = 5_000
/** How much each interval differs, of its whole: many trunks don't ask all at once. */
const JITTER = 0.1

export interface QualifyParts {
  readonly settings: TrunkIdentity
  /** Seconds between two OPTIONS. */
  readonly every: number
  readonly link: Link
  readonly servers: Servers
  /** It is up or down now, and was not before. */
  readonly changed: (state: 'up' | 'down') => void
  /** As Registration's: OPTIONS go out more often than REGISTERs, and so tell sooner. */
  readonly seenAs?: (from: Endpoint, flow: Flow) => void
}

/**
 * Asks a provider by OPTIONS whether it is there (RFC 3261 §11). Any answer but 503 and 408 says yes, be it a refusal; one
 * failure is asked again after 5 s, and the second is down. What proves that it is there makes the next question late.
 */
export class Qualify {
  readonly #parts: QualifyParts
  readonly #thread: Thread
  #state: 'up' | 'down' | 'unknown' = 'unknown'
  #problem: string | null = null
  #roundTrip: Millis | null = null
  #server: Target | null = null
  #failures = 0
  #answered = false
  #timer: Timer | null = null
  /** Which question is on its way: what comes of an older one is dropped. */
  #question = 0
  #closed = false

  constructor(parts: QualifyParts) {
    this.#parts = parts
    this.#thread = newThread(parts.link.random)
  }

  get state(): 'up' | 'down' | 'unknown' {
    return this.#state
  }

  /** Whether it has ever answered: some providers never do. */
  get answers(): boolean {
    return this.#answered
  }

  /** Why it is down, or is about to be; null: it is well. */
  get problem(): string | null {
    return this.#problem
  }

  /** Of the last OPTIONS, ms; null: it got no answer, or none was sent. */
  get roundTrip(): Millis | null {
    return this.#roundTrip
  }

  /** Who answered last, or did not. */
  get server(): Target | null {
    return this.#server
  }

  /** Asks now, and from then on again and again. */
  start(): void {
    if (!this.#closed) this.#ask()
  }

  /** It has just registered us or carried a call: it is up, and need not be asked for a while. */
  proved(): void {
    if (!this.#closed) this.#isUp()
  }

  close(): void {
    this.#closed = true
    this.#question++
    this.#timer?.cancel()
  }

  #ask(): void {
    const question = ++this.#question
    const isOpen = (): boolean => question === this.#question
    this.#after(ANSWER_WITHIN, () => {
      if (isOpen()) this.#failed(`${this.#where()} does not answer`)
    })
    this.#send(isOpen).catch((error: unknown) => {
      if (isOpen()) this.#failed(this.#server ? unreachable(this.#server, error) : this.#unresolved(error))
    })
  }

  async #send(isOpen: () => boolean): Promise<void> {
    const { link, servers, settings } = this.#parts
    const found = await servers.resolve().catch((error: unknown) => {
      if (isOpen()) this.#server = null
      throw error
    })
    if (!isOpen()) return
    const first = found[0] ?? null
    this.#server = first
    if (!first) throw new Error('it has no address')
    const flow = await link.connect(first)
    if (isOpen()) this.#options(flow, settings, isOpen)
  }

  #options(flow: Flow, settings: TrunkIdentity, isOpen: () => boolean): void {
    const { link } = this.#parts
    const sent = link.clock.now()
    link.request(optionsRequest(settings, flow, this.#thread), flow, {
      response: (response) => {
        if (!isOpen() || response.status < 200) return
        if (response.status === 503 || response.status === 408) {
          return this.#failed(`${this.#where()} is out of order: it answers ${statusText(response)}`)
        }
        this.#roundTrip = link.clock.now() - sent
        this.#answered = true
        const from = seenFrom(response, flow)
        if (from) this.#parts.seenAs?.(from, flow)
        this.#isUp()
      },
      failed: (failure) => {
        if (!isOpen()) return
        const where = this.#where()
        this.#failed(failure === 'timeout' ? `${where} does not answer` : `nothing can be sent to ${where}`)
      },
    })
  }

  #isUp(): void {
    const { random } = this.#parts.link
    this.#failures = 0
    this.#problem = null
    this.#question++
    const every = this.#parts.every * 1000
    const spread = every * JITTER
    this.#after(every - spread + random.integer(Math.max(1, Math.round(2 * spread))), () => this.#ask())
    this.#become('up')
  }

  #failed(problem: string): void {
    this.#question++
    this.#failures++
    this.#problem = problem
    this.#roundTrip = null
    if (this.#server) this.#parts.servers.failed(this.#server)
    this.#after(this.#failures === 1 ? AGAIN_AFTER : this.#pause(), () => this.#ask())
    if (this.#failures > 1) this.#become('down')
  }

  // What is down is asked as often as what is up, so that its return is seen; but no more than each 5 s.
  #pause(): Millis {
    const every = this.#parts.every * 1000
    return Math.max(AGAIN_AFTER, every - this.#parts.link.random.integer(Math.max(1, Math.round(every * JITTER))))
  }

  #become(state: 'up' | 'down'): void {
    if (state === this.#state) return
    this.#state = state
    this.#parts.changed(state)
  }

  #after(delay: Millis, run: () => void): void {
    this.#timer?.cancel()
    this.#timer = this.#parts.link.clock.after(delay, run)
  }

  #where(): string {
    return this.#server ? targetText(this.#server) : this.#parts.settings.host
  }

  #unresolved(error: unknown): string {
    const why = error instanceof Error ? printable(error.message) : 'it failed'
    return `the name ${this.#parts.settings.host} does not resolve: ${why}`
  }
}
