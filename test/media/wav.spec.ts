import fc from 'fast-check'
import t from 'tap'
import { decodeMono } from '../../src/media/sound/samples.ts'
import {
  octetsPerSample,
  parseWavHeader,
  readWavHeader,
  WAV_HEADER_OCTETS,
  wavHeader,
} from '../../src/media/sound/wav.ts'
import { VirtualFiles } from '../support/virtual/files.ts'
import { octetsOf, sine, wavOf } from './sounds.ts'

const letters = (text: string) => [...Buffer.from(text, 'latin1')]
const uint32 = (value: number) => [0, 8, 16, 24].map((shift) => (value / 2 ** shift) & 0xff)
const uint16 = (value: number) => [value & 0xff, value >> 8]

function chunk(name: string, body: readonly number[], claimed = body.length): number[] {
  return [...letters(name), ...uint32(claimed), ...body, ...(body.length % 2 ? [0] : [])]
}

function riff(chunks: readonly number[][], claimed?: number): Uint8Array {
  const body = [...letters('WAVE'), ...chunks.flat()]
  return Uint8Array.from([...letters('RIFF'), ...uint32(claimed ?? body.length), ...body])
}

interface Fmt {
  tag?: number
  channels?: number
  rate?: number
  bits?: number
}

function format({ tag = 1, channels = 1, rate = 8000, bits = 16 }: Fmt = {}, more: readonly number[] = []): number[] {
  const align = (bits / 8) * channels
  return chunk('fmt ', [
    ...uint16(tag),
    ...uint16(channels),
    ...uint32(rate),
    ...uint32(rate * align),
    ...uint16(align),
    ...uint16(bits),
    ...more,
  ])
}

const GUID = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71]
const extension = (tag: number, guid = GUID) => [...uint16(22), ...uint16(16), ...uint32(4), ...uint16(tag), ...guid]

const sound = chunk('data', [1, 2, 3, 4, 5, 6])
const mono8k = { kind: 'wav', encoding: 'PCM', channels: 1, sampleRate: 8000 }

/** Both readers must say the same. */
async function read(octets: Uint8Array) {
  const files = new VirtualFiles()
  files.put('a.wav', octets)
  const whole = parseWavHeader(octets)
  t.same(await readWavHeader(await files.open('a.wav')), whole)
  return whole
}

t.test('what we write we read', async (t) => {
  for (const sampleRate of [8000, 16_000, 24_000, 48_000]) {
    for (const channels of [1, 2] as const) {
      const octets = Buffer.concat([wavHeader(sampleRate, channels, 400), new Uint8Array(400)])
      const expected = { kind: 'wav', encoding: 'PCM', channels, sampleRate, dataAt: 44, length: 200 / channels }
      t.same(await read(octets), expected)
    }
  }
  t.equal(wavHeader(8000, 1, 0).length, WAV_HEADER_OCTETS)
})

t.test('the header is, octet for octet, what the specification says', async (t) => {
  t.same(
    [...wavHeader(48_000, 2, 8)],
    [...riff([format({ channels: 2, rate: 48_000 }), chunk('data', [])])].map(patched),
  )
})

/** The lengths of 8 octets of sound that are not there. */
function patched(octet: number, at: number): number {
  return at === 4 || at === 40 ? octet + 8 : octet
}

t.test('chunks come in any order, of any length, padded', async (t) => {
  const list = chunk('LIST', new Array(5).fill(7))
  const far = chunk('junk', new Array(9001).fill(7))
  const plain = { ...mono8k, length: 3 }
  t.same(await read(riff([format(), sound])), { ...plain, dataAt: 44 })
  t.same(await read(riff([list, format(), list, sound, list])), { ...plain, dataAt: 44 + 2 * 14 })
  t.same(await read(riff([sound, list, format()])), { ...plain, dataAt: 20 }, 'the format behind the sound')
  t.same(
    await read(riff([far, format(), far, sound])),
    { ...plain, dataAt: 44 + 2 * 9010 },
    'far behind the first read',
  )
  t.same(await read(riff([format({}, [0, 0]), sound, sound])), { ...plain, dataAt: 46 }, 'the first of each counts')
})

t.test('G.711 and WAVE_FORMAT_EXTENSIBLE', async (t) => {
  const six = { ...mono8k, dataAt: 44, length: 6 }
  t.same(await read(riff([format({ tag: 7, bits: 8 }), sound])), { ...six, encoding: 'PCMU' })
  t.same(await read(riff([format({ tag: 6, bits: 8 }), sound])), { ...six, encoding: 'PCMA' })
  t.same(await read(riff([format({ tag: 6, bits: 8, channels: 2 }), sound])), {
    ...six,
    encoding: 'PCMA',
    channels: 2,
    length: 3,
  })
  const extended = (tag: number, bits: number, guid?: number[]) =>
    read(riff([format({ tag: 0xfffe, bits }, extension(tag, guid)), sound]))
  t.same(await extended(1, 16), { ...mono8k, dataAt: 68, length: 3 })
  t.same(await extended(7, 8), { ...mono8k, encoding: 'PCMU', dataAt: 68, length: 6 })
  t.match(await extended(1, 16, [9, ...GUID.slice(1)]), { code: 'ENCODING' }, 'a sub-format of somebody else')
})

