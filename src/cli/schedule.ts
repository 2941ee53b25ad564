import type { Command } from 'commander'
import { addEntry, collect, type Face, listEntries, removeEntry, setEntry, showEntry } from './entries.ts'
import type { Terminal } from './terminal.ts'

const SCHEDULES: Face<'schedules'> = {
  kind: 'schedules',
  word: 'schedule',
  key: ({ name }) => name,
  columns: [
    { heading: 'SCHEDULE' },
    { heading: 'TIME ZONE' },
    { heading: 'OPEN', shrinksTo: 20 },
    { heading: 'CLOSED', shrinksTo: 10 },
    { heading: 'SPECIAL', shrinksTo: 10 },
  ],
  row: ({ name, tz, open, closed, special }) => [name, tz, open.join(', '), closed.join(', '), special.join(', ')],
  none: 'no schedules; add one: offhook schedule add office --tz Europe/Berlin --open "mon-fri 09:00-17:00"',
}

/** `offhook schedule …` */
export function scheduleCommands(program: Command, terminal: Terminal): void {
  const schedule = program.command('schedule').description('hours, for rules (--when) and numbers (availability)')
  withFields(schedule.command('add').argument('<name>', 'as in office'))
    .requiredOption('--tz <zone>', 'its time zone, as in Europe/Berlin')
    .description('add a schedule')
    .addHelpText('after', EXAMPLES)
    .action((name, options, command) => addEntry(SCHEDULES, { name, ...options }, undefined, { command, terminal }))
  schedule
    .command('list')
    .description('all schedules')
    .action((_options, command) => listEntries(SCHEDULES, { command, terminal }))
  schedule
    .command('show')
    .argument('<name>')
    .description('one schedule')
    .action((name, _options, command) => showEntry(SCHEDULES, name, { command, terminal }))
  withFields(schedule.command('set').argument('<name>'))
    .option('--tz <zone>', 'its time zone, as in Europe/Berlin')
    .description('change what is given; each list that is given replaces the one there was')
    .action((name, options, command) => setEntry(SCHEDULES, name, options, { command, terminal }))
  schedule
    .command('remove')
    .argument('<name>')
    .description('remove a schedule that nothing goes by')
    .action((name, _options, command) => removeEntry(SCHEDULES, name, { command, terminal }))
}

function withFields(command: Command): Command {
  return command
    .option('--open <hours>', 'weekly hours, as in "mon-fri 09:00-17:00"; may be repeated', collect)
    .option('--closed <day>', '2026-12-25, --12-25 each year, or 2026-12-24..2027-01-01; may be repeated', collect)
    .option(
      '--special <hours>',
      'a day with hours of its own, as in "2026-12-31 09:00-12:00"; may be repeated',
      collect,
    )
}

const EXAMPLES = `
Example:
  offhook schedule add office --tz Europe/Berlin --open "mon-thu 09:00-17:00" --open "fri 09:00-15:00" \\
      --closed=--12-25 --special "2026-12-31 09:00-12:00"
`
