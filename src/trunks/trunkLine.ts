import type { Line, LineInvite } from '../bridge/bridge.ts'
import type { Proof } from '../sip/dialog/proof.ts'
import type { Target } from '../sip/locate/target.ts'
import { parseNameAddr } from '../sip/message/fields.ts'
import type { Flow } from '../sip/transport/flow.ts'
import type { Identity } from './identity.ts'

/** What a trunk's lines need of it. */
export interface LineParts {
  /** As in `trunk:twilio`. */
  readonly user: string
  readonly identity: Identity
  /** The user part of our Contact. */
  readonly contactUser: string | null
  readonly sessionTimer: boolean
  /** What the registration has every call go by (RFC 3608), topmost first. */
  readonly route: readonly string[]
  readonly proof: Proof | null
  connect(target: Target): Promise<Flow>
  /** Whether the host of a server says that nobody listens there. */
  hasVanished(target: Target, flow: Flow): Promise<boolean>
  /** A server took a call, or refused it for what concerns the call alone; or it is out of order. */
  outcome(target: Target, reached: boolean): void
}

/** One server of a trunk, asked to take one call. */
export class TrunkLine implements Line {
  readonly kind = 'line'
  readonly userAgent = null
  /** Found out when it is asked. */
  readonly flow = null
  readonly next: TrunkLine | null
  readonly #target: Target
  readonly #parts: LineParts
  #flow: Flow | null = null

  /** The first of `targets`, with the others behind it; null: there is none. */
  static over(targets: readonly Target[], parts: LineParts): TrunkLine | null {
    return targets.reduceRight<TrunkLine | null>((next, target) => new TrunkLine(target, parts, next), null)
  }

  private constructor(target: Target, parts: LineParts, next: TrunkLine | null) {
    this.#target = target
    this.#parts = parts
    this.next = next
  }

  get user(): string {
    return this.#parts.user
  }

  async connect(): Promise<Flow> {
    try {
      this.#flow = await this.#parts.connect(this.#target)
      return this.#flow
    } catch (error) {
      this.#parts.outcome(this.#target, false)
      throw error
    }
  }

  async hasVanished(): Promise<boolean> {
    return this.#flow !== null && this.#parts.hasVanished(this.#target, this.#flow)
  }

  invite(): LineInvite {
    const { identity, contactUser, sessionTimer, proof } = this.#parts
    const { from, to, requestUri, headers } = identity
    const route = this.#parts.route.flatMap((value) => parseNameAddr(value) ?? [])
    return { uri: requestUri, route, from, to, contactUser, headers, sessionTimer, proof }
  }

  outcome(reached: boolean): void {
    this.#parts.outcome(this.#target, reached)
  }
}
