import { kinds } from './kinds.ts'
import { type KindName, kindNames, type PhoneNetwork } from './network.ts'

/** Who needs a thing (`user:101`, `schedule:office`), in words, as in `group sales`; what goes along with it does not count. */
export function usersOf(network: PhoneNetwork, thing: string): string[] {
  return kindNames.flatMap((name) => usesIn(network, name, thing))
}

/** The network without what belongs to a thing that goes: a user's forwards and limits, a trunk's limits. */
export function without(network: PhoneNetwork, thing: string): PhoneNetwork {
  return {
    ...network,
    forwards: network.forwards.filter((entry) => kinds.forwards.belongsTo?.(entry) !== thing),
    limits: network.limits.filter((entry) => kinds.limits.belongsTo?.(entry) !== thing),
  }
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
