import type { BrowserContextOptions } from 'playwright-core'
import { type Scene, scene } from '../interop/people.ts'
import { dominantFrequency, heardFor, type Sound } from '../support/audio.ts'
import { type Chromium, startChromium } from '../support/browser/chromium.ts'
import { NEAR, unlessLinked } from '../support/browser/link.ts'
import { openWebPhone, type WebPhone } from '../support/browser/webPhone.ts'
import { unless } from '../support/tools.ts'

/** Why no browser can be had here, or false. */
export const skip = unlessLinked() || unless('chromium', 'baresip')

/** What the microphones of our two browsers hear, and a desk phone's, Hz. */
export const BROWSER = 600
export const OTHER = 800
export const DESK = 440

/** Until ICE and DTLS are through there is nothing to hear, ms: the answer comes first. */
export const CONNECTING = 1500
/** What a busy machine may tear out of a sound in Chromium, ms. */
export const TORN = 100

/** What tap's test object gives that a scene needs. */
interface Test {
  teardown(run: () => unknown): void
  passing(): boolean
}

export interface BrowserScene extends Scene {
  /** The phone page, in a window of its own of `browser`. */
  web(user: keyof Scene['users'], browser: Chromium, options?: BrowserContextOptions): Promise<WebPhone>
}

/** A scene on the cable: the server and desk phones at its near end, browsers at the far one. */
export async function browserScene(t: Test, args: readonly string[] = []): Promise<BrowserScene> {
  const people = await scene(t, { host: NEAR, args })
  return {
    ...people,
    get server() {
      return people.server
    },
    async web(user, browser, options) {
      const url = `https://${NEAR}:${people.server.https}/`
      const phone = await openWebPhone(await browser.person(options), { ...people.users[user], url })
      t.teardown(async () => {
        if (!t.passing()) console.error(`--- the page of ${user} wrote:\n${phone.output()}`)
        await phone.stop()
      })
      return phone
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