t.test('a length that lies, and a file that was cut off', async (t) => {
  const lying = (claimed: number) => read(riff([format(), chunk('data', [1, 2, 3, 4, 5, 6, 7], claimed)]))
  t.same(await lying(1000), { ...mono8k, dataAt: 44, length: 4 }, 'more than there is (its padding counts, then)')
  t.same(await lying(2), { ...mono8k, dataAt: 44, length: 1 }, 'less')
  t.same(await lying(0xffffffff), { ...mono8k, dataAt: 44, length: 4 }, 'unknown')
  const whole = wavOf(sine(440, 8000, 100), 8000)
  for (let octets = 0; octets <= whole.length; octets++) {
    const found = parseWavHeader(whole.subarray(0, octets))
    const sampleCount = Math.floor((octets - 44) / 2)
    if (octets < 44) t.equal(found.kind, 'refused', `${octets} octets`)
    else t.same(found, { ...mono8k, dataAt: 44, length: sampleCount })
  }
})

t.test('what a recorder that was killed left is all sound, an empty file is not', async (t) => {
  const killed = Buffer.concat([wavHeader(8000, 1, 0), octetsOf(sine(440, 8000, 50))])
  t.same(await read(killed), { ...mono8k, dataAt: 44, length: 50 })
  t.same(await read(riff([format(), chunk('data', []), chunk('LIST', [1, 2, 3, 4])])), {
    ...mono8k,
    dataAt: 44,
    length: 0,
  })
})

t.test('what cannot be played is refused, and said why', async (t) => {
  const refused = async (octets: Uint8Array, code: string, words: RegExp) =>
    t.match(await read(octets), { kind: 'refused', code, reason: words })
  await refused(new Uint8Array(0), 'NOT_WAV', /no WAV/)
  await refused(Uint8Array.from(letters('ID3 and then music')), 'NOT_WAV', /no WAV/)
  await refused(riff([sound]), 'NO_FORMAT', /nowhere/)
  await refused(riff([format()]), 'NO_DATA', /no sound/)
  await refused(riff([chunk('fmt ', [1, 0, 1, 0]), sound]), 'NO_FORMAT', /cut off/)
  await refused(riff([format({ rate: 44_100 }), sound]), 'RATE', /44100.*convert it to 8000/)
  await refused(riff([format({ channels: 6 }), sound]), 'CHANNELS', /6 channels/)
  await refused(riff([format({ channels: 0 }), sound]), 'CHANNELS', /0 channels/)
  await refused(riff([format({ bits: 24 }), sound]), 'ENCODING', /24 bits/)
  await refused(riff([format({ bits: 8 }), sound]), 'ENCODING', /8 bits/)
  await refused(riff([format({ tag: 3, bits: 32 }), sound]), 'ENCODING', /format 3/)
  await refused(riff([...new Array(200).fill(chunk('junk', [])), format(), sound]), 'NO_FORMAT', /nowhere/)
})

t.test('no octets lead it astray: what it finds lies in the file', async (t) => {
  const base = [...riff([chunk('LIST', [1, 2, 3]), format({ channels: 2 }, extension(1)), sound])]
  const changed = fc
    .array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { maxLength: 6 })
    .map((edits) => Uint8Array.from(edits.reduce((octets, [at, octet]) => octets.with(at, octet), base)))
  const anything = fc.uint8Array({ maxLength: 200 }).map((tail) => Uint8Array.from([...riff([]), ...tail]))
  fc.assert(
    fc.property(fc.oneof(changed, anything, fc.uint8Array()), (octets) => {
      const found = parseWavHeader(octets)
      if (found.kind === 'refused') return found.reason.length > 0
      return found.length >= 0 && found.dataAt + found.length * octetsPerSample(found) <= octets.length
    }),
    { numRuns: 3000, seed: 1 },
  )
  t.pass()
})

t.test('samples: little-endian, two channels to their mean, G.711 by its tables', async (t) => {
  const out = new Int16Array(4)
  const pcm = { encoding: 'PCM', channels: 1, sampleRate: 8000 } as const
  const extremes = Int16Array.of(-32_768, 32_767, -1, 256)
  t.equal(decodeMono(pcm, octetsOf(extremes), out), 4)
  t.same(out, extremes)
  t.equal(decodeMono({ ...pcm, channels: 2 }, octetsOf(extremes), out), 2)
  t.same(out.subarray(0, 2), [-1, 127])
  t.equal(decodeMono({ ...pcm, encoding: 'PCMU' }, Uint8Array.of(0xff, 0x80, 0x00), out), 3)
  t.same(out.subarray(0, 3), [0, 32_124, -32_124])
  t.equal(decodeMono({ ...pcm, encoding: 'PCMA', channels: 2 }, Uint8Array.of(0xd5, 0xaa, 0x2a), out), 1)
  t.equal(out[0], (8 + 32_256) / 2)
  t.equal(decodeMono(pcm, octetsOf(new Int16Array(9)), out), 4, 'what there is no room for is left out')
})
