import type { Seeded } from '../support/virtual/random.ts'

const MOST_PACKETS = 5

/** Writes a compound packet of RTCP to `out`, often with lengths, counts and types that lie; gives its octets. */
export function someRtcp(out: Buffer, random: Seeded, about: number): number {
  let at = 0
  for (let packets = 1 + random.integer(MOST_PACKETS); packets > 0; packets--) at = packet(out, at, random, about)
  if (random.integer(20) === 0) at += random.integer(5)
  // Thousands of the smallest there are.
  if (random.integer(500) === 0) while (at + 4 < 60_000) at = header(out, at, 0, 203, 0)
  return random.integer(20) === 0 ? random.integer(at + 1) : at
}

function packet(out: Buffer, at: number, random: Seeded, about: number): number {
  const type = random.integer(30) === 0 ? random.integer(256) : 200 + random.integer(8)
  const blocks = random.integer(3)
  const words = type === 200 ? 6 + 6 * blocks : type === 201 ? 1 + 6 * blocks : random.integer(8)
  const count = random.integer(10) === 0 ? random.integer(32) : blocks
  const said = random.integer(30) === 0 ? random.integer(2 ** 16) : words
  const start = header(out, at, count, type, said)
  for (let octet = start; octet < start + 4 * words; octet++) out[octet] = random.integer(256)
  // Half of the blocks are about us.
  const first = start + (type === 200 ? 24 : 4)
  for (let block = 0; block < blocks; block++) if (random.integer(2) === 0) out.writeUInt32BE(about, first + 24 * block)
  if (random.integer(40) === 0) out[at] = random.integer(256)
  return start + 4 * words
}

function header(out: Buffer, at: number, count: number, type: number, words: number): number {
  out[at] = 0x80 | count
  out[at + 1] = type
  return out.writeUInt16BE(words, at + 2)
}
