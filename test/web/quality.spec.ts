import fc from 'fast-check'
import t from 'tap'
import type { PhoneEvent } from '../../web/src/phone/state.ts'
import { type Sample, sampleOf } from '../../web/src/quality/sample.ts'
import { inWords, qualityBetween, verdict } from '../../web/src/quality/verdict.ts'
import { qualityWatch } from '../../web/src/quality/watch.ts'
import { callWith } from './calls.ts'

const START: Sample = {
  at: 0,
  received: 0,
  lost: 0,
  roundTrip: null,
  waited: 0,
  played: 0,
  lostThere: null,
  codec: 'audio/opus',
}

/** Two seconds later, `lost` of a hundred packets having gone missing. */
function after(lost: number, part: Partial<Sample> = {}): Sample {
  return {
    ...START,
    at: 2000,
    received: 100 - lost,
    lost,
    roundTrip: 40,
    waited: 4800 * 20,
    played: 96_000 * 20,
    ...part,
  }
}

t.test('what the browser reports becomes a sample', async (t) => {
  const reports = [
    { type: 'inbound-rtp', kind: 'video', packetsReceived: 1 },
    {
      type: 'inbound-rtp',
      kind: 'audio',
      packetsReceived: 50,
      packetsLost: 2,
      codecId: 'C',
      jitterBufferDelay: 1.5,
      jitterBufferEmittedCount: 48_000,
    },
    { type: 'remote-inbound-rtp', kind: 'audio', roundTripTime: 0.05, fractionLost: 0.1 },
    { type: 'codec', id: 'B', mimeType: 'audio/PCMU' },
    { type: 'codec', id: 'C', mimeType: 'audio/opus' },
  ]
  t.same(sampleOf(reports, 9), {
    at: 9,
    received: 50,
    lost: 2,
    roundTrip: 50,
    waited: 1.5,
    played: 48_000,
    lostThere: 0.1,
    codec: 'audio/opus',
  })
  t.equal(sampleOf([{ type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.02 }], 0).roundTrip, 20)
  t.same(sampleOf([{ type: 'inbound-rtp', kind: 'audio', packetsReceived: 'many' }], 0).received, 0)
})

t.test('a good call, one that loses, and one that loses much', async (t) => {
  const judged = [0, 2, 5, 8, 30].map((lost) => qualityBetween(START, after(lost)))
  t.same(
    judged.map((quality) => quality && verdict(quality)),
    ['Excellent', 'Good', 'Fair', 'Poor', 'Bad'],
  )
  t.match(judged[0], { lostHere: 0, roundTrip: 40, codec: 'opus' })
  t.equal(judged[2]?.lostHere, 0.05)
  t.equal(qualityBetween(START, { ...START, at: 2000 }), null, 'nothing came: nothing can be said')
})

t.test('what is lost on the way there counts too', async (t) => {
  const quality = qualityBetween(START, after(0, { lostThere: 0.2 }))
  t.equal(quality && verdict(quality), 'Bad')
})

t.test('the score falls with loss and with delay, and stays a score', async () => {
  const mos = (lost: number, roundTrip: number): number => qualityBetween(START, after(lost, { roundTrip }))?.mos ?? 0
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 2000 }), (lost, roundTrip) => {
      const score = mos(lost, roundTrip)
      return (
        score >= 1 && score <= 4.5 && mos(lost + 5, roundTrip) <= score && mos(lost, roundTrip + 100) <= score + 1e-9
      )
    }),
  )
})

t.test('in words', async (t) => {
  const quality = { mos: 4.4, lostHere: 0, lostThere: 0, roundTrip: 48.2, codec: 'opus' }
  t.equal(inWords(quality), 'Excellent sound · 48 ms there and back')
  t.equal(inWords({ ...quality, mos: 3.7, lostHere: 0.031, roundTrip: null }), 'Fair sound · 3 % lost')
  t.equal(inWords({ ...quality, lostHere: 0.006 }), 'Excellent sound · 1 % lost · 48 ms there and back')
})

t.test('silence is noticed in a call that nobody holds, and so is its end', async (t) => {
  const told: PhoneEvent[] = []
  let now = START
  const look = qualityWatch(
    async () => now,
    (event) => void told.push(event),
  )
  const talking = callWith({ state: 'talking', sound: 'flowing' })
  const at = async (sample: Sample, call = talking): Promise<void> => {
    now = sample
    await look([call])
  }
  await at({ ...START, at: 0 })
  await at({ ...START, at: 5000 })
  t.same(told, [], 'too early to say')
  await at({ ...START, at: 7000 }, { ...talking, heldByPeer: true })
  await at({ ...START, at: 12_000 })
  t.same(told, [], 'a held call is silent')
  await at({ ...START, at: 14_000 })
  t.same(told, [{ type: 'sound', id: 'c1', sound: 'silent' }])
  await at({ ...START, at: 16_000, received: 100 }, { ...talking, sound: 'silent' })
  t.same(told.at(-1), { type: 'sound', id: 'c1', sound: 'flowing' })
})
