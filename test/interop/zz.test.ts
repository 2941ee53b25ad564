import t from 'tap'
import { copyFileSync } from 'node:fs'
import { writeWav, heardFor, dominantFrequency } from '../support/audio.ts'
import { scene } from './people.ts'
t.test(`x`, async (t) => {
    const people = await scene(t)
    const alice = await people.linphone('101', { tone: 440 })
    await alice.registers()
  await alice.calls('*43')
  const t0 = performance.now()
  await alice.talks()
  const t1 = performance.now()
  await alice.listens(3)
  const t2 = performance.now()
  await alice.hangsUp()
  const r = alice.recording()
  console.error(t1-t0, t2-t1, r.rate, r.samples.length/r.rate, heardFor(r, 440), JSON.stringify((await people.lastCall()).legs))
  let s = ''; for (let i = 0; i < r.samples.length; i += 400) { let m=0; for (let j=i;j<i+400;j++) m=Math.max(m,Math.abs(r.samples[j] ?? 0)); s += m + ' ' }
  console.error(s)
  console.error(alice.output())
})
