import type { Stat } from './webPhone.ts'

/** The two ends of the way that a peer connection's packets take. */
export interface Path {
  readonly local: Stat | undefined
  readonly remote: Stat | undefined
}

/** The way of the last peer connection in `stats`. */
export function pathOf(stats: readonly Stat[]): Path {
  const named = (id: unknown) => stats.findLast((stat) => stat.id === id)
  const transport = stats.findLast(({ type }) => type === 'transport')
  const pair = named(transport?.selectedCandidatePairId)
  return { local: named(pair?.localCandidateId), remote: named(pair?.remoteCandidateId) }
}
