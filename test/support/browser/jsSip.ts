import { fileURLToPath } from 'node:url'
import type { BrowserContext, Page } from 'playwright-core'
import { build } from 'vite'
import { within } from '../deadline.ts'

/** Where the page pretends to be: another web site, which the server has to allow (`allowed-origins`). */
export const JSSIP_ORIGIN = 'https://jssip.example'

export interface JsSipOptions {
  readonly user: string
  readonly password: string
  /** HOST:PORT of the server's HTTPS. */
  readonly server: string
}

const ear = fileURLToPath(new URL('./ear.js', import.meta.url))

/** What the page does; `told` collects what JsSIP says. */
const SCRIPT = `
const told = []
const waiting = []
const tell = (what) => { told.push(what); for (const wake of waiting.splice(0)) wake() }
let session = null
const audio = new Audio()
window.phone = {
  start({ user, password, server }) {
    const socket = new JsSIP.WebSocketInterface('wss://' + server + '/sip')
    const ua = new JsSIP.UA({ sockets: [socket], uri: 'sip:' + user + '@' + server.split(':')[0], password })
    ua.on('registered', () => tell('registered'))
    ua.on('registrationFailed', ({ cause }) => tell('failed ' + cause))
    ua.on('newRTCSession', ({ session: made, originator }) => {
      session = made
      made.on('progress', () => tell('ringing'))
      made.on('confirmed', () => tell('talks'))
      made.on('hold', ({ originator }) => tell('hold ' + originator))
      made.on('ended', ({ cause }) => tell('ended ' + cause))
      made.on('failed', ({ cause }) => tell('failed ' + cause))
      made.on('peerconnection', ({ peerconnection }) => plays(peerconnection))
      if (made.connection) plays(made.connection)
      if (originator === 'remote') tell('called')
    })
    ua.start()
    this.ua = ua
  },
  call(target) { this.ua.call(target, { mediaConstraints: { audio: true, video: false } }) },
  answer() { session.answer({ mediaConstraints: { audio: true, video: false } }) },
  key(key) { session.sendDTMF(key, { transportType: 'RFC2833' }) },
  end() { session.terminate() },
  async tells(what) {
    for (;;) {
      const at = told.findIndex((one) => one.startsWith(what))
      if (at >= 0) return told.splice(0, at + 1).at(-1)
      await new Promise((resolve) => waiting.push(resolve))
    }
  },
}
function plays(connection) {
  connection.addEventListener('track', ({ streams: [stream] }) => { audio.srcObject = stream; void audio.play() })
}
`

/** JsSIP in a page of a web site that is not ours: what somebody else's browser phone would be. */
export interface JsSip {
  readonly page: Page
  calls(target: string): Promise<void>
  answers(): Promise<void>
  presses(key: string): Promise<void>
  hangsUp(): Promise<void>
  /** The next that JsSIP tells which starts so: registered, ringing, called, talks, ended, failed. */
  tells(what: string): Promise<string>
}

/** Opens the page in a window of `person` and registers. */
export async function openJsSip(person: BrowserContext, options: JsSipOptions): Promise<JsSip> {
  await person.addInitScript({ path: ear })
  const page = await person.newPage()
  const written: string[] = []
  page.on('console', (line) => written.push(`${line.type()}: ${line.text()}`))
  page.on('pageerror', (error) => written.push(`error: ${error.stack ?? error.message}`))
  await page.route(`${JSSIP_ORIGIN}/**`, (route) => route.fulfill({ contentType: 'text/html', body: '<title>JsSIP' }))
  await page.goto(JSSIP_ORIGIN)
  await page.addScriptTag({ content: await bundle() })
  await page.addScriptTag({ content: SCRIPT })
  const does = (call: string) => page.evaluate<undefined>(`void ${call}`)
  const tells = (what: string) =>
    within(20_000, `JsSIP to tell "${what}"`, page.evaluate<string>(`phone.tells(${JSON.stringify(what)})`))
  await does(`phone.start(${JSON.stringify(options)})`)
  await tells('registered').catch((error: unknown) => {
    throw new Error(`${error}; the page wrote:\n${written.join('\n')}`)
  })
  return {
    page,
    tells,
    calls: (target) => does(`phone.call(${JSON.stringify(target)})`),
    answers: () => does('phone.answer()'),
    presses: (key) => does(`phone.key(${JSON.stringify(key)})`),
    hangsUp: () => does('phone.end()'),
  }
}

async function bundle(): Promise<string> {
  const entry = fileURLToPath(import.meta.resolve('jssip'))
  const lib = { entry, formats: ['iife' as const], name: 'JsSIP', fileName: 'jssip' }
  const made = await build({ configFile: false, logLevel: 'silent', build: { write: false, lib } })
  const [first] = [made].flat()
  const chunk = first && 'output' in first ? first.output[0] : null
  if (!chunk) throw new Error('JsSIP could not be bundled')
  return chunk.code
}
