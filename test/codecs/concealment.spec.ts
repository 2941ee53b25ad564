import t from 'tap'
import type { Codec, ConcealingDecoder } from '../../src/codecs/codec.ts'
import { pcma, pcmu } from '../../src/codecs/g711.ts'
import { g722 } from '../../src/codecs/g722/g722.ts'
import { l16 } from '../../src/codecs/l16.ts'
import { readWav } from '../support/audio.ts'
import { type Filling, heard, lossPattern } from '../support/loss.ts'
import { spectralDistance } from '../support/spectralDistance.ts'
import { seededRandom } from '../support/virtual/random.ts'

const codecs = [pcmu, pcma, g722, l16(8000), l16(48_000)]
const voice = readWav(new URL('../fixtures/speech/voice.wav', import.meta.url).pathname).samples

const tone = (hz: number, rate: number, seconds: number) =>
  Int16Array.from({ length: rate * seconds }, (_, i) => 8000 * Math.sin((2 * Math.PI * hz * i) / rate))

const loudness = (sound: Int16Array) => Math.sqrt(sound.reduce((sum, sample) => sum + sample ** 2, 0) / sound.length)

/** The sharpest bend of `sound`: the largest second difference. */
const bend = (sound: Int16Array) =>
  sound.reduce((most, sample, i) => {
    if (i < 2) return most
    return Math.max(most, Math.abs(sample - 2 * (sound[i - 1] ?? 0) + (sound[i - 2] ?? 0)))
  }, 0)

/** A decoder that has heard `sound`. */
function after(codec: Codec, sound: Int16Array): ConcealingDecoder {
  const [encoder, decoder] = [codec.encoder(), codec.decoder()]
  const frame = codec.spec.sampleRate / 50
  const payload = new Uint8Array(2 * frame)
  for (let at = 0; at < sound.length; at += frame) {
    const octets = encoder.encode(sound.subarray(at, at + frame), payload)
    decoder.decode(payload.subarray(0, octets), new Int16Array(frame))
  }
  return decoder
}

function concealed(decoder: ConcealingDecoder, samples: number): Int16Array {
  const out = new Int16Array(samples).fill(0x1eee)
  decoder.conceal(out)
  return out
}

t.test(
  'speech with losses is nearer to what was said than with silence, or the last packet, in their place',
  async (t) => {
    // Share lost, in bursts of; how many seeds, so that packets of all kinds of sound are lost.
    const rows = [
      [0.01, 1.05, 12],
      [0.05, 1.5, 8],
      [0.1, 1.5, 5],
      [0.1, 3, 5],
      [0.2, 3, 3],
    ] as const
    const clean = heard(pcmu, voice, [], 'concealed')
    for (const [loss, burst, seeds] of rows) {
      const patterns = Array.from({ length: seeds }, (_, seed) =>
        lossPattern(voice.length / 160, loss, burst, seededRandom(seed)),
      )
      const distance = (filling: Filling) =>
        patterns.reduce((sum, lost) => sum + spectralDistance(clean, heard(pcmu, voice, lost, filling), 8000), 0) /
        seeds
      const [ours, repeat, silence] = [distance('concealed'), distance('repeat'), distance('silence')]
      const figures = `${ours.toFixed(3)} dB, repeating ${repeat.toFixed(3)}, silence ${silence.toFixed(3)}`
      t.ok(ours < 0.92 * repeat && ours < 0.95 * silence, `${100 * loss} % in bursts of ${burst}: ${figures}`)
    }
  },
)

t.test('a voice in the middle of a vowel goes on with its period', async (t) => {
  // 125 Hz with the harmonics of a mouth that stands still.
  const vowel = Int16Array.from({ length: 3200 }, (_, i) =>
    [1, 2, 3, 4, 5, 6, 8, 10].reduce(
      (sum, n) => sum + (2500 / n) * Math.cos((2 * Math.PI * 125 * n * i) / 8000 + n),
      0,
    ),
  )
  const filled = concealed(after(pcmu, vowel.subarray(0, 1600)), 160)
  const difference = filled.map((sample, i) => sample - (vowel[1600 + i] ?? 0))
  t.ok(
    loudness(difference) < 0.4 * loudness(vowel),
    `${(loudness(difference) / loudness(vowel)).toFixed(2)} of it is wrong`,
  )
})

