import t from 'tap'
import { Playout } from '../../src/media/playout/playout.ts'
import type { PlayoutFormat } from '../../src/media/playout/voices.ts'
import { sharpest } from '../support/playout/sender.ts'
import { seededRandom } from '../support/virtual/random.ts'

const FORMAT: PlayoutFormat = { codec: 'L16/8000', clockRate: 8000, receive: 96 }
const SAMPLES = 160

/** A call of `minutes` with a sender whose clock is `ppm` fast and who says `sound`, a second of it, over and over. */
function call(minutes: number, ppm: number, sound: Int16Array) {
  const random = seededRandom(ppm + 1000)
  let decoded = 0
  const decoder = {
    decode(_: Uint8Array, out: Int16Array) {
      for (let i = 0; i < SAMPLES; i++) out[i] = sound[decoded++ % sound.length] ?? 0
      return SAMPLES
    },
    // Not of this test: with drift alone nothing is missing.
    conceal: (out: Int16Array) => void out.fill(0),
  }
  const playout = new Playout(8000, () => ({ decoder, sampleRate: 8000 }))
  const packet = Buffer.alloc(12 + SAMPLES)
  packet[0] = 0x80
  const out = new Int16Array(SAMPLES)
  const heard: { corner: number; most: number; least: number } = { corner: 0, most: 0, least: Number.POSITIVE_INFINITY }
  const joined = new Int16Array(SAMPLES + 2)
  let sent = 0
  for (let now = 0; now < minutes * 60_000; now += 20) {
    for (; sentAt(sent, ppm) <= now; sent++) {
      packet.writeUInt16BE(sent & 0xffff, 2)
      packet.writeUInt32BE((sent * SAMPLES) >>> 0, 4)
      playout.push(packet, SAMPLES, FORMAT, sentAt(sent, ppm) + 2 * random.fraction())
    }
    playout.pull(out, now + 2)
    joined.copyWithin(0, SAMPLES)
    joined.set(out, 2)
    if (now < 2000) continue
    heard.corner = Math.max(heard.corner, sharpest(joined))
    heard.most = Math.max(heard.most, playout.stats.delay)
    heard.least = Math.min(heard.least, playout.stats.delay)
  }
  return { ...heard, stats: playout.stats }
}

const sentAt = (index: number, ppm: number) => index * 20 * (1 - ppm / 1e6)

const TURN = 2 * Math.PI
const tone = (i: number) => Math.round(8000 * Math.sin((TURN * 440 * i) / 8000))
/** A vowel whose pitch wanders between 100 and 140 Hz, louder and quieter. */
const vowel = (i: number) => {
  const phase = TURN * ((120 * i) / 8000 + 3 * Math.sin((TURN * i) / 8000))
  const loud = 3000 * (1.1 + Math.sin((TURN * 2 * i) / 8000))
  return Math.round(loud * (Math.sin(phase) + 0.6 * Math.sin(2 * phase + 1) + 0.4 * Math.sin(5 * phase + 2)))
}

/** A second, of whole periods. */
const second = (sample: (index: number) => number) => Int16Array.from({ length: 8000 }, (_, i) => sample(i))

const signals = { 'a tone': tone, 'a vowel': vowel }

for (const [name, sample] of Object.entries(signals)) {
  const clean = sharpest(second(sample))
  for (const ppm of [300, -300]) {
    t.test(
      `30 minutes of ${name}, the sender's clock ${ppm} ppm fast: nothing to hear, and the delay stays`,
      async (t) => {
        const { corner, most, least, stats } = call(30, ppm, second(sample))
        t.ok(corner < 1.15 * clean, `sharpest corner ${corner}, of the sound itself ${clean}`)
        t.ok(most < 55 && least > 0, `${least.toFixed(1)} to ${most.toFixed(1)} ms`)
        t.match(stats, { lost: 0, late: 0, dropped: 0 })
        t.ok(stats.concealed <= 20, `${stats.concealed} ms concealed`)
        const balance = stats.removed - stats.inserted
        // 300 ppm of 30 minutes.
        t.ok(Math.abs(balance - Math.sign(ppm) * 540) < 45, `${balance} ms taken out`)
      },
    )
  }
}

t.test('an hour at 500 ppm', async (t) => {
  const { most, stats } = call(60, 500, new Int16Array(8000))
  t.ok(most < 55, `${most.toFixed(1)} ms at most`)
  t.match(stats, { lost: 0, late: 0, dropped: 0 })
})
