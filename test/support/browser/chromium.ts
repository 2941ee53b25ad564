import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core'
import { tone, writeWav } from '../audio.ts'
import { atFarSide } from './link.ts'

/** Debian's Chromium at the far side of the cable. */
export interface Chromium {
  /** A person's own window, with nothing in it of another's. */
  person(options?: BrowserContextOptions): Promise<BrowserContext>
  stop(): Promise<void>
}

const EXECUTABLE = '/usr/bin/chromium'

const QUIET = [
  ...['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
]

/**
 * Starts Chromium with a microphone that hears a tone of `hz`. It asks nobody whether a page may use it; with `asks`, who has
 * not been granted it is refused.
 */
export async function startChromium(hz: number, { asks = false } = {}): Promise<Chromium> {
  const dir = mkdtempSync(join(tmpdir(), 'offhook-chromium-'))
  const microphone = join(dir, 'microphone.wav')
  writeWav(microphone, tone(hz, 10, 48_000))
  const sound = ['--use-fake-device-for-media-stream', `--use-file-for-fake-audio-capture=${microphone}`]
  const browser = await chromium.launch({
    executablePath: farChromium(dir),
    args: [...QUIET, ...sound, ...(asks ? [] : ['--use-fake-ui-for-media-stream'])],
    timeout: 60_000,
  })
  return {
    person: (options) => browser.newContext({ ignoreHTTPSErrors: true, ...options }),
    async stop() {
      await browser.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** playwright starts one file, and we have a command line. */
function farChromium(dir: string): string {
  const file = join(dir, 'chromium')
  writeFileSync(file, `#!/bin/sh\nexec ${atFarSide().join(' ')} ${EXECUTABLE} "$@"\n`)
  chmodSync(file, 0o755)
  return file
}