t.test('a tone stays a tone, as loud, for 20 to 40 ms', async (t) => {
  for (const codec of codecs) {
    const rate = codec.spec.sampleRate
    const sound = tone(400, rate, 0.2)
    const filled = concealed(after(codec, sound), rate / 25)
    for (const [from, to] of [
      [0, 0.02],
      [0.02, 0.04],
    ] as const) {
      const part = filled.subarray(from * rate, to * rate)
      const [real, imaginary] = [0, 0.25].map((turn) =>
        part.reduce((sum, sample, i) => sum + sample * Math.cos(2 * Math.PI * ((400 * i) / rate + turn)), 0),
      )
      const share = Math.hypot(real ?? 0, imaginary ?? 0) / part.length / Math.SQRT1_2 / loudness(part)
      t.ok(share > 0.95, `${codec.spec.name} ${rate}: ${share.toFixed(3)} of it is the tone`)
      const level = loudness(part) / loudness(sound)
      t.ok(level > 0.75 && level < 1.1, `${codec.spec.name} ${rate}: ${level.toFixed(2)} as loud`)
    }
  }
})

t.test('nothing clicks where a gap begins or ends', async (t) => {
  for (const codec of [pcmu, pcma, l16(8000)]) {
    const sound = tone(230, 8000, 1)
    const natural = bend(heard(codec, sound, [], 'concealed'))
    for (let missing = 1; missing <= 6; missing++) {
      const lost = Array.from({ length: 50 }, (_, at) => at >= 20 && at < 20 + missing)
      const [sharpest, silent] = [
        bend(heard(codec, sound, lost, 'concealed')),
        bend(heard(codec, sound, lost, 'silence')),
      ]
      t.ok(sharpest < 3 * natural, `${codec.spec.name}, ${missing} lost: ${sharpest}, ${natural} without loss`)
      t.ok(silent > 3 * natural || missing > 1, `silence would have clicked: ${silent}`)
    }
  }
})

t.test('a long gap fades to silence in 110 to 210 ms', async (t) => {
  for (const codec of codecs) {
    const samples = codec.spec.sampleRate / 100
    const decoder = after(codec, tone(300, codec.spec.sampleRate, 0.2))
    const levels = Array.from({ length: 100 }, () => loudness(concealed(decoder, samples)))
    t.ok((levels[10] ?? 0) > 0.3 * (levels[0] ?? 0), `${codec.spec.name}: heard after 100 ms`)
    t.ok(
      levels.slice(21).every((level) => level === 0),
      `${codec.spec.name}: silent from 210 ms on`,
    )
  }
})

t.test('silence stays silence, and before anything was heard there is nothing to go on with', async (t) => {
  for (const codec of codecs) {
    const frame = codec.spec.sampleRate / 50
    t.equal(loudness(concealed(codec.decoder(), 3 * frame)), 0, `${codec.spec.name}: first packet lost`)
    const filled = concealed(after(codec, new Int16Array(10 * frame)), 3 * frame)
    t.ok(loudness(filled) <= 8, `${codec.spec.name}: ${loudness(filled)}`)
  }
})

t.test('without loss every sample is the decoder’s own, and from 2.5 ms behind a gap too', async (t) => {
  const random = seededRandom(2)
  const lost = lossPattern(voice.length / 160, 0.2, 2, random)
  for (const codec of [pcmu, pcma, l16(8000)]) {
    const [clean, filled] = [heard(codec, voice, [], 'concealed'), heard(codec, voice, lost, 'concealed')]
    const differing = [...clean.keys()].filter((at) => {
      const [packet, ms] = [Math.floor(at / 160), (at % 160) / 8]
      return !lost[packet] && !(lost[packet - 1] && ms < 2.5) && clean[at] !== filled[at]
    })
    t.equal(differing.length, 0, codec.spec.name)
    t.not(loudness(filled.map((sample, at) => sample - (clean[at] ?? 0))), 0)
  }
})

