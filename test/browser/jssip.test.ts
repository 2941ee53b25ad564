import t from 'tap'
import { heard } from '../interop/conversation.ts'
import { JSSIP_ORIGIN, openJsSip } from '../support/browser/jsSip.ts'
import { NEAR } from '../support/browser/link.ts'
import { earOf } from '../support/browser/webPhone.ts'
import { BROWSER, CONNECTING, DESK, hears, sharedChromium, sharedScene, skip } from './people.ts'

const scene = sharedScene(
  t,
  `allowed-origins: [${JSSIP_ORIGIN}]
`,
)
const chromium = sharedChromium(t, BROWSER)

t.test('JsSIP, on a site that is allowed, calls a desk phone and is called', { skip }, async (t) => {
  const people = await scene(t)
  const desk = await people.baresip('102', { tone: DESK, codecs: 'PCMU' })
  await desk.registers()
  const window = await (await chromium()).person({ permissions: ['microphone', 'local-network-access'] })
  t.teardown(() => window.close())
  const server = `${NEAR}:${people.server.https}`
  const web = await openJsSip(window, { ...people.users['101'], server })
  const ear = earOf(web.page)

  await web.calls(`sip:102@${NEAR}`)
  await desk.rings()
  await web.tells('ringing')
  await desk.answers()
  await web.tells('talks')
  await ear.listens(3)
  await desk.listens(4)
  t.ok(hears(await ear.hears(1), DESK), 'JsSIP hears the desk')
  await web.presses('5')
  await desk.hearsKeys(1)
  t.equal(desk.keys(), '5')
  await web.hangsUp()
  await desk.ends()
  heard(t, desk, BROWSER, 3, CONNECTING)

  await desk.calls('101')
  await web.tells('called')
  await web.answers()
  await desk.talks()
  await web.tells('talks')
  await ear.listens(3)
  t.ok(hears(await ear.hears(1), DESK), 'and again')
  await desk.hangsUp()
  t.match(await web.tells('ended'), /Terminated/)
})
