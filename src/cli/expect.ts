import type { Command } from 'commander'
import type { EntryViews } from '../api/plan/network.ts'
import { OffhookError } from '../errors.ts'
import { type Face, listEntries } from './entries.ts'
import { wantsJson } from './options.ts'
import { all, withOperations } from './reach.ts'
import type { Terminal } from './terminal.ts'
import { json, plain } from './text.ts'

type Expectation = EntryViews['expectations']

interface ExpectOptions {
  readonly from?: string
  readonly caller?: string
  readonly at?: string
  readonly to?: string
}

const EXPECTATIONS: Face<'expectations'> = {
  kind: 'expectations',
  word: 'expectation',
  key: keyOf,
  columns: [
    { heading: 'NUMBER' },
    { heading: 'FROM' },
    { heading: 'CALLER' },
    { heading: 'AT' },
    { heading: 'TO', shrinksTo: 12 },
  ],
  row: ({ number, from, caller, at, to }) => [number, from, caller, at, to],
  none: 'no expectations; add one: offhook dialplan expect NUMBER --from 101 --to trunk:NAME',
}

/** `offhook dialplan expect …` */
export function expectCommands(dialplan: Command, terminal: Terminal): void {
  const expect = withCall(dialplan.command('expect').argument('<number>', 'what is dialled'))
    // Not required ones: commander would ask for them with list and remove as well.
    .option('--from <caller>', '101 or trunk:NAME')
    .option('--to <dest>', 'where the call goes first, as in trunk:twilio')
    .description('what the plan must go on doing: a change that breaks it is refused')
    .addHelpText('after', EXAMPLES)
    .action((number, options, command) => add(number, options, command, terminal))
  expect
    .command('list')
    .description('all expectations')
    .action((_options, command) => listEntries(EXPECTATIONS, { command, terminal }))
  withCall(expect.command('remove').argument('<number>'))
    .option('--from <caller>', 'where there are several of the number')
    .description('expect it no longer')
    // The options of the same name of expect itself take what is given.
    .action((number, _options, command) => remove(number, command.optsWithGlobals(), command, terminal))
}

function withCall(command: Command): Command {
  return command
    .option('--caller <number>', 'who calls over the trunk, as in +15551234567')
    .option('--at <time>', 'local time of the server, as in 2026-12-25T10:00 (default: at any time)')
}

async function add(number: string, options: ExpectOptions, command: Command, terminal: Terminal): Promise<void> {
  const { from, caller, at, to } = options
  if (from === undefined || to === undefined) {
    throw new OffhookError('USAGE', `say who calls with --from, and where ${number} is to go with --to`)
  }
  const value = { number, from, caller, at, to }
  const added = await withOperations(command, terminal, (operations) =>
    operations.addEntry('expectations', value, null),
  )
  terminal.out(wantsJson(command) ? json(added) : `${plain(keyOf(added))} goes to ${added.to}, and is to stay so\n`)
}

async function remove(number: string, options: ExpectOptions, command: Command, terminal: Terminal): Promise<void> {
  const removed = await withOperations(command, terminal, async (operations) => {
    const entries = await all(operations.entries('expectations'))
    const meant = entries.filter((entry) => entry.number === number && fits(entry, options))
    if (meant.length > 1) throw several(number, meant)
    // Of none the operation says what is near.
    return operations.removeEntry('expectations', meant[0] === undefined ? number : keyOf(meant[0]))
  })
  terminal.out(wantsJson(command) ? json(removed) : `expectation ${plain(keyOf(removed))} removed\n`)
}

function fits(entry: Expectation, { from, caller, at }: ExpectOptions): boolean {
  const same = (given: string | undefined, kept: string | null) => given === undefined || given === kept
  return same(from?.replace(/^user:/, ''), entry.from) && same(caller, entry.caller) && same(at, entry.at)
}

function several(number: string, entries: readonly Expectation[]): OffhookError {
  const names = entries.map(keyOf).join(', ')
  return new OffhookError(
    'USAGE',
    `there are ${entries.length} expectations of ${number} (${names}); say which with --from, --caller or --at`,
  )
}

function keyOf({ number, from, caller, at }: Expectation): string {
  return `${number} from ${from}${caller === null ? '' : ` caller ${caller}`}${at === null ? '' : ` at ${at}`}`
}

const EXAMPLES = `
Examples:
  offhook dialplan expect 0301234567 --from 101 --to trunk:twilio
  offhook dialplan expect +15551234567 --from trunk:twilio --at 2026-12-25T10:00 --to user:102
`
