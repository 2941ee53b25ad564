import t from 'tap'
import { heard } from '../interop/conversation.ts'
import { BROWSER, browserScene, CONNECTING, DESK, sharedChromium, skip, TORN } from './people.ts'

const chromium = sharedChromium(t, BROWSER)

t.test('a browser calls a desk phone: Opus here, PCMU there', { skip }, async (t) => {
  const people = await browserScene(t)
  const web = await people.web('101', await chromium())
  const desk = await people.baresip('102', { tone: DESK, codecs: 'PCMU' })
  await web.registers()
  await desk.registers()
  await web.calls('102')
  await desk.rings()
  await web.call('ringing')
  await desk.answers()
  await web.talks()
  await web.listens(4)
  await desk.listens(4)
  const codec = (await web.stats()).filter(({ type }) => type === 'codec')
  t.match(codec, [{ mimeType: 'audio/opus' }])
  await web.hangsUp()
  await desk.ends()
  await web.idle()
  heard(t, web, DESK, 3, TORN)
  heard(t, desk, BROWSER, 3, CONNECTING)
})
