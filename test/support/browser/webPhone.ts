import { fileURLToPath } from 'node:url'
import type { BrowserContext, Page } from 'playwright-core'
import type { Sound } from '../audio.ts'
import { until } from '../deadline.ts'
import type { Phone } from '../phones/phone.ts'

/** What one call of the page reports of its sound: the W3C's webrtc-stats, as far as tests look. */
export interface Stat {
  readonly id: string
  readonly type: string
  readonly [name: string]: unknown
}

/** What a page with `ear.js` in it hears. */
export interface Ear {
  /** Has heard `seconds` of its last call. */
  listens(seconds: number): Promise<void>
  /** What it heard in its last call since `from` s. */
  hears(from?: number): Promise<Sound>
  /** What it hears from now on, `seconds` of it, when the first half second of that is over. */
  hearsAnew(seconds: number): Promise<Sound>
}

/** The phone page in a real browser, used by a person: keys, clicks, and what is to be seen. */
export interface WebPhone extends Phone, Ear {
  readonly page: Page
  /** Opens the page and signs in; does not wait for what comes of it. */
  signsIn(password?: string): Promise<void>
  /** The line is so. */
  line(state: 'signing-in' | 'ready' | 'lost'): Promise<void>
  /** The call on the screen is so. */
  call(state: string): Promise<void>
  /** Presses what has this test id (see web/README.md). */
  presses(testId: string): Promise<void>
  /** Presses one key after the other in a call. */
  keys(keys: string): Promise<void>
  /** The note that says what is wrong: of this kind, and its sentence. */
  says(kind: string): Promise<string>
  /** What became of the last call, as the history has it. */
  outcome(): Promise<string | null>
  /** No call is on the screen, and none rings. */
  idle(): Promise<void>
  reloads(): Promise<void>
  rejects(): Promise<void>
  /** Reports of all peer connections that the page has made, the last call's last. */
  stats(): Promise<readonly Stat[]>
}

export interface WebPhoneOptions {
  readonly user: string
  readonly password: string
  /** https://HOST:PORT/ */
  readonly url: string
}

const step = 15_000
const silence: Sound = { rate: 48_000, samples: new Int16Array() }
const ear = fileURLToPath(new URL('./ear.js', import.meta.url))

/** Opens the phone page in a window of `person`. Each step waits until the page shows that it happened. */
export async function openWebPhone(person: BrowserContext, options: WebPhoneOptions): Promise<WebPhone> {
  await person.addInitScript({ path: ear })
  const page = await person.newPage()
  page.setDefaultTimeout(step)
  const written: string[] = []
  page.on('console', (line) => written.push(`${line.type()}: ${line.text()}`))
  page.on('pageerror', (error) => written.push(`error: ${error.stack ?? error.message}`))
  const id = (name: string) => page.getByTestId(name)
  const shows = (name: string, state: string) =>
    page.locator(`[data-testid="${name}"][data-state="${state}"]`).waitFor()
  const { listens, hears, hearsAnew } = earOf(page)
  let last = silence
  const idle = async () => {
    await id('call-state').waitFor({ state: 'detached' })
    await id('incoming').waitFor({ state: 'detached' })
  }
  const signsIn = async (password = options.password) => {
    await page.goto(`${options.url}?debug`)
    await id('login-user').fill(options.user)
    await id('login-password').fill(password)
    await id('login-submit').click()
  }
  return {
    page,
    signsIn,
    async registers() {
      await signsIn()
      await shows('status', 'ready')
    },
    line: (state) => shows('status', state),
    call: (state) => shows('call-state', state),
    async calls(number) {
      await id('dial-input').fill(number)
      await id('dial-call').click()
    },
    rings: () => id('incoming').or(id('waiting-call')).waitFor(),
    answers: () => id('call-answer').click(),
    talks: () => shows('call-state', 'talking'),
    listens,
    hears,
    hearsAnew,
    async holds() {
      await id('call-hold').click()
      await shows('call-state', 'held')
    },
    async resumes() {
      await id('call-hold').click()
      await shows('call-state', 'talking')
    },
    presses: (testId) => id(testId).click(),
    async keys(keys) {
      if (!(await id('keypad-1').isVisible())) await id('call-keypad').click()
      for (const key of keys) await id(`keypad-${{ '*': 'star', '#': 'hash' }[key] ?? key}`).click()
    },
    async says(kind) {
      const note = page.locator(`[data-testid="error"][data-kind="${kind}"]`)
      await note.waitFor()
      return note.innerText()
    },
    outcome: () => id('history-item').first().getAttribute('data-outcome'),
    idle,
    rejects: () => id('call-reject').click(),
    reloads: async () => void (await page.reload()),
    async hangsUp() {
      last = await hears()
      await id('call-hangup').click()
    },
    async ends() {
      await idle()
      last = await hears()
      const note = id('error')
      return (await note.isVisible()) ? note.innerText() : ''
    },
    recording: () => last,
    stats: () =>
      page.evaluate(`Promise.all(ear.connections.map(async (one) => [...(await one.getStats()).values()]))
      .then((all) => all.flat())`),
    output: () => written.join('\n'),
    stop: () => person.close(),
  }
}

/** The ear of a page whose window has been given `ear.js`. */
export function earOf(page: Page): Ear {
  const heardSeconds = () => page.evaluate<number>('ear.seconds()')
  const hears = async (from = 0): Promise<Sound> => {
    const { rate, base64 } = await page.evaluate<{ rate: number; base64: string }>(`ear.recording(${from})`)
    const bytes = Buffer.from(base64, 'base64')
    return { rate, samples: new Int16Array(new Uint8Array(bytes).buffer) }
  }
  const listens = async (seconds: number): Promise<void> => {
    await until(step + seconds * 1000, `the page to hear ${seconds} s`, async () => {
      return (await heardSeconds()) >= seconds || undefined
    })
  }
  return {
    listens,
    hears,
    async hearsAnew(seconds) {
      const from = (await heardSeconds()) + 0.5
      await listens(from + seconds)
      return hears(from)
    },
  }
}
