import { join } from 'node:path'
import type { BrowserContextOptions } from 'playwright-core'
import { type Scene, scene } from '../interop/people.ts'
import { dominantFrequency, heardFor, type Sound } from '../support/audio.ts'
import { type Chromium, startChromium } from '../support/browser/chromium.ts'
import { NEAR, unlessLinked } from '../support/browser/link.ts'
import { openWebPhone, type WebPhone } from '../support/browser/webPhone.ts'
import type { Phone } from '../support/phones/phone.ts'
import { unless } from '../support/tools.ts'

/** Why no browser can be had here, or false. */
export const skip = unlessLinked() || unless('chromium', 'baresip')

/** What the microphones of our two browsers hear, and a desk phone's, Hz. */
export const BROWSER = 600
export const OTHER = 800
export const DESK = 440

/** Until ICE and DTLS are through there is nothing to hear, ms: the answer comes first. */
export const CONNECTING = 1500
/** What a busy machine may tear out of a sound in Chromium, which plays it in real time, ms. */
export const TORN = 250

/** What tap's test object gives that a scene needs. */
interface Test {
  teardown(run: () => unknown): void
  passing(): boolean
  testdir(files: Record<string, string>): string
}

export interface BrowserScene extends Scene {
  /** The phone page, in a window of its own of `browser`. */
  web(user: keyof Scene['users'], browser: Chromium, options?: BrowserContextOptions): Promise<WebPhone>
}

/**
 * One server for all tests of a file, at the near end of the cable and started by the first test that needs it; what it gives
 * ends its phones with the test `t`. `settings`: its offhook.yaml.
 */
export function sharedScene(file: Test, settings: string | null = null): (t: Test) => Promise<BrowserScene> {
  let started: Promise<Scene> | null = null
  return async (t) => {
    started ??= scene(file, { host: NEAR, args: settings === null ? [] : ['--config', settingsIn(file, settings)] })
    return forTest(t, await started)
  }
}

function settingsIn(file: Test, settings: string): string {
  return join(file.testdir({ 'offhook.yaml': settings }), 'offhook.yaml')
}

function forTest(t: Test, people: Scene): BrowserScene {
  const leaves = <P extends Phone>(name: string, phone: P): P => {
    t.teardown(async () => {
      if (!t.passing()) console.error(`--- ${name} wrote:\n${phone.output()}`)
      await phone.stop()
    })
    return phone
  }
  return {
    ...people,
    get server() {
      return people.server
    },
    baresip: async (user, options) => leaves(`baresip of ${user}`, await people.baresip(user, options)),
    async web(user, browser, options) {
      const url = `https://${NEAR}:${people.server.https}/`
      const account = { ...people.users[user], url }
      return leaves(`the page of ${user}`, await openWebPhone(await browser.person(options), account))
    },
  }
}

/** One Chromium for all tests of a file, started by the first that needs it. */
export function sharedChromium(t: Test, hz: number): () => Promise<Chromium> {
  let started: Promise<Chromium> | null = null
  t.teardown(async () => (await started)?.stop())
  return () => {
    started ??= startChromium(hz)
    return started
  }
}

/** Whether `sound` is a tone of `hz` for the most part. */
export function hears(sound: Sound, hz: number): boolean {
  const seconds = sound.samples.length / sound.rate
  return dominantFrequency(sound) === hz && heardFor(sound, hz) > seconds * 800
}
