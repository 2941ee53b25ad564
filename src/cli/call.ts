import type { Command } from 'commander'
import type { CallDetailView, CallView, LegView } from '../api/operations.ts'
import { OffhookError } from '../errors.ts'
import { systemClock } from '../platform/systemClock.ts'
import { wantsJson } from './options.ts'
import { all, withOperations } from './reach.ts'
import { facts, table } from './table.ts'
import type { Terminal } from './terminal.ts'
import { clockTime, json, localTime, plain, since } from './text.ts'

interface ListOptions {
  readonly active?: boolean
  readonly since?: string
  readonly user?: string
  readonly limit: string
}

/** `offhook call …` */
export function callCommands(program: Command, terminal: Terminal): void {
  const call = program.command('call').description('calls, now and before')
  call
    .command('list')
    .description('calls that are up, then those that ended, the latest first')
    .option('--active', 'only those that are up')
    .option('--since <when>', 'started since: 30m, 2h, 7d, 2026-11-20, 2026-11-20T10:00')
    .option('--user <user>', 'in which this user had a part')
    .option('--limit <number>', 'at most so many', '100')
    .action((options, command) => listCalls(options, command, terminal))
  call
    .command('show')
    .argument('<id>')
    .description('one call: its legs, codecs, the way of its media, loss and jitter')
    .action((id, _options, command) => showCall(id, command, terminal))
  call
    .command('explain')
    .argument('<id>')
    .description('one call in plain words: what happened and why')
    .action(async (id, _options, command) => (await import('./callExplain.ts')).explainCall(id, command, terminal))
  call
    .command('hangup')
    .argument('<id>')
    .description('end a call')
    .action((id, _options, command) => hangUp(id, command, terminal))
}

async function listCalls(options: ListOptions, command: Command, terminal: Terminal): Promise<void> {
  const filter = {
    active: options.active === true,
    since: options.since === undefined ? null : since(options.since, systemClock.wall()),
    user: options.user ?? null,
    limit: limitOf(options.limit),
  }
  const calls = await withOperations(command, terminal, (operations) => all(operations.calls(filter)))
  if (wantsJson(command)) return terminal.out(json(calls))
  if (calls.length === 0) return terminal.out('no calls\n')
  const columns = [
    { heading: 'ID' },
    { heading: 'STARTED' },
    { heading: 'FROM', shrinksTo: 10 },
    { heading: 'TO', shrinksTo: 10 },
    { heading: 'LENGTH', align: 'right' as const },
    { heading: 'STATE' },
  ]
  terminal.out(table(columns, calls.map(callRow), terminal.columns))
}

async function showCall(id: string, command: Command, terminal: Terminal): Promise<void> {
  const call = await withOperations(command, terminal, (operations) => operations.call(id))
  terminal.out(wantsJson(command) ? json(call) : callText(call))
}

async function hangUp(id: string, command: Command, terminal: Terminal): Promise<void> {
  await withOperations(command, terminal, (operations) => operations.hangUp(id))
  terminal.out(wantsJson(command) ? json({ id, state: 'ended' }) : `call ${id} hung up\n`)
}

function limitOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new OffhookError('USAGE', `--limit ${text} is no number of calls; write one from 1 up`)
}

function callRow(call: CallView): string[] {
  const length = call.duration === null ? '' : clockTime(call.duration)
  const started = localTime(call.startedAt)
  return [call.id, started, plain(call.from), plain(call.to), length, call.outcome ?? call.state]
}

function callText(call: CallDetailView): string {
  const name = call.fromName === null ? '' : ` "${plain(call.fromName)}"`
  return `call ${call.id}  ${call.outcome ?? call.state}\n${facts([
    ['from', plain(call.from) + name],
    ['to', plain(call.to)],
    ['answered by', call.answeredBy],
    ['started', localTime(call.startedAt)],
    ['answered', localTime(call.answeredAt)],
    ['ended', localTime(call.endedAt)],
    ['length', call.duration === null ? null : clockTime(call.duration)],
    ['ended by', call.endedBy],
    ['status', call.status === null ? null : String(call.status)],
    ['reason', call.reason],
  ])}${call.legs.map(legText).join('')}`
}

type Playout = NonNullable<NonNullable<LegView['stats']>['playout']>
type PeerReport = NonNullable<NonNullable<LegView['stats']>['peer']>

function legText(leg: LegView): string {
  const agent = leg.userAgent === null ? '' : `  ${plain(leg.userAgent)}`
  const title = `\n${leg.role} ${plain(leg.user)}${agent}\n`
  if (leg.stats === null)
    return (
      title +
      facts([
        ['signalling', leg.remote],
        ['media', leg.chain],
      ])
    )
  const { received, sent, lost, jitter, dropped, peer, roundTrip, mos, playout } = leg.stats
  const reasons = Object.entries(dropped).filter(([, count]) => count > 0)
  const quality = `lost ${lost}${jitter === null ? '' : `, jitter ${jitter.toFixed(1)} ms`}`
  return (
    title +
    facts([
      ['signalling', leg.remote],
      ['media', leg.chain],
      ['received', `${received.packets} packets, ${quality}${opinion(mos.heard)}`],
      ['sent', `${sent.packets} packets${peer === null ? '' : `, ${reported(peer)}`}${opinion(mos.told)}`],
      ['buffer', playout === null ? null : buffered(playout)],
      ['round trip', roundTrip === null ? null : `${roundTrip.toFixed(roundTrip < 10 ? 1 : 0)} ms`],
      ['dropped', reasons.map(([why, count]) => `${count} ${why}`).join(', ') || null],
    ])
  )
}

/** What became of its sound where it is transcoded. */
function buffered({ delay, late, concealed, removed, inserted }: Playout): string {
  const made = concealed > 0 ? `, ${(concealed / 1000).toFixed(2)} s made up` : ''
  const stretched = removed + inserted > 0 ? `, ${((removed + inserted) / 1000).toFixed(2)} s stretched` : ''
  return `${Math.round(delay)} ms${late > 0 ? `, ${late} packets late` : ''}${made}${stretched}`
}

/** What the phone reports of what it gets. */
function reported({ lost, lostTotal, jitter }: PeerReport): string {
  const now = lost > 0 ? ` (${(100 * lost).toFixed(1)} % lately)` : ''
  return `lost ${lostTotal}${now}, jitter ${jitter.toFixed(1)} ms`
}

function opinion(mos: number | null): string {
  return mos === null ? '' : `, MOS ${mos.toFixed(1)} (${opinionWord(mos)})`
}

/** In the terms of ITU-T G.109: from R = 80 on users are satisfied, under 60 nearly all are not. */
function opinionWord(mos: number): 'good' | 'fair' | 'bad' {
  if (mos >= 4.02) return 'good'
  return mos >= 3.1 ? 'fair' : 'bad'
}
