import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, startChild } from '../child.ts'
import { until, within } from '../deadline.ts'
import { freePort } from '../freePort.ts'

export interface SippUser {
  readonly user: string
  readonly password: string
  /** The number it dials, where the scenario does. */
  readonly dials?: string
}

export interface SippOptions {
  /** An existing directory for its files. */
  readonly dir: string
  /** The scenario as XML, from `scenario`. */
  readonly scenario: string
  /** HOST:PORT of the server. */
  readonly server: string
  readonly transport?: 'udp' | 'tcp'
  /** The address it is at; 127.0.0.1 unless said otherwise. */
  readonly address?: string
  /** One line of its CSV each; each call takes the next. */
  readonly users: readonly SippUser[]
  /** Its own SIP port: a callee listens where it has registered. */
  readonly port?: number
  readonly calls?: number
  readonly extra?: readonly string[]
}

export interface SippResult {
  readonly successful: number
  readonly failed: number
  /** Empty if all went well, else the reason, and all messages sent and received. */
  readonly problem: string
}

/** A SIPp that is running. */
export interface Sipp {
  readonly port: number
  /** Awaits its end, at most 20 s. A scenario that failed is a result, not a rejection. */
  finish(): Promise<SippResult>
  stop(): Promise<void>
}

const deadline = 20_000
let runs = 0

/** Starts SIPp 3.6; resolves once its port is bound. */
export async function startSipp(options: SippOptions): Promise<Sipp> {
  const port = options.port ?? (await freePort())
  const file = fileNames(options.dir)
  writeFileSync(file('xml'), options.scenario)
  const rows = options.users.map(
    ({ user, password, dials = '' }) => `${user};[authentication username=${user} password=${password}];${dials}`,
  )
  writeFileSync(file('csv'), ['SEQUENTIAL', ...rows, ''].join('\n'))
  const child = await startChild('sipp', argumentsOf(options, port, file), { cwd: options.dir })
  await until(5000, `SIPp to bind port ${port}`, () => child.output().length > 0 && (bound(port) || undefined))
  return { port, stop: () => child.stop(), finish: () => result(child, file) }
}

/** Runs a scenario from start to end. */
export async function runSipp(options: SippOptions): Promise<SippResult> {
  return (await startSipp(options)).finish()
}

type FileName = (kind: 'xml' | 'csv' | 'log' | 'errors' | 'stat') => string

function fileNames(dir: string): FileName {
  const run = ++runs
  return (kind) => join(dir, `sipp-${run}.${kind}`)
}

function argumentsOf(options: SippOptions, port: number, file: FileName): string[] {
  const { address = '127.0.0.1' } = options
  const count = String(options.calls ?? options.users.length)
  return [
    ...[options.server, '-sf', file('xml'), '-inf', file('csv'), '-i', address, '-p', String(port)],
    ...['-mi', address, '-t', options.transport === 'tcp' ? 't1' : 'u1', '-m', count, '-l', count, '-nostdin'],
    ...['-timeout', '15s', '-timeout_error', '-recv_timeout', '8000', '-default_behaviors', 'all,-bye'],
    ...['-trace_msg', '-message_file', file('log'), '-trace_err', '-error_file', file('errors')],
    ...['-trace_stat', '-stf', file('stat'), '-fd', '1', ...(options.extra ?? [])],
  ]
}

/** Whether a UDP or TCP socket of this host is bound to `port`, as Linux tells it. */
function bound(port: number): boolean {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')} `
  return ['udp', 'tcp'].some((protocol) => readFileSync(`/proc/net/${protocol}`, 'latin1').includes(hex))
}

async function result(child: Child, file: FileName): Promise<SippResult> {
  const code = await within(deadline, 'SIPp to end', child.exited).finally(() => child.stop())
  const { successful, failed } = statistics(file('stat'))
  if (code === 0 && failed === 0) return { successful, failed, problem: '' }
  const parts = [`SIPp ended with ${code}`, ...(['errors', 'log'] as const).map((kind) => read(file(kind)))]
  return { successful, failed, problem: parts.join('\n') }
}

/** The totals in the last line of SIPp's statistics. */
function statistics(path: string): { successful: number; failed: number } {
  const lines = read(path).trim().split('\n')
  const names = lines[0]?.split(';') ?? []
  const last = lines.at(-1)?.split(';') ?? []
  const total = (name: string) => Number(last[names.indexOf(name)] ?? 0)
  return { successful: total('SuccessfulCall(C)'), failed: total('FailedCall(C)') }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
