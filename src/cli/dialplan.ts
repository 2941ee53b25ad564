import type { Command } from 'commander'
import type { AssumedCalls, CheckedPlan, TestedCall } from '../api/operations.ts'
import type { EntryViews } from '../api/plan/network.ts'
import { OffhookError } from '../errors.ts'
import { collect } from './entries.ts'
import { expectCommands } from './expect.ts'
import { wantsJson } from './options.ts'
import { withOperations } from './reach.ts'
import type { Terminal } from './terminal.ts'
import { json, localTime, plain } from './text.ts'

interface TestOptions {
  readonly from?: string
  readonly caller?: string
  readonly at?: string
  readonly callsUp?: readonly string[]
}

/** `offhook dialplan …` */
export function dialplanCommands(program: Command, terminal: Terminal): void {
  const dialplan = program.command('dialplan').description('what a call would do, and whether that stays so')
  dialplan
    .command('test')
    .argument('<number>', 'what is dialled')
    .option('--from <caller>', '101 or trunk:NAME (default: the first user; with --caller, the first trunk)')
    .option('--caller <number>', 'who calls over the trunk, as in +15551234567')
    .option('--at <time>', 'local time of the server, as in 2026-12-25T10:00 (default: now)')
    .option('--calls-up <of=n>', 'as if so many were up: any=3, trunk:NAME=1, user:101=2; may be repeated', collect)
    .description('why each rule does or does not match, and what happens')
    .addHelpText('after', EXAMPLES)
    .action((number, options, command) => test(number, options, command, terminal))
  dialplan
    .command('check')
    .description('every stored expectation; rules that can never match; overlaps')
    .action((_options, command) => check(command, terminal))
  expectCommands(dialplan, terminal)
}

async function test(number: string, options: TestOptions, command: Command, terminal: Terminal): Promise<void> {
  const { from = null, caller = null, at = null } = options
  const callsUp = (options.callsUp ?? []).map(assumedCalls)
  const tested = await withOperations(command, terminal, (operations) =>
    operations.testDialplan({ number, from, caller, at, callsUp }),
  )
  terminal.out(wantsJson(command) ? json(tested) : testedText(tested))
}

/** Throws USAGE. */
function assumedCalls(written: string): AssumedCalls {
  const [, of, count] = /^(.+)=(\d{1,6})$/s.exec(written) ?? []
  if (of !== undefined && count !== undefined) return { of, count: Number(count) }
  throw new OffhookError('USAGE', `--calls-up ${plain(written)} says not how many calls of what; write it as any=3`)
}

async function check(command: Command, terminal: Terminal): Promise<void> {
  const checked = await withOperations(command, terminal, (operations) => operations.checkDialplan())
  terminal.out(wantsJson(command) ? json(checked) : checkedText(checked))
  const errors = checked.findings.filter(({ severity }) => severity === 'error').length
  if (errors > 0) throw new OffhookError('PLAN_INVALID', `the dial plan has ${counted(errors, 'error')}; see above`)
  const broken = checked.broken.length
  if (broken > 0) throw new OffhookError('EXPECTATION_BROKEN', `${counted(broken, 'expectation')} broken; see above`)
}

/** Rule by rule, then what happens, then what follows where that fails. */
function testedText(call: TestedCall): string {
  const caller = call.caller === null ? '' : ` (${plain(call.caller)})`
  const width = Math.max(0, ...call.rules.map(({ name }) => name.length))
  const rules = call.rules.map(
    ({ name, matched, why }) => `  ${matched ? '✓' : '✗'} ${plain(name).padEnd(width)}  ${plain(why)}\n`,
  )
  const follows = grouped(call.follows)
  const causeWidth = Math.max(0, ...follows.map(({ causes }) => causes.length))
  const assumed = call.callsUp.map(({ of, count }) => `, as if ${counted(count, 'call')} of ${plain(of)} were up`)
  return [
    `${plain(call.number)} from ${plain(call.from)}${caller}, ${localTime(call.at)}${assumed.join('')}\n\n`,
    ...rules,
    `\n→ ${plain(call.does)}   (${plain(call.rule)})\n`,
    ...(call.way.length === 0 ? [] : ['\nOn the way there:\n', ...call.way.map((step) => `  ${plain(step)}\n`)]),
    ...(follows.length === 0 ? [] : ['\nAnd if that is\n']),
    ...follows.map(({ causes, does }) => `  ${causes.padEnd(causeWidth)}  → ${plain(does)}\n`),
  ].join('')
}

/** Causes after which the same follows stand on one line. */
function grouped(follows: TestedCall['follows']): { causes: string; does: string }[] {
  const causesOf = new Map<string, string[]>()
  for (const { cause, does } of follows) {
    causesOf.set(does, [...(causesOf.get(does) ?? []), cause === 'no-answer' ? 'not answered' : cause])
  }
  return [...causesOf].map(([does, causes]) => ({ causes: causes.join(', '), does }))
}

function checkedText({ expectations, broken, findings }: CheckedPlan): string {
  const marks = { error: '✗', warning: '!', note: '·' }
  return [
    ...findings.map(({ severity, about, message }) => `${marks[severity]} ${plain(about)}: ${plain(message)}\n`),
    ...broken.map(
      ({ expectation, got }) => `✗ ${callText(expectation)} is to go to ${expectation.to}, and goes to ${got}\n`,
    ),
    `${counted(expectations, 'expectation')}, ${broken.length === 0 ? 'all kept' : `${broken.length} broken`}\n`,
    findings.length === 0 ? 'nothing is odd in the rules\n' : '',
  ].join('')
}

function callText({ number, from, caller, at }: EntryViews['expectations']): string {
  return `${plain(number)} from ${plain(from)}${caller === null ? '' : ` (${caller})`}${at === null ? '' : ` at ${at}`}`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

const EXAMPLES = `
Examples:
  offhook dialplan test 0301234567 --from 101
  offhook dialplan test +15551234567 --from trunk:twilio --caller +15557654321 --at 2026-12-25T10:00
  offhook dialplan test +15551234567 --from trunk:twilio --calls-up number:+15551234567=3
`
