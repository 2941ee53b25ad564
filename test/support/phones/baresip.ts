import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readWav, tone, writeWav } from '../audio.ts'
import { startChild } from '../child.ts'
import { until, within } from '../deadline.ts'
import { freePort } from '../freePort.ts'
import { controlWithin, openControl } from './controlSocket.ts'
import type { Account, Phone } from './phone.ts'

export interface Baresip extends Phone {
  /** The direction of its audio is, or becomes, that (RFC 3264 §5.1). */
  audioIs(direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'): Promise<void>
  /** RTP packets that it received so far, and how many of those it sent are lost, as it was told by RTCP. */
  packets(): Promise<{ received: number; lost: number }>
  /** Receives so many packets more. */
  receives(packets: number): Promise<void>
  /** Presses a key and lets go of it, as an event (RFC 4733). */
  presses(key: string): Promise<void>
  /** Has heard so many keys in all. */
  hearsKeys(count: number): Promise<void>
  /** The keys that it was told of so far, as events; each as often as it took it for pressed. */
  keys(): string
  /** HOST:PORT of its SIP. */
  readonly sip: string
}

export interface BaresipOptions {
  /** An empty directory of its own. */
  readonly dir: string
  readonly account: Account
  /** What its microphone hears, Hz. */
  readonly tone: number
  /** Codecs offered, as baresip names them; one that it doesn't know makes it offer all: G.722 is G722/16000/1. */
  readonly codecs?: string
  /** What its codec sounds at, Hz, and on how many channels: its microphone must, too. Opus is 48000 and 2. */
  readonly sampleRate?: 8000 | 16000 | 48000
  readonly channels?: 1 | 2
  /** The address it is at; its server's unless said otherwise. */
  readonly address?: string
  /** false: a phone that its server knows without a registration; `registers` makes it ready all the same. */
  readonly registration?: boolean
  /** It encrypts its audio by keys in SDP (RFC 4568), and takes no other. */
  readonly srtp?: boolean
  /** The start of a command line that runs it, such as nsenter's into a network namespace. */
  readonly under?: readonly string[]
}

const step = 8000

/**
 * Starts baresip 1.0 without screen, keyboard or sound card, on its server's address. Its microphone is a WAV file (`aufile`), what
 * it hears goes through the filter `sndfile` into another; `ctrl_tcp` takes the orders and tells the events.
 *
 * The recording holds what was received, one packet after the other: what did not come makes it shorter, not silent. It
 * ends at the first hold, for baresip 1.0 drops its filters then and does not take them up again.
 */
export async function startBaresip(options: BaresipOptions): Promise<Baresip> {
  const { dir, account, sampleRate = 8000, channels = 1, under = [] } = options
  const address = options.address ?? account.server.split(':')[0] ?? ''
  // SIP, SIP over TLS behind it, and its control socket.
  const sip = await freePort(3)
  const control = sip + 2
  const recordings = join(dir, 'heard')
  mkdirSync(recordings, { recursive: true })
  writeWav(join(dir, 'microphone.wav'), tone(options.tone, 60, sampleRate), channels)
  writeFileSync(join(dir, 'config'), config(`${address}:${sip}`, dir, recordings, control))
  writeFileSync(join(dir, 'accounts'), '')
  writeFileSync(join(dir, 'contacts'), '')
  const [command = '', ...rest] = [...under, 'stdbuf', '-oL', 'baresip']
  const child = await startChild(command, [...rest, '-4', '-v', '-s', '-f', dir])
  const early = child.exited.then(() => {
    throw new Error(`baresip ended at its start:\n${child.output()}`)
  })
  early.catch(() => {})
  const way = under.length > 0 ? await controlWithin(under, dir, control) : { host: '127.0.0.1', port: control }
  const orders = await Promise.race([openControl(way, step), early])
  const expect = (type: string) => async () => void (await orders.event(type, step))
  const recorded = () => readdirSync(recordings).filter((name) => name.endsWith('-dec.wav'))
  const latest = () => join(recordings, recorded().sort().at(-1) ?? 'nothing-was-recorded.wav')
  const audioIs = async (direction: string) => {
    await until(step, `the audio of baresip to be ${direction}`, async () => {
      return (await orders.command('audio_debug')).includes(`audio dir=${direction} `) || undefined
    })
  }
  const keys = () => [...child.output().matchAll(/received event: '(.)' \(end=0\)/g)].map(([, key]) => key).join('')
  const packets = async () => {
    const stream = await orders.command('audio_debug')
    const count = (name: string) => Number(new RegExp(`${name}=(\\d+)`).exec(stream)?.[1] ?? 0)
    return { received: count('rcvd'), lost: count('lost') }
  }
  return {
    async registers() {
      await orders.command('uanew', accountLine(options))
      if (options.registration ?? true) await orders.event('REGISTER_OK', step)
    },
    async calls(number) {
      await orders.command('dial', number.includes(':') ? number : `sip:${number}@${account.server}`)
    },
    rings: expect('CALL_INCOMING'),
    async answers() {
      await orders.command('accept')
      await orders.event('CALL_ESTABLISHED', step)
    },
    talks: expect('CALL_ESTABLISHED'),
    async listens(seconds) {
      await until(step + seconds * 1000, `baresip to hear ${seconds} s`, () => {
        const size = recorded().length > 0 ? statSync(latest()).size : 0
        return size >= seconds * 2 * channels * sampleRate || undefined
      })
    },
    async holds() {
      await orders.command('hold')
      await audioIs('sendonly')
    },
    async resumes() {
      await orders.command('resume')
      await audioIs('sendrecv')
    },
    audioIs,
    packets,
    async receives(more) {
      const { received } = await packets()
      await until(step, `baresip to receive ${more} packets more than ${received}`, async () => {
        return (await packets()).received >= received + more || undefined
      })
    },
    sip: `${address}:${sip}`,
    presses: async (key) => void (await orders.command('sndcode', key)),
    keys,
    hearsKeys: (count) =>
      until(step, `baresip to hear ${count} keys`, () => keys().length >= count || undefined).then(() => {}),
    async hangsUp() {
      await orders.command('hangup')
      await orders.event('CALL_CLOSED', step)
    },
    ends: () => orders.event('CALL_CLOSED', step),
    recording: () => readWav(latest()),
    // Without the status line that it writes anew ten times a second.
    output: () => child.output().replaceAll(/\r?\x1b?\[\d+:\d\d:\d\d\] audio=\d+\/\d+ \(bit\/s\) */g, ''),
    async stop() {
      orders.close()
      await within(step, 'baresip to stop', child.stop())
    },
  }
}

function accountLine({ account, codecs = 'PCMU', registration = true, srtp = false }: BaresipOptions): string {
  const transport = account.transport === 'tcp' ? ';transport=tcp' : ''
  const encryption = srtp ? ';mediaenc=srtp-mand' : ''
  return `<sip:${account.user}@${account.server}${transport}>;auth_pass=${account.password};regint=${registration ? 60 : 0};audio_codecs=${codecs}${encryption}`
}

function config(sip: string, dir: string, recordings: string, control: number): string {
  // net_interface is compared with interface names first, and loopback's is refused: its address is taken.
  return `net_interface ${sip.split(':')[0]}
sip_listen ${sip}
rtp_ports 40000-49998
audio_source aufile,${join(dir, 'microphone.wav')}
snd_path ${recordings}
ctrl_tcp_listen 127.0.0.1:${control}
jitter_buffer_delay 1-20
module_path /usr/lib/baresip/modules
module g711.so
module g722.so
module opus.so
module aufile.so
module sndfile.so
module uuid.so
module srtp.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
`
}
