import type { Command } from 'commander'
import { type Face, listEntries, removeEntry, setEntry, showEntry } from './entries.ts'
import type { Terminal } from './terminal.ts'

const LIMITS: Face<'limits'> = {
  kind: 'limits',
  word: 'limit',
  key: ({ subject }) => subject,
  columns: [
    { heading: 'OF' },
    { heading: 'CALLS', align: 'right' },
    { heading: 'CALLS A DAY', align: 'right' },
    { heading: 'MINUTES A DAY', align: 'right' },
    { heading: 'NO CALLS' },
  ],
  row: ({ subject, calls, callsPerDay, minutesPerDay, night }) => [
    subject,
    ...[calls, callsPerDay, minutesPerDay].map((count) => (count === null ? null : String(count))),
    night,
  ],
  none: 'no limits; set one: offhook limit set any --calls 4 --minutes-per-day 120',
}

/** `offhook limit …` */
export function limitCommands(program: Command, terminal: Terminal): void {
  const limit = program.command('limit').description('caps on calls to the phone network')
  limit
    .command('set')
    .argument('<subject>', 'user:101, trunk:NAME, or any: each user that has none of its own')
    .option('--calls <n>', 'at once')
    .option('--calls-per-day <n>', 'from midnight to midnight, by the clock of the server')
    .option('--minutes-per-day <n>', 'as well')
    .option('--night <hours>', 'no calls in these hours, as in 22:00-06:00')
    .description('set what is given; none takes it away')
    .addHelpText(
      'after',
      '\nExample:\n  offhook limit set user:101 --calls 2 --minutes-per-day 60 --night 22:00-06:00\n',
    )
    .action((subject, options, command) => setEntry(LIMITS, subject, options, { command, terminal }))
  limit
    .command('list')
    .description('all limits')
    .action((_options, command) => listEntries(LIMITS, { command, terminal }))
  limit
    .command('show')
    .argument('<subject>')
    .description('the limits of one')
    .action((subject, _options, command) => showEntry(LIMITS, subject, { command, terminal }))
  limit
    .command('remove')
    .argument('<subject>')
    .description('take all limits of one away')
    .action((subject, _options, command) => removeEntry(LIMITS, subject, { command, terminal }))
}
