import { randomFillSync, randomInt } from 'node:crypto'

/** The only source of randomness in the project; a test injects a seeded one. */
export interface Random {
  /** `count` octets nobody can guess. */
  bytes(count: number): Uint8Array
  /** An integer in [0, below). */
  integer(below: number): number
}

/** Octets drawn from the system at a time: a draw costs 5 µs, however small. */
const RESERVE = 4096

const reserve = new Uint8Array(RESERVE)
let used = RESERVE

/** Cryptographically strong randomness from the operating system. */
export const systemRandom: Random = {
  bytes(count) {
    if (count > RESERVE) return randomFillSync(new Uint8Array(count))
    if (used + count > RESERVE) {
      randomFillSync(reserve)
      used = 0
    }
    const octets = reserve.slice(used, used + count)
    // Nothing that was given out stays where a later bug could read it.
    reserve.fill(0, used, used + count)
    used += count
    return octets
  },
  integer: (below) => randomInt(below),
}

/** A token of `count` random octets in hex: tags, branches, Call-IDs. */
export function hexToken(random: Random, count: number): string {
  const { buffer, byteOffset, length } = random.bytes(count)
  return Buffer.from(buffer, byteOffset, length).toString('hex')
}
