import type { Clock } from '../../platform/clock.ts'
import type { LinkId } from '../engine.ts'
import type { MediaLeg } from '../mediaLeg.ts'
import type { Ticker } from '../ticker.ts'
import { FarLink } from './farLink.ts'
import { Link } from './link.ts'
import type { Wire } from './wire.ts'

/** The links of one thread. A leg is in one at a time: the last one holds. */
export class Links {
  readonly #pulse: { readonly ticker: Ticker; readonly clock: Clock }
  readonly #ends = new Map<LinkId, readonly MediaLeg[]>()

  constructor(pulse: { readonly ticker: Ticker; readonly clock: Clock }) {
    this.#pulse = pulse
  }

  /** The legs of a link that are here; null: there is no such link. */
  ends(id: LinkId): readonly MediaLeg[] | null {
    return this.#ends.get(id) ?? null
  }

  /** Two legs hear each other, or one itself. */
  join(id: LinkId, a: MediaLeg, b: MediaLeg): void {
    for (const leg of [a, b]) this.leave(leg)
    const joined = { id, link: new Link(a, b, this.#pulse.ticker) }
    this.#ends.set(id, [a, b])
    a.link = joined
    b.link = joined
  }

  /** Our half of a link to a leg of another thread, to which `wire` leads. */
  joinFar(id: LinkId, leg: MediaLeg, wire: Wire): void {
    this.leave(leg)
    const link: FarLink = new FarLink(leg, wire, this.#pulse, () => {
      if (leg.link?.link === link) this.part(id)
    })
    leg.link = { id, link }
    this.#ends.set(id, [leg])
  }

  part(id: LinkId): void {
    const ends = this.#ends.get(id) ?? []
    this.#ends.delete(id)
    ends[0]?.link?.link.close()
    for (const leg of ends) leg.link = null
  }

  /** Parts the link that the leg is in, if it is in one. */
  leave(leg: MediaLeg): void {
    if (leg.link !== null) this.part(leg.link.id)
  }
}
