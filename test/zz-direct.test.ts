import { mkdtempSync } from 'node:fs'
import { startBaresip } from '/work/main/test/support/phones/baresip.ts'
import { dominantFrequency, gaps, heardFor } from '/work/main/test/support/audio.ts'
import t from 'tap'
t.test('direct', async t => {
  const acc = (user: string) => ({ user, password: 'secret', server: '127.0.0.1:17555', transport: 'udp' as const })
  const a = await startBaresip({ dir: t.testdir(), account: acc('101'), tone: 440 })
  const b = await startBaresip({ dir: mkdtempSync('/tmp/phones/b'), account: acc('102'), tone: 880 })
  t.teardown(() => Promise.all([a.stop(), b.stop()]))
  try {
  await a.registers(); await b.registers()
  await a.calls(b.uri); await b.rings(); await b.answers(); await a.talks(); await a.listens(3); await b.listens(3)
  console.log(await (a as any).command('audio_debug'), await (a as any).command('callstat'), await (a as any).command('listcalls')); await a.holds(); await new Promise(r=>setTimeout(r,1000)); await a.resumes(); 
  await b.hangsUp(); console.log(await a.ends())
  for (const p of [a,b]) { const s = p.recording(); console.log(s.samples.length/8, dominantFrequency(s), gaps(s, dominantFrequency(s)!), heardFor(s, dominantFrequency(s)!)) }
  } catch (e) { (await import("node:fs")).writeFileSync("/tmp/phones/a.log", a.output()); (await import("node:fs")).writeFileSync("/tmp/phones/b.log", b.output()); throw e }
})
