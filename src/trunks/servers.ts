import type { Locator } from '../sip/locate/locator.ts'
import { type Place, type Target, targetKey } from '../sip/locate/target.ts'
import { parseHostPort } from '../sip/message/host.ts'
import type { Servers } from './provider.ts'
import type { TrunkSettings } from './trunk.ts'

/** Where a trunk's servers are to be found: its host, then its further servers. */
export function placesOf({
  host,
  port,
  servers,
  transport,
}: Pick<TrunkSettings, 'host' | 'port' | 'servers' | 'transport'>): readonly Place[] {
  return [{ host, port, protocol: transport }, ...servers.flatMap((text) => placeOf(text, transport))]
}

// What is no host was refused when it was written.
function placeOf(text: string, protocol: Place['protocol']): readonly Place[] {
  const read = parseHostPort(text, 0, text.length)
  return read === null ? [] : [{ host: read.host, port: read.port, protocol }]
}

/** The servers of one trunk, place after place, each place's own in the order of RFC 3263; those that failed come last. */
export class TrunkServers implements Servers {
  readonly #locator: Locator
  readonly #places: readonly Place[]
  readonly #unwatch: readonly (() => void)[]

  /** `changed`: they are others now. */
  constructor(locator: Locator, places: readonly Place[], changed: () => void) {
    this.#locator = locator
    this.#places = places
    this.#unwatch = places.map((place) => locator.watch(place, changed))
  }

  /** What is known now; empty: nothing yet. */
  get known(): readonly Target[] {
    return this.#inOrder(this.#places.flatMap((place) => this.#locator.targets(place)))
  }

  async resolve(): Promise<readonly Target[]> {
    const found = await Promise.all(this.#places.map((place) => this.#locator.resolve(place)))
    return this.#inOrder(found.flat())
  }

  failed(target: Target): void {
    this.#locator.failed(target)
  }

  /** Whether an address is one of theirs: to these alone go credentials. */
  has(address: string): boolean {
    return this.#places.some((place) => this.#locator.addresses(place).has(address))
  }

  /** Why none are known; null: some are, or nobody has been asked yet. */
  get trouble(): string | null {
    if (this.known.length > 0) return null
    const [place] = this.#places
    const trouble = place ? this.#locator.trouble(place) : null
    return trouble && place ? `${place.host}: ${trouble}` : null
  }

  close(): void {
    for (const unwatch of this.#unwatch) unwatch()
  }

  #inOrder(targets: readonly Target[]): readonly Target[] {
    const all = distinct(targets)
    const hasFailed = (target: Target): boolean => this.#locator.hasFailed(target)
    return [...all.filter((target) => !hasFailed(target)), ...all.filter(hasFailed)]
  }
}

function distinct(targets: readonly Target[]): readonly Target[] {
  return [...new Map(targets.map((target) => [targetKey(target), target])).values()]
}
