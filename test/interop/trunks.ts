import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { until } from '../support/deadline.ts'
import { NameServer } from '../support/dns/nameServer.ts'
import { type Itsp, type ItspOptions, type Kamailio, startItsp } from '../support/itsp/itsp.ts'
import { type OffhookOptions, offhookMain } from '../support/offhook.ts'
import type { Baresip } from '../support/phones/baresip.ts'
import { heard } from './conversation.ts'
import { type Scene, scene } from './people.ts'

const run = promisify(execFile)

/** A number in the phone network. */
export const FAR = '+4930555'
export const FAR_TONE = 880
export const NEAR_TONE = 440

/** An Offhook with a provider, and a name server that both believe. */
export interface TrunkScene extends Scene {
  readonly itsp: Itsp
  readonly names: NameServer
  /** `trunk add NAME` to this server of the provider: with the account's password and a registration, or by address. */
  trunk(name: string, server: Kamailio, ...flags: string[]): Promise<void>
  /** Lets everybody call the phone network over these trunks, in order. */
  goesOut(...trunks: string[]): Promise<void>
  /** The account is registered at that server: how many times. Awaits `count` of it. */
  registered(server: Kamailio, count?: number, ms?: number): Promise<void>
  /** What `trunk test NAME` says, and its exit code. */
  trunkTest(name: string): Promise<{ code: number; says: string }>
}

/** Its number in the country of the provider, and where the provider sends calls that come by address, are set up. */
export async function trunkScene(
  t: Test,
  options: Partial<ItspOptions> = {},
  serve: OffhookOptions = {},
): Promise<TrunkScene> {
  const host = serve.host ?? '127.0.0.1'
  const names = await NameServer.start()
  t.teardown(() => names.close())
  const itsp = await startItsp({ customer: null, customers: [host], ...options })
  t.teardown(async () => {
    if (!t.passing()) console.error(itsp.output())
    await itsp.stop()
  })
  const args = ['--country', 'DE', '--dns-server', names.server, ...(serve.args ?? [])]
  const people = await scene(t, { ...serve, args })
  const { cli, data } = people.server
  await itsp.trunk.sends(itsp.numbers.address, people.server.address('udp'))
  await cli('user', 'set', '101', '--allow', 'internal,national,international', '--caller-id', itsp.numbers.account)
  return {
    ...people,
    get server() {
      return people.server
    },
    itsp,
    names,
    async trunk(name, server, ...flags) {
      const { username, password } = itsp.account
      const proof = server === itsp.trunk ? [] : ['--username', username, '--password', password, '--register']
      const preset = flags.includes('--preset') ? [] : ['--preset', 'generic']
      const at = flags.includes('--host') ? [] : ['--host', server.address]
      await cli('trunk', 'add', name, ...preset, ...at, ...proof, ...flags)
    },
    goesOut: async (...trunks) => {
      const to = trunks.map((name) => `trunk:${name}`).join(',')
      await cli('route', 'add', 'out', '--match', '\\+.*', '--to', to)
    },
    async registered(server, count = 1, ms = 8000) {
      await until(ms, `${count} registrations at ${server.address}`, async () => {
        return (await server.contacts(itsp.account.username)).length === count || undefined
      })
    },
    async trunkTest(name) {
      const command = [offhookMain, 'trunk', 'test', name, '--data', data]
      try {
        const { stdout, stderr } = await run(process.execPath, command, { timeout: 60_000 })
        return { code: 0, says: stdout + stderr }
      } catch (error) {
        if (!(error instanceof Error) || !('code' in error) || !('stdout' in error) || !('stderr' in error)) throw error
        return { code: Number(error.code), says: `${error.stdout}${error.stderr}` }
      }
    },
  }
}

/** `caller` dials, `callee` answers; both hear the other for two seconds, and `caller` hangs up. */
export async function talk(t: Test, caller: Baresip, callee: Baresip, number: string): Promise<void> {
  await caller.calls(number)
  await callee.rings()
  await callee.answers()
  await caller.talks()
  await caller.listens(2)
  await callee.listens(2)
  await caller.hangsUp()
  await callee.ends()
  t.ok(true, `a call to ${number}`)
}

/** What both heard of a call between a phone here and one far away. */
export function heardBoth(t: Test, near: Baresip, far: Baresip, seconds = 2): void {
  heard(t, near, FAR_TONE, seconds)
  heard(t, far, NEAR_TONE, seconds)
}
