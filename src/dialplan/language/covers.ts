import type { Language } from './automaton.ts'
import { type CharSet, EVERYTHING, has } from './charSet.ts'

export type Verdict = 'yes' | 'no' | 'unknown'

/** States of the two automata together, positions looked at, and positions in all, until we give up: some 50 ms. */
const MAX_STATES = 10_000
const MAX_WORK = 1_000_000
const MAX_POSITIONS = 0xffff

/** Whether every text of `b` is in `a` as well. */
export function includes(a: Language, b: Language): Verdict {
  return covers([a], b)
}

/**
 * Whether every text of `later` is in one of `earlier` at least. Walks `later` as it is, and `earlier` with the set of all positions
 * that the same text leads to: the subset construction, as far as it is needed.
 */
export function covers(earlier: readonly Language[], later: Language): Verdict {
  if (later.matchesEmpty && !earlier.some(({ matchesEmpty }) => matchesEmpty)) return 'no'
  const all = merged(earlier)
  if (all.chars.length > MAX_POSITIONS) return 'unknown'
  const walk: Walk = {
    ...{ all, later, letters: lettersOf(all, later) },
    ...{ known: new Map(), seen: new Set(), open: [], work: 0, stamps: new Uint32Array(all.chars.length), stamp: 0 },
  }
  const start = stateOf(walk, Uint16Array.from(all.first))
  for (const position of later.first) if (!enter(walk, position, start)) return 'no'
  // The list grows while it is walked.
  for (const { position, state } of walk.open) {
    if (walk.seen.size > MAX_STATES || walk.work > MAX_WORK) return 'unknown'
    for (const next of later.follow[position] ?? []) if (!enter(walk, next, state)) return 'no'
  }
  return 'yes'
}

interface Walk {
  readonly all: Language
  readonly later: Language
  readonly letters: Letters
  readonly known: Map<string, State>
  readonly seen: Set<number>
  readonly open: { readonly position: number; readonly state: State }[]
  work: number
  /** By position of `all`: the last step that made it ready. */
  readonly stamps: Uint32Array
  stamp: number
}

/** What `earlier` is ready for. */
interface State {
  readonly id: number
  /** The positions that may come next. */
  readonly ready: Uint16Array
  /** By letter. */
  readonly after: Map<number, { readonly state: State; readonly ended: boolean }>
}

/** One character of `later` at `position`. False: there a text leaves or ends that `earlier` does not have. */
function enter(walk: Walk, position: number, from: State): boolean {
  for (const letter of walk.letters.of(walk.later.chars[position] ?? [])) {
    const { state, ended } = step(walk, from, letter)
    // Every position of `later` leads to an end.
    if (!ended && (state.ready.length === 0 || walk.later.last[position])) return false
    const key = state.id * walk.later.chars.length + position
    if (!walk.seen.has(key)) walk.open.push({ position, state })
    walk.seen.add(key)
  }
  return true
}

function step(walk: Walk, from: State, letter: number) {
  const known = from.after.get(letter)
  if (known) return known
  const ready: number[] = []
  const stamp = ++walk.stamp
  let ended = false
  for (const position of from.ready) {
    if (!walk.letters.of(walk.all.chars[position] ?? []).has(letter)) continue
    ended ||= walk.all.last[position] ?? false
    for (const next of walk.all.follow[position] ?? []) {
      if (walk.stamps[next] !== stamp) ready.push(next)
      walk.stamps[next] = stamp
    }
  }
  walk.work += from.ready.length + ready.length
  const after = { state: stateOf(walk, Uint16Array.from(ready)), ended }
  from.after.set(letter, after)
  return after
}

function stateOf({ known }: Walk, ready: Uint16Array): State {
  const key = ready.sort().join()
  const state = known.get(key) ?? { id: known.size, ready, after: new Map() }
  known.set(key, state)
  return state
}

/** The union of languages. */
function merged(languages: readonly Language[]): Language {
  const starts = languages.map(() => 0)
  for (let i = 1; i < languages.length; i++) starts[i] = (starts[i - 1] ?? 0) + (languages[i - 1]?.chars.length ?? 0)
  const moved = (positions: readonly number[], i: number) => positions.map((position) => position + (starts[i] ?? 0))
  return {
    matchesEmpty: languages.some(({ matchesEmpty }) => matchesEmpty),
    first: languages.flatMap(({ first }, i) => moved(first, i)),
    chars: languages.flatMap(({ chars }) => chars),
    follow: languages.flatMap(({ follow }, i) => follow.map((nexts) => moved(nexts, i))),
    last: languages.flatMap(({ last }) => last),
  }
}

/** The alphabet cut into letters: characters that no set tells apart are one. */
interface Letters {
  of(set: CharSet): ReadonlySet<number>
}

function lettersOf(...languages: readonly Language[]): Letters {
  // Equal sets of one language are one object, which spares most of the joining.
  const objects = new Set(languages.flatMap(({ chars }) => chars))
  const sets = new Map([...objects].map((set) => [set.join(), set]))
  const cuts = new Set(
    [...sets.values(), EVERYTHING].flatMap((set) => set.map((edge, i) => (i % 2 === 0 ? edge : edge + 1))),
  )
  const samples = representatives([...sets.values()], [...cuts])
  const known = new Map<CharSet, ReadonlySet<number>>()
  return {
    of(set) {
      const letters = known.get(set) ?? new Set(samples.filter((codePoint) => has(set, codePoint)))
      known.set(set, letters)
      return letters
    },
  }
}

/** One character for each way in which the sets have or don't have it. */
function representatives(sets: readonly CharSet[], cuts: readonly number[]): readonly number[] {
  const byMembership = new Map(cuts.map((cut) => [sets.map((set) => (has(set, cut) ? '1' : '0')).join(''), cut]))
  return [...byMembership.values()]
}
