/** Characters that people take for one another. */
const lookAlikes = new Set([
  '0o',
  'o0',
  '1l',
  'l1',
  '1i',
  'i1',
  'il',
  'li',
  '5s',
  's5',
  '2z',
  'z2',
  '8b',
  'b8',
  '-_',
  '_-',
])

/** A candidate with how far it is from the word: 2 for each edit, 1 where one look-alike stands for another. */
export interface Near {
  readonly candidate: string
  readonly distance: number
}

/** What was probably meant by `word`: the nearest of `candidates`, null if none is near enough to suggest. */
export function closest(word: string, candidates: Iterable<string>): string | null {
  return nearest(word, candidates, null)?.candidate ?? null
}

/** As `closest`, going on from the nearest of earlier candidates, for lists that come in pages. */
export function nearest(word: string, candidates: Iterable<string>, earlier: Near | null): Near | null {
  let best = earlier
  for (const candidate of candidates) {
    const limit = best === null ? tolerance(word) : best.distance - 1
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), limit)
    if (distance <= limit) best = { candidate, distance }
  }
  return best
}

/** One edit for each three characters, at least one. */
function tolerance(word: string): number {
  return 2 * Math.max(1, Math.floor(word.length / 3))
}

/** Optimal string alignment distance; anything above `limit` where it is more than `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (2 * Math.abs(a.length - b.length) > limit) return limit + 1
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, column) => 2 * column)
  for (let row = 1; row <= a.length; row++) {
    const line = [2 * row]
    for (let column = 1; column <= b.length; column++) line.push(cell(a, b, row, column, line, above, before))
    if (Math.min(...line) > limit) return limit + 1
    before = above
    above = line
  }
  return above[b.length] ?? limit + 1
}

function cell(a: string, b: string, row: number, column: number, line: number[], above: number[], before: number[]) {
  const [x, y] = [a.charAt(row - 1), b.charAt(column - 1)]
  const replaced = (above[column - 1] ?? 0) + (x === y ? 0 : lookAlikes.has(x + y) ? 1 : 2)
  const best = Math.min(replaced, (above[column] ?? 0) + 2, (line[column - 1] ?? 0) + 2)
  const swapped = row > 1 && column > 1 && x === b.charAt(column - 2) && y === a.charAt(row - 2)
  return swapped ? Math.min(best, (before[column - 2] ?? 0) + 2) : best
}
