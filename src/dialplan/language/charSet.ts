/** A set of code points, as sorted ranges that neither overlap nor touch: from, to, from, to; both ends belong to it. */
export type CharSet = readonly number[]

const LAST = 0x10ffff
export const EVERYTHING: CharSet = [0, LAST]

/** Of pairs from, to in any order, which may overlap. */
export function charSet(pairs: readonly (readonly [number, number])[]): CharSet {
  const sorted = pairs.filter(([from, to]) => from <= to).sort((a, b) => a[0] - b[0])
  const set: number[] = []
  for (const [from, to] of sorted) {
    const end = set.at(-1)
    if (end !== undefined && from <= end + 1) set[set.length - 1] = Math.max(end, to)
    else set.push(from, to)
  }
  return set
}

export function single(codePoint: number): CharSet {
  return [codePoint, codePoint]
}

/** The characters of a text. */
export function anyOf(text: string): CharSet {
  return charSet([...text].map((c) => [c.codePointAt(0) ?? 0, c.codePointAt(0) ?? 0]))
}

export function union(...sets: readonly CharSet[]): CharSet {
  return charSet(sets.flatMap(pairs))
}

export function negate(set: CharSet): CharSet {
  if (set.length === 0) return EVERYTHING
  const gaps: [number, number][] = []
  let next = 0
  for (const [from, to] of pairs(set)) {
    gaps.push([next, from - 1])
    next = to + 1
  }
  return charSet([...gaps, [next, LAST]])
}

export function intersect(a: CharSet, b: CharSet): CharSet {
  const both: number[] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    const from = Math.max(a[i] ?? 0, b[j] ?? 0)
    const to = Math.min(a[i + 1] ?? 0, b[j + 1] ?? 0)
    if (from <= to) both.push(from, to)
    if ((a[i + 1] ?? 0) < (b[j + 1] ?? 0)) i += 2
    else j += 2
  }
  return both
}

export function has(set: CharSet, codePoint: number): boolean {
  for (let i = 0; i < set.length; i += 2) {
    if (codePoint < (set[i] ?? 0)) return false
    if (codePoint <= (set[i + 1] ?? -1)) return true
  }
  return false
}

/** Unicode's case folding joins two characters beyond ASCII to letters of ASCII: ſ (long s) and the Kelvin sign. */
const FOLDS_BEYOND = [
  [0x73, 0x17f],
  [0x6b, 0x212a],
] as const

/** The set with the other case of its letters as well; null: it names some letters beyond ASCII but not all, whose cases we don't know. */
export function fold(set: CharSet): CharSet | null {
  const outside = intersect(set, [0x80, LAST])
  if (outside.length > 0 && negate(outside).join() !== '0,127') return null
  const lower = intersect(set, [0x61, 0x7a]).map((c) => c - 32)
  const upper = intersect(set, [0x41, 0x5a]).map((c) => c + 32)
  const both = union(set, lower, upper)
  const beyond = FOLDS_BEYOND.filter(([letter]) => has(both, letter)).map(([, other]) => single(other))
  const back = outside.length > 0 ? anyOf('sSkK') : []
  return union(both, ...beyond, back)
}

function pairs(set: CharSet): (readonly [number, number])[] {
  const all: (readonly [number, number])[] = []
  for (let i = 0; i < set.length; i += 2) all.push([set[i] ?? 0, set[i + 1] ?? -1])
  return all
}
