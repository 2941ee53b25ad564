import { kinds } from './kinds.ts'
import { type KindName, kindNames, type PhoneNetwork } from './network.ts'

/** Who needs a thing (`user:101`, `schedule:office`), in words, as in `group sales`; what goes along with it does not count. */
export function usersOf(network: PhoneNetwork, thing: string): string[] {
  return kindNames.flatMap((name) => usesIn(network, name, thing))
}

/** The network without what belongs to things that go: a user's forwards and limits, a trunk's limits. */
export function without(network: PhoneNetwork, ...things: readonly string[]): PhoneNetwork {
  const gone = new Set(things)
  const forwards = network.forwards.filter((entry) => !gone.has(kinds.forwards.belongsTo?.(entry) ?? ''))
  const limits = network.limits.filter((entry) => !gone.has(kinds.limits.belongsTo?.(entry) ?? ''))
  const same = forwards.length === network.forwards.length && limits.length === network.limits.length
  return same ? network : { ...network, forwards, limits }
}

/** In a sentence: `group sales, route out and 7 more`. */
export function inWords(uses: readonly string[]): string {
  const shown = uses.slice(0, 3).join(', ')
  return uses.length > 3 ? `${shown} and ${uses.length - 3} more` : shown
}

function usesIn<K extends KindName>(network: PhoneNetwork, name: K, thing: string): string[] {
  const kind = kinds[name]
  return network[name]
    .filter((entry) => kind.needs(entry).includes(thing) && kind.belongsTo?.(entry) !== thing)
    .map((entry) => `${kind.word} ${kind.key(entry)}`)
}
