import { randomBytes, randomInt } from 'node:crypto'

/** The only source of randomness in the project; a test injects a seeded one. */
export interface Random {
  /** `count` octets nobody can guess. */
  bytes(count: number): Uint8Array
  /** An integer in [0, below). */
  integer(below: number): number
}

/** Cryptographically strong randomness from the operating system. */
export const systemRandom: Random = {
  bytes: (count) => randomBytes(count),
  integer: (below) => randomInt(below),
}

/** A token of `count` random octets in hex: tags, branches, Call-IDs. */
export function hexToken(random: Random, count: number): string {
  return Buffer.from(random.bytes(count)).toString('hex')
}
