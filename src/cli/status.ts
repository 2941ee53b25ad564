import type { Command } from 'commander'
import type { Status } from '../api/operations.ts'
import { hostPort } from '../platform/address.ts'
import type { TrunkState } from '../trunks/trunk.ts'
import { chosenDirectory, wantsJson } from './options.ts'
import { withOperations } from './reach.ts'
import { facts } from './table.ts'
import type { Terminal } from './terminal.ts'
import { json, mebibytes, spanText } from './text.ts'

/** `offhook status` */
export function statusCommand(program: Command, terminal: Terminal): void {
  program
    .command('status')
    .description('what listens where, calls up, phones registered, trunks and their state, CPU and memory')
    .action((_options, command) => status(command, terminal))
}

async function status(command: Command, terminal: Terminal): Promise<void> {
  const now = await withOperations(command, terminal, (operations) => operations.status())
  terminal.out(wantsJson(command) ? json(now) : statusText(now, chosenDirectory(command, terminal).path))
}

function statusText(now: Status, data: string): string {
  const { calls, signalling, media, dropped, ignoring, cpu, memory, eventLoop, uptime } = now
  const state = now.running ? `running since ${spanText(uptime ?? 0)}, process ${now.pid}` : 'not running'
  return `Offhook ${now.version}  ${state}\n${facts([
    ['data', data],
    ...now.listeners.map((one) => ['listens', `${one.protocol} ${hostPort(one.address, one.port)}`] as const),
    [
      'https',
      now.https && `${now.https.connections} connections, certificate until ${now.https.certificateUntil.slice(0, 10)}`,
    ],
    ['authority', now.https?.authority ? `SHA-256 ${now.https.authority}` : null],
    ['domains', now.domains?.join(', ') || null],
    ['realm', now.realm],
    ['users', String(now.users)],
    ['phones', `${now.registrations} registered`],
    ...(now.trunks ?? []).map((trunk) => ['trunk', trunkText(trunk)] as const),
    ['calls', calls && `${calls.active} up, ${calls.total} since the start`],
    ['signalling', signalling && signallingText(signalling)],
    ['media', media && `${media.legs} legs on ${media.threads} threads, ${media.portsInUse} ports in use`],
    ['sound late', media && media.late.turns > 0 ? lateText(media.late) : null],
    ['dropped', dropped && droppedText(dropped)],
    ['ignoring', ignoring?.join(', ') || null],
    ['cpu', cpu && `${cpu.user.toFixed(1)} s user, ${cpu.system.toFixed(1)} s system`],
    ['memory', memory && mebibytes(memory.rss)],
    ['loop delay', eventLoop && `${eventLoop.p99.toFixed(1)} ms (99th percentile)`],
  ])}`
}

function trunkText({ name, state, registration, problem }: TrunkState): string {
  const registered =
    registration === null ? '' : registration.state === 'registered' ? ', registered' : ', not registered'
  return `${name} ${state}${registered}${problem === null ? '' : `: ${problem}`}`
}

function signallingText({ transactions, dialogs, connections }: NonNullable<Status['signalling']>): string {
  return `${transactions} transactions, ${dialogs} dialogs, ${connections} connections`
}

function lateText({ p99, worst }: NonNullable<Status['media']>['late']): string {
  return `${p99} ms (99th percentile), ${worst.toFixed(1)} ms at worst`
}

// Nothing to say is the usual case.
function droppedText({ malformed, ignored, refused, failed }: NonNullable<Status['dropped']>): string | null {
  const counts = {
    'malformed messages': malformed,
    'of ignored sources': ignored,
    connections: refused,
    errors: failed,
  }
  return (
    Object.entries(counts)
      .flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []))
      .join(', ') || null
  )
}
