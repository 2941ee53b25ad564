/**
 * The destinations with their trunks in an order of chance, by weight; what is no trunk keeps its place. A trunk of weight 0 comes
 * after all others. `draw`: from 0 up to 1; the same draw gives the same order.
 */
export function inOrderOfChance(to: readonly string[], weights: readonly number[], draw: number): readonly string[] {
  const pool = to.map((text, place) => ({ text, weight: weights[place] ?? 0 })).filter(({ text }) => isTrunk(text))
  let rest = Math.min(Math.max(draw, 0), 1 - Number.EPSILON)
  return to.map((text) => {
    if (!isTrunk(text)) return text
    const taken = take(pool, rest)
    rest = taken.rest
    return taken.text
  })
}

interface Weighed {
  readonly text: string
  readonly weight: number
}

/** Takes one out of the pool; where in its share the draw fell is as much by chance, and draws the next. */
function take(pool: Weighed[], draw: number): { text: string; rest: number } {
  const total = pool.reduce((sum, { weight }) => sum + weight, 0)
  let point = draw * total
  for (const [place, { text, weight }] of pool.entries()) {
    if (point < weight || (total === 0 && place === 0)) {
      pool.splice(place, 1)
      return { text, rest: total === 0 ? draw : Math.min(point / weight, 1 - Number.EPSILON) }
    }
    point -= weight
  }
  // Rounding only.
  return { text: pool.pop()?.text ?? '', rest: draw }
}

function isTrunk(text: string): boolean {
  return text.startsWith('trunk:')
}
