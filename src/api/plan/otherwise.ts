import type { Otherwise } from '../../dialplan/plan.ts'
import { destination, orNull } from './fields.ts'
import { destinationOf, neededBy, type ReadNumber } from './kind.ts'

/** The fields of `Otherwise`. */
export const otherwiseFields = {
  busy: orNull(destination),
  noAnswer: orNull(destination),
  offline: orNull(destination),
  unavailable: orNull(destination),
}

export const NOWHERE: Otherwise = { busy: null, noAnswer: null, offline: null, unavailable: null }

export function settledOtherwise(entry: Otherwise, number: ReadNumber): Otherwise {
  const settle = (to: string | null) => (to === null ? null : destinationOf(to, number))
  const { busy, noAnswer, offline, unavailable } = entry
  return {
    busy: settle(busy),
    noAnswer: settle(noAnswer),
    offline: settle(offline),
    unavailable: settle(unavailable),
  }
}

export function neededOtherwise({ busy, noAnswer, offline, unavailable }: Otherwise): string[] {
  return neededBy(busy, noAnswer, offline, unavailable)
}
