import t from 'tap'
import { connect } from '../interop/conversation.ts'
import { startChromium } from '../support/browser/chromium.ts'
import { cable } from '../support/browser/link.ts'
import { BROWSER, type BrowserScene, DESK, hears, sharedChromium, sharedScene, skip } from './people.ts'

const scene = sharedScene(t)
const chromium = sharedChromium(t, BROWSER)

t.test('a page that is loaded anew while it rings is itself again, and rings again', { skip }, async (t) => {
  const people = await scene(t)
  const web = await people.web('101', await chromium())
  const desk = await people.baresip('102', { tone: DESK, codecs: 'PCMU' })
  await web.registers()
  await desk.registers()
  await desk.calls('101')
  await web.rings()
  await web.reloads()
  await web.line('ready')
  t.equal(await devices(people), 1, 'no ghost')
  await web.rings()
  await web.answers()
  await desk.talks()
  await web.listens(2)
  t.ok(hears(await web.hears(1), DESK))
  await desk.hangsUp()
  await web.ends()
})

t.test('a page that is loaded anew in a call hangs up and is itself again', { skip }, async (t) => {
  const people = await scene(t)
  const web = await people.web('101', await chromium())
  const desk = await people.baresip('102', { tone: DESK, codecs: 'PCMU' })
  await connect(web, desk, '102')
  await web.listens(1)
  await web.reloads()
  await desk.ends()
  await web.line('ready')
  t.equal(await devices(people), 1, 'no ghost')
  t.strictSame(await people.activeCalls(), [])
})

t.test('the network is lost in a call and comes back: so does the sound', { skip }, async (t) => {
  const people = await scene(t)
  const web = await people.web('101', await chromium())
  const desk = await people.baresip('102', { tone: DESK, codecs: 'PCMU' })
  await connect(web, desk, '102')
  await web.listens(2)
  cable('out')
  t.match(await web.says('network-lost'), /network/i)
  await web.line('lost')
  cable('in')
  await web.line('ready')
  t.equal(await devices(people), 1, 'no ghost')
  t.ok(hears(await web.hearsAnew(3), DESK), 'the page hears the desk')
  await desk.receives(100)
  await web.talks()
  await web.hangsUp()
  await desk.ends()
})

t.test('a wrong password is told in a sentence', { skip }, async (t) => {
  const people = await scene(t)
  const web = await people.web('101', await chromium())
  await web.signsIn('not this')
  t.match(await web.says('wrong-password'), /101/)
  t.equal(await devices(people), 0)
})

t.test('a microphone that is refused is told in a sentence', { skip }, async (t) => {
  const people = await scene(t)
  const asking = await startChromium(BROWSER, { asks: true })
  t.teardown(() => asking.stop())
  const web = await people.web('101', asking, { permissions: [] })
  await web.registers()
  t.match(await web.says('microphone-refused'), /microphone/i)
  await web.calls('102')
  t.match(await web.says('microphone-refused'), /microphone/i)
  t.strictSame(await people.activeCalls(), [], 'nobody was called')
})

async function devices({ server }: BrowserScene): Promise<number> {
  return JSON.parse(await server.cli('device', 'list', '101', '--json')).length
}
