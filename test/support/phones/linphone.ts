import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readWav, tone, writeWav } from '../audio.ts'
import { startChild } from '../child.ts'
import { until } from '../deadline.ts'
import { freePort } from '../freePort.ts'
import { awaitLines } from './lines.ts'
import { messagesIn } from './linphoneLog.ts'
import type { Account, Phone } from './phone.ts'

export interface Linphone extends Phone {
  /** Presses a key. */
  presses(key: string): Promise<void>
  /** The next key that it is told of. */
  hearsKey(): Promise<string>
  /** The first SIP message of that kind that it sent, as in `PRACK` or `200 PRACK`; waits for it. */
  sends(what: string): Promise<string>
  /** The first that it received. */
  sees(what: string): Promise<string>
}

export interface LinphoneOptions {
  /** An empty directory of its own. */
  readonly dir: string
  readonly account: Account
  /** What its microphone hears, Hz. */
  readonly tone: number
  /** The one codec it takes. */
  readonly codec?: keyof typeof rates
  /** Lines of its [sip] section. */
  readonly sip?: readonly string[]
}

const step = 8000

/** Samples per second that each codec is played at. */
const rates = { PCMU: 8000, PCMA: 8000, opus: 48000 }

/**
 * Starts linphonec 5.1 with WAV files for sound card. It takes its orders on stdin and tells what happens on stdout. Its
 * recording runs in real time: what did not come is silent.
 */
export async function startLinphone(options: LinphoneOptions): Promise<Linphone> {
  const { dir, account, codec = 'PCMU', sip = [] } = options
  const microphone = join(dir, 'microphone.wav')
  const heard = join(dir, 'heard.wav')
  // linphonec does not make its own data directory.
  mkdirSync(join(dir, '.local/share/linphone'), { recursive: true })
  writeWav(microphone, tone(options.tone, 60))
  writeFileSync(join(dir, 'rc'), config(await freePort(), codec, sip))
  const log = join(dir, 'log')
  const child = await startChild('stdbuf', ['-oL', 'linphonec', '-d', '6', '-l', log, '-c', join(dir, 'rc')], {
    env: { ...process.env, HOME: dir, XDG_DATA_HOME: '', XDG_CONFIG_HOME: '' },
  })
  const line = awaitLines(child, 'linphonec')
  const logged = (sent: boolean, what: string) =>
    until(step, `linphonec to ${sent ? 'send' : 'receive'} ${what}`, () => {
      const messages = messagesIn(readFileSync(log, 'latin1'))
      return messages.find((message) => message.sent === sent && message.what === what)?.text
    })
  const order = (text: string) => child.write(`${text}\n`)
  order('soundcard use files')
  await line(/Using wav files/, step)
  order(`play ${microphone}`)
  order(`record ${heard}`)
  const transport = account.transport === 'tcp' ? ';transport=tcp' : ''
  return {
    async registers() {
      order(`register sip:${account.user}@${account.server} sip:${account.server}${transport} ${account.password}`)
      await until(step, 'linphonec to be registered', async () => {
        order('status register')
        return (await line(/^registered/, step)).startsWith('registered, identity=') || undefined
      })
    },
    async calls(number) {
      order(`call ${number.includes(':') ? number : `sip:${number}@${account.server}`}`)
      await line(/in progress/, step)
    },
    rings: async () => void (await line(/Receiving new incoming call/, step)),
    async answers() {
      order('answer')
      await line(/connected|Media streams established/, step)
    },
    talks: async () => void (await line(/connected/, step)),
    async listens(seconds) {
      await until(step + seconds * 1000, `linphonec to hear ${seconds} s`, () => {
        // The head of the file, with the rate, is written at the end of the call.
        const size = statSync(heard, { throwIfNoEntry: false })?.size ?? 0
        return size >= seconds * 2 * rates[codec] || undefined
      })
    },
    async holds() {
      order('pause')
      // "Pausing call" comes first; a resume before the other side has agreed is refused.
      await line(/is now paused/, step)
    },
    async resumes() {
      order('resume')
      await line(/resumed|Media streams established/, step)
    },
    async hangsUp() {
      order('terminate')
      await line(/Call \d+ with .* ended/, step)
    },
    ends: () => line(/Call \d+ with .* (ended|error)/, step),
    presses: async (key) => order(key),
    hearsKey: async () => /Receiving tone (.)/.exec(await line(/Receiving tone/, step))?.[1] ?? '',
    sends: (what) => logged(true, what),
    sees: (what) => logged(false, what),
    recording: () => readWav(heard),
    output: child.output,
    stop: () => child.stop(),
  }
}

function config(sipPort: number, codec: string, sip: readonly string[]): string {
  // What linphone would offer by itself; each must be turned off by name.
  const known = ['opus 48000 2', 'speex 16000 1', 'speex 8000 1', 'PCMU 8000 1', 'PCMA 8000 1', 'G729 8000 1']
  const codecs = known.map((entry, i) => {
    const [mime, rate, channels] = entry.split(' ')
    const enabled = mime === codec ? 1 : 0
    return `[audio_codec_${i}]\nmime=${mime}\nrate=${rate}\nchannels=${channels}\nenabled=${enabled}\n`
  })
  return `[sip]
sip_port=${sipPort}
sip_tcp_port=${sipPort}
sip_tls_port=0
bind_address=127.0.0.1
use_ipv6=0
media_encryption=none
${sip.join('\n')}
[rtp]
audio_rtp_port=40000-49998
[net]
firewall_policy=none
[sound]
echocancellation=0
${codecs.join('')}`
}
