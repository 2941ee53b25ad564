import { codecNamed } from '../../src/codecs/codecs.ts'
import type { Digit } from '../../src/codecs/tones/dtmf.ts'
import { DIGITS } from '../../src/codecs/tones/dtmf.ts'
import { digitTone, ToneSource } from '../../src/codecs/tones/tones.ts'
import type { LegFormat } from '../../src/media/engine.ts'
import type { Seeded } from '../support/virtual/random.ts'

/** A codec that phones of the fuzz may have, its static payload type (RFC 3551 §6), and how often it is chosen. */
const CODECS: readonly (readonly [codec: string, type: number | null, weight: number])[] = [
  ['pcmu/8000/1', 0, 8],
  ['pcma/8000/1', 8, 6],
  ['g722/8000/1', 9, 4],
  ['opus/48000/2', null, 2],
  ['l16/8000/1', null, 1],
  ['l16/16000/1', null, 1],
  ['l16/48000/1', null, 1],
  // Of these we can make nothing: they pass as they are, or not at all.
  ['g729/8000/1', 18, 1],
  ['speex/16000/1', null, 1],
]
const FMTPS = ['useinbandfec=1', 'usedtx=1;cbr=1', 'maxplaybackrate=8000;maxaveragebitrate=1', '=;;=\u0000', null]
const FIRST_DYNAMIC = 96
const DYNAMIC = 32

/** What a phone and we have agreed on: one to three voice codecs, often events and comfort noise, numbered at random. */
export function someFormats(random: Seeded): LegFormat[] {
  const formats: LegFormat[] = []
  for (let count = 1 + random.integer(3); count > 0; count--) add(formats, random, ...weighted(random))
  if (random.integer(10) < 6) add(formats, random, 'telephone-event/8000/1', null)
  if (random.integer(10) < 2) add(formats, random, 'telephone-event/48000/1', null)
  if (random.integer(10) < 4) add(formats, random, 'cn/8000/1', 13)
  return formats
}

/** Payloads of packets of 20 ms as a phone would send them: of a codec we can make, a tone, a key's tone, and noise. */
export function payloadsOf(codec: string): readonly Uint8Array[] {
  const known = made.get(codec)
  if (known) return known
  const payloads = makePayloads(codec)
  made.set(codec, payloads)
  return payloads
}

const made = new Map<string, readonly Uint8Array[]>()

function weighted(random: Seeded): readonly [string, number | null] {
  let left = random.integer(CODECS.reduce((sum, [, , weight]) => sum + weight, 0))
  for (const [codec, type, weight] of CODECS) {
    if (left < weight) return [codec, type]
    left -= weight
  }
  return ['pcmu/8000/1', 0]
}

function add(formats: LegFormat[], random: Seeded, codec: string, fixed: number | null): void {
  if (formats.some((format) => format.codec === codec)) return
  const number = (taken: (type: number) => boolean): number => {
    if (fixed !== null && !taken(fixed)) return fixed
    let type = FIRST_DYNAMIC + random.integer(DYNAMIC)
    while (taken(type)) type = FIRST_DYNAMIC + random.integer(DYNAMIC)
    return type
  }
  const receive = number((type) => formats.some((format) => format.receive === type))
  const send = number((type) => formats.some((format) => format.send === type))
  formats.push({ codec, receive, send, fmtp: FMTPS[random.integer(FMTPS.length)] ?? null })
}

function makePayloads(codec: string): readonly Uint8Array[] {
  const found = codec.startsWith('cn/') ? null : codecNamed(codec)
  if (!found) return [new Uint8Array(20).map((_, at) => 37 * at)]
  const { sampleRate } = found.spec
  const keys: Digit[] = [DIGITS[1] ?? '1', DIGITS[11] ?? '#']
  const tones = [[{ hz: 440, level: -13 }], ...keys.map(digitTone)]
  return tones.flatMap((tone) => {
    const source = new ToneSource([{ tone, duration: 200 }], sampleRate)
    const [pcm, encoder] = [new Int16Array(sampleRate / 50), found.encoder()]
    return Array.from({ length: 5 }, () => {
      source.read(pcm)
      const octets = new Uint8Array(4000)
      return octets.slice(0, encoder.encode(pcm, octets))
    })
  })
}
