import { type CharSet, intersect, single } from './charSet.ts'

/** What one dials, most usual first. */
const USUAL: readonly CharSet[] = [
  [0x30, 0x39],
  single(0x2b),
  single(0x2a),
  single(0x23),
  [0x61, 0x7a],
  [0x41, 0x5a],
  [0x21, 0x7e],
]

/** The character of the set that one would dial first, as a code point, and how odd it is in a number: 0 for digits; null: the set is empty. */
export function typical(set: CharSet): { readonly codePoint: number; readonly oddness: number } | null {
  for (const [oddness, usual] of USUAL.entries()) {
    const [codePoint] = intersect(set, usual)
    if (codePoint !== undefined) return { codePoint, oddness }
  }
  const [codePoint] = set
  return codePoint === undefined ? null : { codePoint, oddness: USUAL.length }
}
