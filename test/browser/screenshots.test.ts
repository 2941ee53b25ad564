import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { cable } from '../support/browser/link.ts'
import type { WebPhone } from '../support/browser/webPhone.ts'
import { BROWSER, DESK, OTHER, sharedChromium, sharedScene, skip } from './people.ts'

// Not a test of anything but that the page gets there: `npm run screenshots` makes the pictures of docs/phone-page anew.

const directory = fileURLToPath(new URL('../../docs/phone-page/', import.meta.url))
const scene = sharedScene(t)
const chromium = sharedChromium(t, BROWSER)

t.test('pictures of the page in each state, in live calls', { skip }, async (t) => {
  mkdirSync(directory, { recursive: true })
  const people = await scene(t)
  await people.server.cli('user', 'set', '102', '--name', 'Bob Brown')
  await people.server.cli('user', 'set', '103', '--name', 'Carol Clark')
  const web = await people.web('101', await chromium(), { viewport: { width: 900, height: 800 }, colorScheme: 'light' })
  const desk = await people.baresip('102', { tone: DESK, codecs: 'PCMU' })
  const other = await people.baresip('103', { tone: OTHER, codecs: 'PCMU' })
  await web.signsIn('not this')
  await web.says('wrong-password')
  await picture(web, 'wrong-password')
  await web.registers()
  await desk.registers()
  await other.registers()
  await picture(web, 'ready')

  await web.calls('102')
  await web.call('ringing')
  await picture(web, 'dialling')
  await desk.rings()
  await desk.answers()
  await web.talks()
  await web.listens(6)
  await picture(web, 'in-a-call')
  await web.keys('1')
  await picture(web, 'keypad')
  await web.presses('call-keypad')
  await web.holds()
  await picture(web, 'held')
  await web.resumes()
  await other.calls('101')
  await web.rings()
  await web.answers()
  await other.talks()
  await web.listens(2)
  await picture(web, 'second-call')
  await web.hangsUp()
  await other.ends()
  cable('out')
  await web.says('network-lost')
  await picture(web, 'network-lost')
  cable('in')
  await web.line('ready')
  await web.presses('call-hangup').catch(() => {})
  await desk.ends()
  await web.stop()
})

for (const colorScheme of ['light', 'dark'] as const) {
  t.test(`on a mobile, ${colorScheme}`, { skip }, async (t) => {
    const people = await scene(t)
    const mobile = { viewport: { width: 390, height: 844 }, colorScheme, isMobile: true, hasTouch: true }
    const web = await people.web('101', await chromium(), mobile)
    const desk = await people.baresip('102', { tone: DESK, codecs: 'PCMU' })
    await web.registers()
    await desk.registers()
    await desk.calls('101')
    await web.rings()
    await picture(web, colorScheme === 'light' ? 'mobile-incoming' : 'mobile-incoming-dark')
    await web.answers()
    await web.talks()
    await web.listens(6)
    await picture(web, colorScheme === 'light' ? 'mobile-in-a-call' : 'mobile-in-a-call-dark')
    await desk.hangsUp()
    await web.ends()
  })
}

/** Takes a picture when what moves has come to rest. */
async function picture({ page }: WebPhone, name: string): Promise<void> {
  await page.screenshot({ path: join(directory, `${name}.png`), animations: 'disabled' })
}
