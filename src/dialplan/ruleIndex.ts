/** Rules by the literal text with which all that they match begins. */
export interface RuleIndex {
  /** The places of rules that may match one of the forms of what was dialled, ascending, each once: no other can. */
  candidates(dialled: string, e164: string | null): readonly number[]
}

/** Characters of the prefix that are looked at. */
const DEPTH = 16

/** `prefixes`: of each rule, in the order of rules. */
export function indexRules(prefixes: readonly string[]): RuleIndex {
  const places = new Map<string, number[]>()
  for (const [place, prefix] of prefixes.entries()) {
    const key = prefix.slice(0, DEPTH)
    const there = places.get(key)
    if (there) there.push(place)
    else places.set(key, [place])
  }
  const lengths = [...new Set([...places.keys()].map((key) => key.length))].sort((a, b) => a - b)
  return { candidates: (dialled, e164) => candidates(places, lengths, dialled, e164 ?? dialled) }
}

function candidates(
  places: ReadonlyMap<string, number[]>,
  lengths: readonly number[],
  dialled: string,
  e164: string,
): number[] {
  let found: number[] = []
  const add = (prefix: string, length: number): void => {
    const there = prefix.length === length ? places.get(prefix) : undefined
    if (there) found = found.length === 0 ? there : merged(found, there)
  }
  for (const length of lengths) {
    const prefix = dialled.slice(0, length)
    const other = e164.slice(0, length)
    add(prefix, length)
    // Each rule stands under one prefix, so that it is found twice only by the same.
    if (other !== prefix) add(other, length)
  }
  return found
}

/** Two ascending lists as one. */
function merged(a: readonly number[], b: readonly number[]): number[] {
  const all: number[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const [x = Number.POSITIVE_INFINITY, y = Number.POSITIVE_INFINITY] = [a[i], b[j]]
    if (x < y) i++
    else j++
    all.push(Math.min(x, y))
  }
  return all
}
