import alawmulaw from 'alawmulaw'
import t from 'tap'
import type { Codec } from '../../src/codecs/codec.ts'
import { pcma, pcmu } from '../../src/codecs/g711.ts'
import { codecContract } from '../contracts/codec.ts'

const { alaw, mulaw } = alawmulaw

codecContract(pcmu, { snr: 35 })
codecContract(pcma, { snr: 35 })

const everySample = Int16Array.from({ length: 0x10000 }, (_, at) => at - 0x8000)
const everyOctet = Uint8Array.from({ length: 256 }, (_, octet) => octet)

function encoded(codec: Codec, pcm: Int16Array): Uint8Array {
  const out = new Uint8Array(pcm.length)
  codec.encoder().encode(pcm, out)
  return out
}

function decoded(codec: Codec, octets: Uint8Array): Int16Array {
  const out = new Int16Array(octets.length)
  codec.decoder().decode(octets, out)
  return out
}

t.test('every octet is decoded as alawmulaw does', async (t) => {
  t.same(decoded(pcmu, everyOctet), mulaw.decode(everyOctet))
  t.same(decoded(pcma, everyOctet), alaw.decode(everyOctet))
})

t.test('every sample is encoded to µ-law as alawmulaw does', async (t) => {
  t.same(encoded(pcmu, everySample), mulaw.encode(everySample))
})

t.test('every sample is encoded to A-law as alawmulaw does, but for the 127 where that is wrong', async (t) => {
  const [ours, theirs] = [encoded(pcma, everySample), alaw.encode(everySample)]
  const differing = [...everySample].filter((_, at) => ours[at] !== theirs[at])
  t.equal(differing.length, 127)
  // The first of each step below zero: its magnitude is that of its one's complement (G.191), there of its two's.
  for (const sample of differing) {
    t.ok(sample < 0 && sample % 16 === 0, String(sample))
    t.equal(theirs[sample + 0x8000], ours[sample + 0x8000 - 1], String(sample))
  }
})

t.test('what was decoded is encoded to the same octet', async (t) => {
  t.same(encoded(pcma, decoded(pcma, everyOctet)), everyOctet)
  // µ-law has two zeros.
  const again = encoded(pcmu, decoded(pcmu, everyOctet))
  t.same(
    [...everyOctet].filter((octet) => again[octet] !== octet),
    [0x7f],
  )
})

t.test('G.711 tables 1 and 2: values at both ends and in between', async (t) => {
  const of = (codec: Codec, samples: readonly number[]) => [...encoded(codec, Int16Array.from(samples))]
  t.same(of(pcmu, [0, -1, -4, 32_767, -32_768]), [0xff, 0x7f, 0x7e, 0x80, 0x00])
  t.same(of(pcma, [0, -1, 32_767, -32_768]), [0xd5, 0x55, 0xaa, 0x2a])
  t.same([...decoded(pcmu, Uint8Array.of(0xff, 0x80, 0x00))], [0, 32_124, -32_124])
  t.same([...decoded(pcma, Uint8Array.of(0xd5, 0xaa, 0x2a))], [8, 32_256, -32_256])
})
