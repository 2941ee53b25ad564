/** The chaining value of SHA-1 before the first block (FIPS 180-4 §5.3.1). */
export function sha1Start(): Int32Array {
  return Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0)
}

const words = new Int32Array(80)

/**
 * Takes the 64 octets of `bytes` from `at` on into the chaining value `state` (FIPS 180-4 §6.1.2). Only additions, rotations
 * and bit operations: how long it takes does not depend on what is hashed.
 */
export function sha1Block(state: Int32Array, bytes: Uint8Array, at: number): void {
  spread(bytes, at)
  let a = word(state, 0)
  let b = word(state, 1)
  let c = word(state, 2)
  let d = word(state, 3)
  let e = word(state, 4)
  // Four loops: one loop that asks which round it is takes half as long again.
  for (let round = 0; round < 20; round++) {
    const next = (rotated(a, 5) + ((b & c) | (~b & d)) + 0x5a827999 + e + word(words, round)) | 0
    e = d
    d = c
    c = rotated(b, 30)
    b = a
    a = next
  }
  for (let round = 20; round < 40; round++) {
    const next = (rotated(a, 5) + (b ^ c ^ d) + 0x6ed9eba1 + e + word(words, round)) | 0
    e = d
    d = c
    c = rotated(b, 30)
    b = a
    a = next
  }
  for (let round = 40; round < 60; round++) {
    const next = (rotated(a, 5) + ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc + e + word(words, round)) | 0
    e = d
    d = c
    c = rotated(b, 30)
    b = a
    a = next
  }
  for (let round = 60; round < 80; round++) {
    const next = (rotated(a, 5) + (b ^ c ^ d) + 0xca62c1d6 + e + word(words, round)) | 0
    e = d
    d = c
    c = rotated(b, 30)
    b = a
    a = next
  }
  state[0] = word(state, 0) + a
  state[1] = word(state, 1) + b
  state[2] = word(state, 2) + c
  state[3] = word(state, 3) + d
  state[4] = word(state, 4) + e
}

function spread(bytes: Uint8Array, at: number): void {
  for (let round = 0; round < 16; round++) {
    const from = at + 4 * round
    words[round] =
      ((bytes[from] ?? 0) << 24) |
      ((bytes[from + 1] ?? 0) << 16) |
      ((bytes[from + 2] ?? 0) << 8) |
      (bytes[from + 3] ?? 0)
  }
  for (let round = 16; round < 80; round++) {
    const x = word(words, round - 3) ^ word(words, round - 8) ^ word(words, round - 14) ^ word(words, round - 16)
    words[round] = rotated(x, 1)
  }
}

function rotated(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by))
}

function word(from: Int32Array, at: number): number {
  return from[at] ?? 0
}
