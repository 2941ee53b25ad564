import t from 'tap'
import { listen } from '../support/playout/listen.ts'
import { sharpest } from '../support/playout/sender.ts'
import { speech } from '../support/playout/speech.ts'
import { bestFixedDelay, SPACING, TRANSIT, type TraceName, traces } from '../support/playout/traces.ts'
import { seededRandom } from '../support/virtual/random.ts'

const FRAME = 20
const SECONDS = 60
/** Packets of a minute, each trace with frames that begin at several points between two packets. */
const PHASES = [1, 8, 15]
const names: readonly TraceName[] = ['steady', 'spikes', 'fast', 'slow', 'wifi', 'loss']

const mean = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length

for (const name of names) {
  t.test(`${name}: within 15 ms of the best fixed buffer that has no more too late`, async (t) => {
    const apart = PHASES.map((phase) => {
      const random = seededRandom(phase)
      const passages = traces[name](random)((SECONDS * 1000) / SPACING)
      const { playout, delays } = listen(speech(random, SECONDS), passages, FRAME, phase)
      const { late, dropped, concealed } = playout.stats
      const lost = passages.filter(({ arrived }) => arrived === Number.POSITIVE_INFINITY).length
      const concealedLate = Math.max(0, concealed - lost * SPACING) / (SECONDS * 1000)
      t.ok((late + dropped) / passages.length < 0.005, `${late + dropped} of ${passages.length} not played`)
      t.ok(delays.length > (SECONDS * 1000) / FRAME / 3, `known of ${delays.length} frames where they are from`)
      if (name !== 'spikes') t.ok(concealedLate < 0.005, `concealed though it came: ${100 * concealedLate} %`)
      const ours = mean(delays) - TRANSIT
      const fixed = bestFixedDelay(passages, concealedLate, FRAME, phase)
      t.ok(ours < fixed + FRAME + 4, `${ours.toFixed(1)} ms, fixed ${fixed}, phase ${phase}`)
      return ours - fixed
    })
    t.ok(mean(apart) < 15, `${mean(apart).toFixed(1)} ms more`)
  })
}

t.test('the traces are what they say, and a fixed buffer of their floor is no better than it must be', async (t) => {
  const steady = traces.steady(seededRandom(1))(3000)
  t.ok(bestFixedDelay(steady, 0, 0, 0) <= 5)
  const spikes = traces.spikes(seededRandom(1))(30_000)
  t.ok(bestFixedDelay(spikes, 0, 0, 0) > 250)
  t.ok(bestFixedDelay(spikes, 0.03, 0, 0) < 50)
  const lost = traces
    .loss(seededRandom(1))(30_000)
    .filter(({ arrived }) => arrived === Number.POSITIVE_INFINITY)
  t.ok(lost.length > 1200 && lost.length < 1800, `${lost.length} of 30,000`)
  t.ok(bestFixedDelay(steady, 0, FRAME, 0) >= bestFixedDelay(steady, 0, 0, 0))
})

t.test('stretched speech has no sharper corner than speech', async (t) => {
  const random = seededRandom(3)
  const passages = traces.fast(random)(3000)
  const sound = speech(random, SECONDS)
  const { playout, out } = listen(sound, passages, FRAME, 15)
  const { removed, concealed } = playout.stats
  t.ok(removed > 10 && concealed === 0, `${removed} ms taken out, nothing concealed`)
  t.ok(sharpest(out) < 1.1 * sharpest(sound), `${sharpest(out)}, of the speech ${sharpest(sound)}`)
})
