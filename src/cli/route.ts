import type { Command } from 'commander'
import { addEntry, type Face, listEntries, moveEntry, removeEntry, setEntry, showEntry } from './entries.ts'
import { type OtherwiseOptions, otherwiseFields, withOtherwise } from './otherwise.ts'
import type { Terminal } from './terminal.ts'

interface RouteOptions extends OtherwiseOptions {
  readonly match?: string
  readonly from?: string
  readonly caller?: string
  readonly when?: string
  readonly overCalls?: string
  readonly counting?: string
  readonly to?: string
  readonly weights?: string
  readonly strip?: string
  readonly prepend?: string
  readonly number?: string
  readonly callerId?: string
  readonly after?: string
  readonly before?: string
}

const ROUTES: Face<'routes'> = {
  kind: 'routes',
  word: 'route',
  key: ({ name }) => name,
  columns: [
    { heading: 'ROUTE' },
    { heading: 'MATCH', shrinksTo: 16 },
    { heading: 'FROM', shrinksTo: 8 },
    { heading: 'WHEN', shrinksTo: 6 },
    { heading: 'TO', shrinksTo: 16 },
  ],
  row: ({ name, match, from, when, to }) => [name, match, from, when, to.join(', ')],
  none: 'no routes: nothing goes out; add one: offhook route add out --match "\\+\\d+" --to trunk:NAME',
}

/** `offhook route …` */
export function routeCommands(program: Command, terminal: Terminal): void {
  const route = program
    .command('route')
    .description('the rules of the dial plan, tried in order: the first that matches decides')
  withFields(route.command('add').argument('<name>', 'as in out'))
    .requiredOption('--match <regex>', 'for the whole number, as dialled or with its plus: "\\+49(?P<rest>\\d+)"')
    .requiredOption('--to <dests>', 'where it goes, tried in order: trunk:twilio,trunk:backup')
    .option('--before <name>', 'put it in front of this one (default: at the end)')
    .description('add a rule')
    .addHelpText('after', EXAMPLES)
    .action((name, options, command) =>
      addEntry(ROUTES, { name, ...fields(options) }, options.before, { command, terminal }),
    )
  route
    .command('list')
    .description('all rules, in the order in which they are tried')
    .action((_options, command) => listEntries(ROUTES, { command, terminal }))
  route
    .command('show')
    .argument('<name>')
    .description('one rule')
    .action((name, _options, command) => showEntry(ROUTES, name, { command, terminal }))
  withFields(route.command('set').argument('<name>'))
    .option('--match <regex>', 'for the whole number, as dialled or with its plus')
    .option('--to <dests>', 'where it goes, tried in order')
    .description('change what is given; none takes a condition away')
    .action((name, options, command) => setEntry(ROUTES, name, fields(options), { command, terminal }))
  route
    .command('move')
    .argument('<name>')
    .option('--before <name>', 'in front of this one (default: to the end)')
    .description('change its place in the order')
    .action((name, options, command) => moveEntry(ROUTES, name, options.before, { command, terminal }))
  route
    .command('remove')
    .argument('<name>')
    .description('remove a rule')
    .action((name, _options, command) => removeEntry(ROUTES, name, { command, terminal }))
}

function withFields(command: Command): Command {
  const conditions = command
    .option('--from <caller>', 'who calls: any, user:101, group:sales or trunk:NAME (default: any)')
    .option('--caller <regex>', 'for the whole of the number that the caller shows; anonymous where there is none')
    .option('--when <schedule>', 'while the schedule is open; !NAME: while it is closed')
    .option('--over-calls <n>', 'while at least so many calls are up')
    .option('--counting <what>', 'which calls those are: any, trunk:NAME or number:+15551234567 (default: any)')
  return withOtherwise(conditions)
    .option('--weights <list>', 'one for each destination, as in 3,1: tried by chance, by weight')
    .option('--strip <n>', 'characters taken from the front of what matched')
    .option('--prepend <text>', 'then put in front of it')
    .option('--number <template>', 'what is dialled instead, with named groups of match')
    .option('--caller-id <number>', 'the number to show')
    .option('--after <time>', 'how long each may ring, as in 20s')
}

function fields(options: RouteOptions): object {
  const { match, from, caller, when, overCalls, counting, to, weights, strip, prepend, number, callerId, after } =
    options
  const rewriting = { strip, prepend, number, callerId, after }
  return {
    match,
    from,
    caller,
    when,
    overCalls,
    overCallsOf: counting,
    to,
    weights,
    ...rewriting,
    ...otherwiseFields(options),
  }
}

const EXAMPLES = `
Examples:
  offhook route add out --match '\\+\\d{8,15}' --to trunk:twilio,trunk:backup
  offhook route add nine --match '9(?P<rest>\\d+)' --number '\${rest}' --to trunk:twilio
  offhook route add night --match '.*' --from trunk:twilio --when '!office' --to user:101 --before day
`
