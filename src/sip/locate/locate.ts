import { isIP, plainAddress } from '../../platform/address.ts'
import type { Millis } from '../../platform/clock.ts'
import type { Answer, Names, ServiceRecord } from '../../platform/names.ts'
import { hostToAsk } from './hostToAsk.ts'
import { onlyServer, type Server } from './order.ts'
import { pointersFor } from './pointers.ts'
import { defaultPort, type Place, type TargetProtocol } from './target.ts'

/** What was found. */
export interface Located {
  readonly servers: readonly Server[]
  /** How long it holds, ms, the shortest of all answers; null: no name server said. */
  readonly ttl: Millis | null
  /** Whether every question was answered: else some servers may be missing. */
  readonly complete: boolean
}

/** More records of one name are left out: nobody needs them, and each costs a question. */
const MOST_RECORDS = 32

const SERVICE_NAMES: Readonly<Record<TargetProtocol, string>> = {
  udp: '_sip._udp',
  tcp: '_sip._tcp',
  tls: '_sips._tcp',
}

/**
 * RFC 3263 §4: the servers of a place. NAPTR where neither transport nor port is given, SRV where no port is, addresses
 * at last. Never rejects: what no name server answers is left out, and the result not complete.
 */
export async function locate(place: Place, names: Names): Promise<Located> {
  const known = withoutAsking(place)
  if (known) return known
  const search = new Search(names)
  const servers = await search.servers({ ...place, host: hostToAsk(place.host) ?? '' })
  return { servers, ttl: search.ttl, complete: search.complete }
}

/** What needs no name server: an address, or a name that no server could know; null: anything else. */
export function withoutAsking({ host, port, protocol }: Place): Located | null {
  const asked = hostToAsk(host)
  if (asked === null) return { servers: [], ttl: null, complete: true }
  if (!isIP(asked)) return null
  return { servers: [onlyServer(protocol ?? 'udp', port, [asked])], ttl: null, complete: true }
}

/** One search, and what its answers have in common. */
class Search {
  readonly #names: Names
  ttl: Millis | null = null
  complete = true

  constructor(names: Names) {
    this.#names = names
  }

  async servers({ host, port, protocol }: Place): Promise<readonly Server[]> {
    if (port !== null) return this.#itself(host, port, protocol)
    if (protocol !== null) return (await this.#byService(host, protocol)) ?? this.#itself(host, null, protocol)
    return (await this.#byPointers(host)) ?? (await this.#byAnyService(host)) ?? this.#itself(host, null, null)
  }

  async #itself(host: string, port: number | null, protocol: TargetProtocol | null): Promise<readonly Server[]> {
    return [onlyServer(protocol ?? 'udp', port, await this.#addresses(host))]
  }

  // §4.1; null: there are none that we could follow.
  async #byPointers(host: string): Promise<readonly Server[] | null> {
    const pointers = pointersFor((await this.#ask(() => this.#names.pointers(host))) ?? [])
    const found = await Promise.all(
      pointers.map(async ({ protocol, replacement, toService }, rank) => {
        if (!toService) return [onlyServer(protocol, null, await this.#addresses(replacement), rank)]
        return (await this.#records(replacement, protocol, rank)) ?? []
      }),
    )
    return found.some((servers) => servers.length > 0) ? found.flat() : null
  }

  // §4.1, without NAPTR: the first transport that has SRV records, in the order in which we like them.
  async #byAnyService(host: string): Promise<readonly Server[] | null> {
    const protocols = ['udp', 'tcp', 'tls'] as const
    const found = await Promise.all(protocols.map((protocol) => this.#byService(host, protocol)))
    return found.find((servers) => servers?.some(isThere)) ?? found.find((servers) => servers) ?? null
  }

  #byService(host: string, protocol: TargetProtocol): Promise<readonly Server[] | null> {
    return this.#records(`${SERVICE_NAMES[protocol]}.${host}`, protocol, 0)
  }

  // §4.2; null: the name has no SRV records. None at all: it says that there is no such service (RFC 2782, `.`).
  async #records(name: string, protocol: TargetProtocol, rank: number): Promise<readonly Server[] | null> {
    const records = await this.#ask(() => this.#names.services(name))
    if (records === null || records.length === 0) return null
    const lowestFirst = [...records].sort((a, b) => a.priority - b.priority).slice(0, MOST_RECORDS)
    return Promise.all(lowestFirst.map((record) => this.#server(record, protocol, rank)))
  }

  async #server({ target, port, priority, weight }: ServiceRecord, protocol: TargetProtocol, rank: number) {
    const addresses = await this.#addresses(target)
    return { protocol, port: port === 0 ? defaultPort(protocol) : port, rank, priority, weight, addresses }
  }

  async #addresses(name: string): Promise<readonly string[]> {
    const host = hostToAsk(name)
    if (host === null) return []
    if (isIP(host)) return [host]
    const found = (await this.#ask(() => this.#names.addresses(host))) ?? []
    return found.filter(isIP).map(plainAddress).slice(0, MOST_RECORDS)
  }

  async #ask<T>(question: () => Promise<Answer<T>>): Promise<readonly T[] | null> {
    try {
      const { records, ttl } = await question()
      if (ttl !== null) this.ttl = Math.min(ttl, this.ttl ?? ttl)
      return records
    } catch {
      this.complete = false
      return null
    }
  }
}

function isThere({ addresses }: Server): boolean {
  return addresses.length > 0
}
