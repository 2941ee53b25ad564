import type { Random } from '../../../src/platform/random.ts'

/** Chance that a test has chosen. */
export interface Seeded extends Random {
  /** From [0, 1). */
  fraction(): number
}

/** Randomness that repeats for a seed (mulberry32): a failing run can be run again. */
export function seededRandom(seed: number): Seeded {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  return {
    bytes: (count) => Uint8Array.from({ length: count }, () => next() & 0xff),
    integer: (below) => next() % below,
    fraction: () => next() / 2 ** 32,
  }
}

/** The seed that a name stands for (FNV-1a). */
export function seedOf(name: string): number {
  let hash = 0x811c9dc5
  for (const octet of Buffer.from(name)) hash = Math.imul(hash ^ octet, 0x01000193)
  return hash >>> 0
}
