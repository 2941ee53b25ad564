import type { Command } from 'commander'
import type { EntryViews } from '../api/plan/network.ts'
import { OffhookError } from '../errors.ts'
import { wantsJson } from './options.ts'
import type { OtherwiseOptions } from './otherwise.ts'
import { withOperations } from './reach.ts'
import { facts } from './table.ts'
import type { Terminal } from './terminal.ts'
import { json } from './text.ts'

interface ForwardOptions extends Omit<OtherwiseOptions, 'unavailable'> {
  readonly always?: string
  readonly after?: string
  readonly none?: boolean
}

const NONE = { always: null, busy: null, noAnswer: null, offline: null, after: null }

/** `offhook user forward …` and `offhook user dnd …` */
export function forwardCommands(user: Command, terminal: Terminal): void {
  user
    .command('forward')
    .argument('<user>')
    .option('--always <dest>', 'all calls, without ringing')
    .option('--busy <dest>', 'when the user is busy')
    .option('--no-answer <dest>', 'when nobody answers')
    .option('--after <time>', 'how long it rings before that, as in 20s')
    .option('--offline <dest>', 'when no phone of the user is registered')
    .option('--none', 'take all of it away')
    .description("where a user's calls go on; none takes one away; without an option, what is set")
    .addHelpText('after', EXAMPLES)
    .action((name, options, command) => forward(name, options, command, terminal))
  user
    .command('dnd')
    .argument('<user>')
    .argument('<on-or-off>')
    .description('do not disturb: callers hear busy, and go on as on busy')
    .action((name, state, _options, command) => dnd(name, state, command, terminal))
}

async function forward(user: string, options: ForwardOptions, command: Command, terminal: Terminal): Promise<void> {
  const change = options.none === true ? NONE : fields(options)
  const shows = Object.values(change).every((value) => value === undefined)
  const entry = await withOperations(command, terminal, async (operations) => {
    // Who nothing is known of could be nobody at all.
    if (shows) await operations.user(user)
    return shows ? operations.entry('forwards', user) : operations.setEntry('forwards', user, change)
  })
  terminal.out(wantsJson(command) ? json(entry) : forwardText(entry))
}

async function dnd(user: string, state: string, command: Command, terminal: Terminal): Promise<void> {
  if (state !== 'on' && state !== 'off') throw new OffhookError('USAGE', `dnd ${state} is neither on nor off`)
  const entry = await withOperations(command, terminal, (operations) =>
    operations.setEntry('forwards', user, { dnd: state === 'on' }),
  )
  terminal.out(wantsJson(command) ? json(entry) : forwardText(entry))
}

function fields({ always, busy, answer, offline, after }: ForwardOptions): object {
  return { always, busy, noAnswer: answer === true ? undefined : answer, offline, after }
}

function forwardText({ user, always, busy, noAnswer, offline, after, dnd }: EntryViews['forwards']): string {
  const pairs: readonly (readonly [string, string | null])[] = [
    ['always', always],
    ['busy', busy],
    ['no answer', noAnswer],
    ['after', after === null ? null : `${after} s`],
    ['offline', offline],
    ['do not disturb', dnd ? 'on' : null],
  ]
  const said = pairs.filter(([, value]) => value !== null)
  return said.length > 0 ? `user ${user} forwards\n${facts(said)}` : `user ${user} forwards nothing\n`
}

const EXAMPLES = `
Examples:
  offhook user forward 101 --busy user:102 --no-answer number:+15551234567 --after 20s
  offhook user forward 101 --busy none
  offhook user forward 101 --none
`
