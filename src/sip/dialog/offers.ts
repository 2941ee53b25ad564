import type { Random } from '../../platform/random.ts'
import type { Answer } from '../transaction/serverTransaction.ts'

/** Who has made an offer that is not yet answered. */
export type Offerer = 'us' | 'peer'

/**
 * Whose turn it is to speak of the media in one dialog. At most one offer is open at a time, in either direction
 * (RFC 3264 §4), be it in an INVITE, an UPDATE, a PRACK or an answer to one.
 */
export class Offers {
  #open: Offerer | null

  constructor(open: Offerer | null) {
    this.#open = open
  }

  get open(): Offerer | null {
    return this.#open
  }

  made(by: Offerer): void {
    this.#open = by
  }

  /** The open offer was answered, refused or taken back. */
  settled(): void {
    this.#open = null
  }

  /** How an offer that comes now is refused: RFC 3261 §14.2, RFC 3311 §5.2. Null if it may be taken. */
  refusal(random: Random): { readonly status: number; readonly answer: Answer } | null {
    switch (this.#open) {
      case null:
        return null
      // Ours is on its way: neither yields.
      case 'us':
        return { status: 491, answer: {} }
      case 'peer':
        return { status: 500, answer: { headers: [['Retry-After', String(random.integer(11))]] } }
      default:
        return this.#open satisfies never
    }
  }
}

/** How long to wait before a request that met 491 is tried again, ms: RFC 3261 §14.1. */
export function glareDelay(random: Random, ownsCallId: boolean): number {
  return ownsCallId ? 2100 + 10 * random.integer(191) : 10 * random.integer(201)
}
