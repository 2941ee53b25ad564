import type { Command } from 'commander'
import { callerCommands } from './callers.ts'
import { addEntry, type Face, listEntries, removeEntry, setEntry, showEntry } from './entries.ts'
import { type OtherwiseOptions, otherwiseFields, withOtherwise } from './otherwise.ts'
import type { Terminal } from './terminal.ts'

interface NumberOptions extends OtherwiseOptions {
  readonly to?: string
  readonly trunk?: string
  readonly label?: string
  readonly after?: string
}

interface AvailabilityOptions {
  readonly schedule?: string
  readonly overCalls?: string
  readonly fallback?: string
}

const NUMBERS: Face<'numbers'> = {
  kind: 'numbers',
  word: 'number',
  key: ({ number }) => number,
  columns: [
    { heading: 'NUMBER' },
    { heading: 'LABEL', shrinksTo: 10 },
    { heading: 'TRUNK' },
    { heading: 'AVAILABLE' },
    { heading: 'TO', shrinksTo: 14 },
    { heading: 'ELSE', shrinksTo: 10 },
  ],
  row: ({ number, label, trunk, availability, to, fallback }) => [
    number,
    label,
    trunk,
    availability,
    to.join(', '),
    fallback,
  ],
  none: 'no numbers; add one: offhook number add +15551234567 --to user:101',
}

/** `offhook number …` */
export function numberCommands(program: Command, terminal: Terminal): void {
  const number = program.command('number').description('our numbers in the phone network, and where their calls go')
  withFields(number.command('add').argument('<number>', 'as in +15551234567'))
    .requiredOption('--to <dests>', 'where its calls go, tried in order: user:101,group:sales')
    .description('add a number')
    .addHelpText('after', EXAMPLES)
    .action((written, options, command) =>
      addEntry(NUMBERS, { number: written, ...fields(options) }, undefined, { command, terminal }),
    )
  number
    .command('list')
    .description('all numbers')
    .action((_options, command) => listEntries(NUMBERS, { command, terminal }))
  number
    .command('show')
    .argument('<number>')
    .description('one number')
    .action((written, _options, command) => showEntry(NUMBERS, written, { command, terminal }))
  withFields(number.command('set').argument('<number>'))
    .option('--to <dests>', 'where its calls go, tried in order')
    .description('change what is given; none takes it away')
    .action((written, options, command) => setEntry(NUMBERS, written, fields(options), { command, terminal }))
  number
    .command('remove')
    .argument('<number>')
    .description('remove a number that nothing leads to and that has no callers')
    .action((written, _options, command) => removeEntry(NUMBERS, written, { command, terminal }))
  number
    .command('availability')
    .argument('<number>')
    .argument('<when>', 'always, after-hours, overflow, scheduled or never')
    .option('--schedule <name>', 'of after-hours (while it is closed) and scheduled (while it is open)')
    .option('--over-calls <n>', 'of overflow: when at least so many calls to the number are up')
    .option('--fallback <dest>', 'where its calls go at all other times; none: the caller hears busy')
    .description('say when calls go to where the number leads')
    .action((written, when, options, command) =>
      setEntry(NUMBERS, written, availability(when, options), { command, terminal }),
    )
  callerCommands(number, terminal)
}

function withFields(command: Command): Command {
  return withOtherwise(
    command
      .option('--trunk <name>', 'the trunk that alone may bring calls for it (default: any)')
      .option('--label <text>', 'what it is for, as in "Main line"')
      .option('--after <time>', 'how long each may ring, as in 20s'),
  )
}

function fields(options: NumberOptions): object {
  const { to, trunk, label, after } = options
  return { to, trunk, label, after, ...otherwiseFields(options) }
}

/** What another way needs, this one does not keep. */
function availability(when: string, { schedule = 'none', overCalls = 'none', fallback }: AvailabilityOptions): object {
  return { availability: when, schedule, overCalls, fallback }
}

const EXAMPLES = `
Examples:
  offhook number add +15551234567 --to group:sales --label "Main line" --no-answer user:101
  offhook number availability +15551234567 scheduled --schedule office --fallback user:102
`
