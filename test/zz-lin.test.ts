import { mkdtempSync, writeFileSync,readFileSync } from 'node:fs'
import { startBaresip } from './support/phones/baresip.ts'
import { startLinphone } from './support/phones/linphone.ts'
import { dominantFrequency, gaps, heardFor } from './support/audio.ts'
import t from 'tap'
t.test('direct', async t => {
  const acc = (user: string) => ({ user, password: 'secret', server: '127.0.0.1:17555', transport: 'udp' as const })
  const dir = mkdtempSync('/tmp/phones/l')
  const a = await startLinphone({ dir, account: acc('101'), tone: 440 })
  const b = await startBaresip({ dir: mkdtempSync('/tmp/phones/b'), account: acc('102'), tone: 880 })
  t.teardown(() => Promise.all([a.stop(), b.stop()]))
  const uri = 'sip:101@127.0.0.1:' + /sip_port=(\d+)/.exec(readFileSync(dir+'/rc','utf8'))![1]
  try {
  await a.registers(); await b.registers();
  await b.calls(uri); await a.rings(); await a.answers(); await b.talks(); await a.listens(3); await b.listens(3)
  if (process.env.BH) { await b.hangsUp(); console.log(await a.ends()) } else { await a.hangsUp(); console.log(await b.ends()) }
  for (const p of [a,b]) { const s = p.recording(); console.log(s.rate, s.samples.length*1000/s.rate, dominantFrequency(s), gaps(s, dominantFrequency(s)!), heardFor(s, dominantFrequency(s)!)) }
  } finally  { writeFileSync('/tmp/phones/a.log', a.output()); writeFileSync('/tmp/phones/b.log', b.output())}
})