t.test('two gaps with one packet between them, and a gap cut in any way, are filled alike', async (t) => {
  const between = new Uint8Array(160)
  pcmu.encoder().encode(tone(310, 8000, 0.02), between)
  const decoder = after(pcmu, tone(310, 8000, 0.2))
  const first = loudness(concealed(decoder, 160))
  decoder.decode(between, new Int16Array(160))
  const second = loudness(concealed(decoder, 160))
  t.ok(second > 0.6 * first && second < 1.4 * first, `${second.toFixed()} behind ${first.toFixed()}`)

  const whole = concealed(after(pcmu, voice.subarray(0, 8000)), 960)
  for (let ms = 1; ms <= 60; ms++) {
    const pieces = after(pcmu, voice.subarray(0, 8000))
    const cut: number[] = []
    while (cut.length < 960) cut.push(...concealed(pieces, Math.min(8 * ms, 960 - cut.length)))
    if (!cut.every((sample, at) => sample === whole[at])) t.fail(`cut every ${ms} ms`)
  }
})

t.test('a packet of nothing does not end a gap', async (t) => {
  const [one, other] = [after(pcmu, tone(310, 8000, 0.2)), after(pcmu, tone(310, 8000, 0.2))]
  concealed(one, 160)
  t.equal(one.decode(new Uint8Array(0), new Int16Array(160)), 0)
  concealed(other, 160)
  t.same(concealed(one, 160), concealed(other, 160))
})

t.test('whatever was heard, the gap behind it is filled with numbers that end', async (t) => {
  const random = seededRandom(711)
  for (const codec of codecs) {
    const out = new Int16Array(codec.spec.sampleRate / 50)
    const decoder = codec.decoder()
    for (let count = 0; count < 30; count++) {
      if (random.integer(3) > 0) decoder.decode(random.bytes(random.integer(161)), out)
      else decoder.conceal(out)
    }
    for (let count = 0; count < 15; count++) decoder.conceal(out)
    t.equal(loudness(out), 0, `${codec.spec.name}: faded, not run away`)
  }
})

t.test('where the packet behind a gap is known, what fills the gap comes nearer to it', async (t) => {
  const payload = (sound: Int16Array) => {
    const octets = new Uint8Array(sound.length)
    pcmu.encoder().encode(sound, octets)
    return octets
  }
  const [loud, soft] = [tone(300, 8000, 0.2), tone(900, 8000, 0.02).map((sample) => sample / 3)]
  const [alone, aimed] = [new Int16Array(160), new Int16Array(160)]
  after(pcmu, loud).conceal(alone)
  const decoder = after(pcmu, loud)
  decoder.conceal(aimed, payload(soft))
  t.ok(loudness(aimed.subarray(120)) < 0.7 * loudness(alone.subarray(120)), 'as loud')
  t.ok(bend(aimed) < 3 * Math.max(bend(loud), bend(alone)), 'without a click')
  const out = new Int16Array(160)
  t.equal(decoder.decode(payload(soft), out), 160)
  t.same(out.subarray(20), heard(pcmu, soft, [], 'concealed').subarray(20), 'it is decoded all the same')
  const faded = after(pcmu, loud)
  concealed(faded, 8000)
  const back = new Int16Array(160)
  faded.conceal(back, payload(soft))
  t.ok(back.every(Number.isInteger), 'behind a gap that had faded too')
  for (let count = 0; count < 11; count++) faded.conceal(back)
  t.equal(loudness(back), 0, 'and it fades if the gap goes on after all')
  const short = after(pcmu, loud)
  const unaimed = new Int16Array(160)
  short.conceal(unaimed, payload(soft).subarray(0, 80))
  t.same(unaimed, alone, 'less than 20 ms say too little')
})
