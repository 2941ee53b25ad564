import type { CharSet } from './charSet.ts'
import { Beyond } from './cursor.ts'
import type { Expression } from './syntax.ts'

/**
 * All texts that an expression matches whole, as Glushkov's automaton: a position for each character of the expression (its
 * repetitions written out), and no steps without a character. Each position leads to an end.
 */
export interface Language {
  /** Whether the empty text is one of them. */
  readonly matchesEmpty: boolean
  /** The positions a text may begin with. */
  readonly first: readonly number[]
  /** By position: which characters stand there. Equal sets are one object. */
  readonly chars: readonly CharSet[]
  /** By position: those that may come next. */
  readonly follow: readonly (readonly number[])[]
  /** By position: whether a text may end with it. */
  readonly last: readonly boolean[]
}

/** Throws Beyond for an anchor inside, and for what would be very large. */
export function automatonOf(expression: Expression): Language {
  const build: Build = { chars: [], follow: [], edges: 0, steps: 0, sets: new Map() }
  return trimmed(build, part(build, expression, { start: true, end: true }))
}

/** 1,000 rules of this size are still checked in a moment. */
const MAX_POSITIONS = 4_000
const MAX_EDGES = 100_000
const MAX_STEPS = 20_000

interface Build {
  readonly chars: CharSet[]
  readonly follow: Set<number>[]
  readonly sets: Map<string, CharSet>
  edges: number
  steps: number
}

/** A part of the expression: where it begins and ends, and whether it may be empty. */
interface Fragment {
  readonly empty: boolean
  readonly first: readonly number[]
  readonly last: readonly number[]
}

/** Whether nothing comes before the part, and nothing behind it. */
interface Place {
  readonly start: boolean
  readonly end: boolean
}

const EMPTY: Fragment = { empty: true, first: [], last: [] }
const IMPOSSIBLE: Fragment = { empty: false, first: [], last: [] }
const INSIDE: Place = { start: false, end: false }

function part(build: Build, node: Expression, place: Place): Fragment {
  if (++build.steps > MAX_STEPS) throw new Beyond('so many repetitions')
  switch (node.kind) {
    case 'char':
      return character(build, node.set)
    case 'begin':
      if (!place.start) throw new Beyond('a ^ that is not at the beginning')
      return EMPTY
    case 'end':
      if (!place.end) throw new Beyond('a $ that is not at the end')
      return EMPTY
    case 'sequence':
      return sequence(build, node.parts, place)
    case 'either':
      return either(node.branches.map((branch) => part(build, branch, place)))
    case 'repeat':
      return repeat(build, node.of, node.min, node.max)
  }
}

function character(build: Build, set: CharSet): Fragment {
  if (set.length === 0) return IMPOSSIBLE
  const key = set.join()
  const known = build.sets.get(key) ?? set
  build.sets.set(key, known)
  const position = build.chars.push(known) - 1
  build.follow.push(new Set())
  if (position >= MAX_POSITIONS) throw new Beyond('so many repetitions')
  return { empty: false, first: [position], last: [position] }
}

function sequence(build: Build, parts: readonly Expression[], { start, end }: Place): Fragment {
  const firstWide = parts.findIndex((node) => !isEmptyWide(node))
  const lastWide = parts.findLastIndex((node) => !isEmptyWide(node))
  const fragments = parts.map((node, i) =>
    part(build, node, { start: start && (firstWide < 0 || i <= firstWide), end: end && i >= lastWide }),
  )
  return fragments.reduceRight((rest, fragment) => joined(build, fragment, rest), EMPTY)
}

/** It takes no character, whatever comes. */
function isEmptyWide(node: Expression): boolean {
  if (node.kind === 'char') return false
  if (node.kind === 'sequence') return node.parts.every(isEmptyWide)
  if (node.kind === 'either') return node.branches.every(isEmptyWide)
  return node.kind === 'repeat' ? isEmptyWide(node.of) : true
}

function joined(build: Build, a: Fragment, b: Fragment): Fragment {
  link(build, a.last, b.first)
  return {
    empty: a.empty && b.empty,
    first: a.empty ? [...a.first, ...b.first] : a.first,
    last: b.empty ? [...a.last, ...b.last] : b.last,
  }
}

function link(build: Build, from: readonly number[], to: readonly number[]): void {
  build.edges += from.length * to.length
  if (build.edges > MAX_EDGES) throw new Beyond('so many ways through it')
  for (const position of from) for (const next of to) build.follow[position]?.add(next)
}

function either(fragments: readonly Fragment[]): Fragment {
  return {
    empty: fragments.some(({ empty }) => empty),
    first: fragments.flatMap(({ first }) => first),
    last: fragments.flatMap(({ last }) => last),
  }
}

/** x{2,4} is xx(x(x)?)?, x{2,} is xx x* written as a last x that leads to itself. */
function repeat(build: Build, of: Expression, min: number, max: number | null): Fragment {
  const copies = Array.from({ length: max ?? Math.max(min, 1) }, () => part(build, of, INSIDE))
  const looping = max === null ? copies.at(-1) : undefined
  if (looping) link(build, looping.last, looping.first)
  let rest = EMPTY
  for (let i = copies.length - 1; i >= 0; i--) {
    const both = joined(build, copies[i] ?? EMPTY, rest)
    rest = i >= min ? { ...both, empty: true } : both
  }
  return rest
}

/** Without the positions from which no end is reached. */
function trimmed({ chars, follow }: Build, whole: Fragment): Language {
  const alive = leadingToEnd(follow, whole.last)
  const number = new Map([...alive].sort((a, b) => a - b).map((old, i) => [old, i]))
  const renumbered = (positions: Iterable<number>) =>
    [...new Set(positions)].flatMap((old) => number.get(old) ?? []).sort((a, b) => a - b)
  const kept = [...number.keys()]
  const last = new Set(whole.last)
  return {
    matchesEmpty: whole.empty,
    first: renumbered(whole.first),
    chars: kept.map((old) => chars[old] ?? []),
    follow: kept.map((old) => renumbered(follow[old] ?? [])),
    last: kept.map((old) => last.has(old)),
  }
}

function leadingToEnd(follow: readonly ReadonlySet<number>[], last: readonly number[]): ReadonlySet<number> {
  const before = follow.map((): number[] => [])
  for (const [position, nexts] of follow.entries()) for (const next of nexts) before[next]?.push(position)
  const alive = new Set(last)
  // The set grows while it is walked.
  for (const position of alive) for (const earlier of before[position] ?? []) alive.add(earlier)
  return alive
}
