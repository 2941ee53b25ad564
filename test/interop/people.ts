import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CallDetailView, CallView } from '../../src/api/operations.ts'
import { type Offhook, type OffhookOptions, startOffhook } from '../support/offhook.ts'
import { type Baresip, type BaresipOptions, startBaresip } from '../support/phones/baresip.ts'
import { type Linphone, startLinphone } from '../support/phones/linphone.ts'
import type { Account, Phone } from '../support/phones/phone.ts'
import type { SippUser } from '../support/phones/sipp.ts'

/** What tap's test object gives that a scene needs. */
interface Test {
  teardown(run: () => unknown): void
  passing(): boolean
}

interface PhoneOptions {
  /** What its microphone hears, Hz. */
  readonly tone: number
  readonly transport?: 'udp' | 'tcp'
}

/** A server with the users 101, 102 and 103, and phones for them: all real programs, all ended with the test. */
export interface Scene {
  readonly server: Offhook
  readonly users: Readonly<Record<'101' | '102' | '103', SippUser>>
  baresip(
    user: keyof Scene['users'],
    options: PhoneOptions & Pick<BaresipOptions, 'codecs' | 'sampleRate' | 'channels' | 'address' | 'under'>,
  ): Promise<Baresip>
  linphone(
    user: keyof Scene['users'],
    options: PhoneOptions & { codec?: 'PCMU' | 'opus'; sip?: readonly string[] },
  ): Promise<Linphone>
  /** Kills the server as a power cut would (SIGKILL) and starts it anew, with the same data on the same port. */
  crashes(): Promise<void>
  /** What `call list` shows: the calls that are up. */
  activeCalls(): Promise<readonly CallView[]>
  /** What `call show` shows of the call that began last. */
  lastCall(): Promise<CallDetailView>
  /** A fresh directory. */
  dir(name: string): string
}

/** Starts the server, on 127.0.0.1 unless `options` name another host, and makes the users. Where the test fails, what every program wrote is shown. */
export async function scene(t: Test, options: OffhookOptions = {}): Promise<Scene> {
  // Not tap's own test directory: the control socket's path must stay under 104 octets.
  const root = mkdtempSync(join(tmpdir(), 'offhook-'))
  const programs = new Map<string, { output(): string; stop(): Promise<unknown> }>()
  let count = 0
  const dir = (name: string) => {
    const path = join(root, `${name}-${++count}`)
    mkdirSync(path)
    return path
  }
  t.teardown(async () => {
    if (!t.passing()) for (const [name, { output }] of programs) console.error(`--- ${name} wrote:\n${output()}`)
    // Phones first: each takes its leave of the server.
    for (const { stop } of [...programs.values()].reverse()) await stop()
    rmSync(root, { recursive: true })
  })
  const data = dir('data')
  let server = await startOffhook(data, options)
  programs.set('offhook', { output: () => server.log(), stop: () => server.stop() })
  const users = { '101': person('101'), '102': person('102'), '103': person('103') }
  // The first start has made 101 and 102, with passwords of its own.
  await server.cli('user', 'set', '101', '--password', users['101'].password)
  await server.cli('user', 'set', '102', '--password', users['102'].password)
  await server.cli('user', 'add', '103', '--password', users['103'].password)
  const calls = async (...filter: string[]): Promise<readonly CallView[]> => {
    return JSON.parse(await server.cli('call', 'list', '--json', ...filter))
  }
  const account = (user: keyof Scene['users'], transport: 'udp' | 'tcp'): Account => {
    return { ...users[user], transport, server: server.address(transport) }
  }
  const started = async <P extends Phone>(name: string, phone: Promise<P>): Promise<P> => {
    const up = await phone
    programs.set(`${name} ${++count}`, up)
    return up
  }
  return {
    get server() {
      return server
    },
    users,
    dir,
    async crashes() {
      process.kill(server.pid, 'SIGKILL')
      await server.stop()
      server = await startOffhook(data, {
        ...options,
        args: [...(options.args ?? []), '--sip-port', String(server.sip.udp)],
      })
    },
    activeCalls: () => calls('--active'),
    async lastCall() {
      const [last] = await calls('--limit', '1')
      return JSON.parse(await server.cli('call', 'show', last?.id ?? '', '--json'))
    },
    baresip: (user, { transport = 'udp', ...rest }) =>
      started('baresip', startBaresip({ dir: dir(user), account: account(user, transport), ...rest })),
    linphone: (user, { transport = 'udp', ...rest }) =>
      started('linphone', startLinphone({ dir: dir(user), account: account(user, transport), ...rest })),
  }
}

function person(user: string): SippUser {
  return { user, password: `secret-of-${user}` }
}
