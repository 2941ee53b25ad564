import { readFileSync } from 'node:fs'
import t from 'tap'
import { g722 } from '../../src/codecs/g722/g722.ts'
import { codecContract } from '../contracts/codec.ts'
import { hostile, signal } from './g722Signal.ts'

/** What the filters of both sides delay, samples. */
const DELAY = 22

codecContract(g722, { snr: 45, delay: DELAY })

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/codecs/${name}`, import.meta.url))
}

function samplesOf(file: Buffer): Int16Array {
  return Int16Array.from({ length: file.length / 2 }, (_, i) => file.readInt16LE(2 * i))
}

/** Encodes `pcm` in calls of `size` samples. */
function encoded(pcm: Int16Array, size: number): Uint8Array {
  const encoder = g722.encoder()
  const out = new Uint8Array(pcm.length / 2)
  let written = 0
  for (let at = 0; at < pcm.length; at += size) {
    written += encoder.encode(pcm.subarray(at, at + size), out.subarray(written))
  }
  return out.subarray(0, written)
}

/** Decodes `octets` in packets of `size`. */
function decoded(octets: Uint8Array, size: number): Int16Array {
  const decoder = g722.decoder()
  const out = new Int16Array(2 * octets.length)
  let written = 0
  for (let at = 0; at < octets.length; at += size) {
    written += decoder.decode(octets.subarray(at, at + size), out.subarray(written))
  }
  return out.subarray(0, written)
}

/** Where the two begin to differ; null: nowhere. */
function difference(ours: ArrayLike<number>, theirs: ArrayLike<number>): number | null {
  const length = Math.max(ours.length, theirs.length)
  for (let i = 0; i < length; i++) if (ours[i] !== theirs[i]) return i
  return null
}

t.test('it encodes as FFmpeg does, however the sound is cut', async (t) => {
  const golden = fixture('signal.g722')
  t.equal(difference(encoded(signal(), 320), golden), null)
  t.equal(difference(encoded(signal(), 2), golden), null)
})

t.test('it decodes as FFmpeg does, however the octets are cut', async (t) => {
  const golden = samplesOf(fixture('signal.s16'))
  t.equal(difference(decoded(fixture('signal.g722'), 160), golden), null)
  t.equal(difference(decoded(fixture('signal.g722'), 1), golden), null)
})

t.test('it decodes octets that no encoder sends as FFmpeg does', async (t) => {
  t.equal(difference(decoded(hostile(), 160), samplesOf(fixture('hostile.s16'))), null)
})

t.test('a sample without a second is ignored', async (t) => {
  const pcm = signal()
  const [encoder, out] = [g722.encoder(), new Uint8Array(8).fill(0xee)]
  t.equal(encoder.encode(pcm.subarray(0, 1), out), 0)
  t.equal(encoder.encode(pcm.subarray(0, 7), out), 3)
  t.same([...out.subarray(0, 3)], [...fixture('signal.g722').subarray(0, 3)])
  t.ok(out.subarray(3).every((octet) => octet === 0xee))
  t.equal(encoder.encode(pcm.subarray(6, 8), out), 1)
  t.equal(out[0], fixture('signal.g722')[3], 'the next call goes on behind the last pair')
})

t.test('octets that there was no room for are heard by the predictors', async (t) => {
  const [octets, golden] = [fixture('signal.g722'), samplesOf(fixture('signal.s16'))]
  const decoder = g722.decoder()
  const [small, rest] = [new Int16Array(33), new Int16Array(320)]
  t.equal(decoder.decode(octets.subarray(0, 160), small), 33)
  t.equal(difference(small, golden.subarray(0, 33)), null)
  t.equal(decoder.decode(octets.subarray(160, 320), rest), 320)
  t.equal(difference(rest, golden.subarray(320, 640)), null)
})
