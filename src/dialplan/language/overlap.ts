import type { Language } from './automaton.ts'
import { type CharSet, EVERYTHING, intersect } from './charSet.ts'
import { typical } from './typical.ts'

/** A text that is in both languages; `none`: there is no such text; `unknown`: it would take too long to say. */
export type Overlap = { readonly text: string } | 'none' | 'unknown'

/** Steps from pair to pair of positions until we give up: some 50 ms. */
const MAX_STEPS = 120_000

/** A shortest text that is in both, with digits where there is a choice. */
export function overlap(a: Language, b: Language): Overlap {
  if (a.matchesEmpty && b.matchesEmpty) return { text: '' }
  const seen = new Set<number>()
  let work = 0
  // Layer by layer: all pairs of positions that texts of one length lead to.
  for (let layer: readonly Reached[] = [START]; layer.length > 0; ) {
    const next = longer(a, b, layer, seen)
    work += next.work
    const done = plainest(next.reached.filter(({ p, q }) => a.last[p] && b.last[q]))
    if (done) return { text: textOf(done) }
    if (work > MAX_STEPS) return 'unknown'
    layer = next.reached
  }
  return 'none'
}

const ANYTHING: Language = { matchesEmpty: true, first: [0], chars: [EVERYTHING], follow: [[0]], last: [true] }

/** A shortest text of the language, with digits where there is a choice; null: it has none. */
export function example(language: Language): string | null {
  const found = overlap(language, ANYTHING)
  return typeof found === 'string' ? null : found.text
}

/** A pair of positions, and the plainest text that leads there. */
interface Reached {
  readonly p: number
  readonly q: number
  readonly codePoint: number
  /** Of all characters so far. */
  readonly oddness: number
  readonly before: Reached | null
}

const START: Reached = { p: -1, q: -1, codePoint: 0, oddness: 0, before: null }

function longer(a: Language, b: Language, layer: readonly Reached[], seen: Set<number>) {
  const found = new Map<number, Reached>()
  const common = commonChars()
  let work = 0
  for (const before of layer) {
    for (const p of nexts(a, before.p)) {
      if (work > MAX_STEPS) return { reached: [], work }
      for (const q of nexts(b, before.q)) {
        work++
        const key = p * b.chars.length + q
        const char = seen.has(key) ? null : common(a.chars[p], b.chars[q])
        if (char)
          keepPlainer(found, key, { p, q, codePoint: char.codePoint, oddness: before.oddness + char.oddness, before })
      }
    }
  }
  for (const key of found.keys()) seen.add(key)
  return { reached: [...found.values()], work }
}

function nexts(language: Language, position: number): readonly number[] {
  return (position < 0 ? language.first : language.follow[position]) ?? []
}

function keepPlainer(found: Map<number, Reached>, key: number, reached: Reached): void {
  if (reached.oddness < (found.get(key)?.oddness ?? Number.POSITIVE_INFINITY)) found.set(key, reached)
}

/** The typical character of two sets, found once for each two. */
function commonChars(): (a: CharSet | undefined, b: CharSet | undefined) => ReturnType<typeof typical> {
  const known = new Map<CharSet, Map<CharSet, ReturnType<typeof typical>>>()
  return (a = [], b = []) => {
    const ofA = known.get(a) ?? new Map<CharSet, ReturnType<typeof typical>>()
    known.set(a, ofA)
    const found = ofA.get(b)
    if (found !== undefined) return found
    const char = typical(intersect(a, b))
    ofA.set(b, char)
    return char
  }
}

function plainest(ends: readonly Reached[]): Reached | null {
  return ends.reduce<Reached | null>((best, end) => (best && best.oddness <= end.oddness ? best : end), null)
}

function textOf(end: Reached): string {
  const codePoints: number[] = []
  for (let at = end; at.before; at = at.before) codePoints.unshift(at.codePoint)
  return String.fromCodePoint(...codePoints)
}
