import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Child, startChild } from '../child.ts'
import { until } from '../deadline.ts'
import { type CapturedRequest, capturedIn } from './captured.ts'
import { type KamailioOptions, kamailioConfig } from './kamailioConfig.ts'

const run = promisify(execFile)

/**
 * How a provider does: as it should · `unavailable`: 503 to all · `silent`: it drops all · `holds`: a call gets its 100 and
 * nothing else · `mute`: a call reaches the phone network, but nothing provisional comes back, not even 100 · `challenges`:
 * 401 or 407 for ever · `forbids`: 403 · `redirects`: 302 to itself.
 */
export type Behaviour = 'normal' | 'unavailable' | 'silent' | 'holds' | 'mute' | 'challenges' | 'forbids' | 'redirects'

/** One server of a provider: a real Kamailio. */
export interface Kamailio {
  /** HOST:PORT, UDP and TCP. */
  readonly address: string
  readonly host: string
  readonly port: number
  behaves(how: Behaviour): Promise<void>
  /** Where the phone network has this number: HOST:PORT of the phone. */
  reaches(number: string, phone: string): Promise<void>
  /** Where calls for the customer's number go from now on, over the trunk by address: HOST:PORT. */
  sends(number: string, customer: string): Promise<void>
  /** Answers calls to this number with that status; null: connects them again. */
  refuses(number: string, status: number | null): Promise<void>
  /** Contacts that are registered for `account`, as URIs. */
  contacts(account: string): Promise<readonly string[]>
  /** All that came so far, from everybody, retransmissions included; a restart forgets nothing. */
  captured(method: string): readonly CapturedRequest[]
  /** The request number `nth` (from 1) of that method from elsewhere than the phone network, when it comes; within `ms`. */
  captures(method: string, nth?: number, ms?: number): Promise<CapturedRequest>
  /** Ends it as a fault does: at once, answering nobody. */
  stops(): Promise<void>
  /** Starts it again, at the same address. */
  starts(): Promise<void>
  output(): string
  stop(): Promise<void>
}

const PATIENCE = 8000

/** For tap's `skip`: why there is no Kamailio here that speaks TLS, or false. */
export function unlessTls(): string | false {
  const modules = ['/usr/lib', '/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu']
  if (modules.some((dir) => existsSync(join(dir, 'kamailio/modules/tls.so')))) return false
  return 'kamailio-tls-modules not installed; run: npm run test:setup'
}

/** Where Debian's package has empty tables. */
const EMPTY_TABLES = '/usr/share/kamailio/dbtext/kamailio'

/**
 * Runs Kamailio, and ends it when the end of this process' input says that who started it is gone: its children would live on
 * if it were killed alone.
 */
const TIED = `
  kamailio "$@" & server=$!
  exec 3<&0
  { read -r _ <&3; kill "$server"; } >/dev/null 2>&1 & watcher=$!
  trap 'kill "$server"' TERM
  wait "$server"; wait "$server"
  kill "$watcher"`

/**
 * Starts a Kamailio with its files in `dir`, which is empty; its path must be short, for its control socket is there. `under` is the
 * start of a command line that runs it, such as nsenter's.
 */
export async function startKamailio(
  dir: string,
  options: KamailioOptions,
  under: readonly string[] = [],
): Promise<Kamailio> {
  const { address: host, port, networkAddress } = options
  writeFileSync(join(dir, 'kamailio.cfg'), kamailioConfig(options, dir))
  writeFileSync(join(dir, 'chain.pem'), options.tls?.chain ?? '')
  writeFileSync(join(dir, 'key.pem'), options.tls?.key ?? '')
  emptyDatabase(join(dir, 'database'))
  const log: string[] = []
  const told = new Map<string, () => Promise<void>>()
  let child: Child | null = null
  const output = () => [...log, child?.output() ?? ''].join('')
  const rpc = async (...command: string[]) => {
    const { stdout } = await run('kamcmd', ['-s', `unix:${join(dir, 'control')}`, ...command], { timeout: PATIENCE })
    return stdout
  }
  const set = async (table: string, key: string, value: string) => {
    told.set(`${table} ${key}`, () => set(table, key, value))
    // Else what looks like a number is one to it.
    await rpc('htable.sets', table, `s:${key}`, `s:${value}`)
  }
  const captured = (method: string) => {
    const all = output().split('\n').map(capturedIn)
    return all.filter((request) => request !== null).filter((request) => request.method === method)
  }
  const starts = async () => {
    const files = ['-f', join(dir, 'kamailio.cfg'), '-w', dir, '-Y', dir]
    const [command = '', ...rest] = [...under, 'sh', '-c', TIED]
    child = await startChild(command, [...rest, 'kamailio', '-DD', '-E', '-m', '48', '-M', '8', ...files])
    const started = child
    let ended = false
    void started.exited.then(() => {
      ended = true
    })
    await until(PATIENCE, 'Kamailio to start', async () => {
      if (ended) throw new Error(`Kamailio ended at its start:\n${started.output()}`)
      return rpc('core.uptime').catch(() => undefined)
    })
    for (const again of [...told.values()]) await again()
  }
  const stops = async () => {
    const running = child
    child = null
    await running?.stop(PATIENCE)
    log.push(running?.output() ?? '')
  }
  await starts()
  return {
    address: `${host}:${port}`,
    host,
    port,
    behaves: (how) => set('behaviour', 'is', how),
    reaches: (number, phone) => set('network', number, `sip:${phone}`),
    sends: (number, customer) => set('address_of', number, customer),
    async refuses(number, status) {
      if (status !== null) return set('refused', number, String(status))
      told.delete(`refused ${number}`)
      await rpc('htable.delete', 'refused', `s:${number}`)
    },
    async contacts(account) {
      const found = await rpc('ul.lookup', 'location', `s:${account}`).catch(() => '')
      return [...found.matchAll(/Address: (\S+)/g)].map(([, uri = '']) => uri)
    },
    captured,
    captures: (method, nth = 1, ms = PATIENCE) =>
      until(ms, `${method} number ${nth} at the provider`, () => {
        return captured(method).filter(({ from }) => !from.startsWith(`${networkAddress}:`))[nth - 1]
      }),
    starts,
    stops,
    output,
    stop: stops,
  }
}

function emptyDatabase(dir: string): void {
  mkdirSync(dir)
  for (const table of ['location', 'location_attrs', 'version']) {
    copyFileSync(join(EMPTY_TABLES, table), join(dir, table))
  }
}
