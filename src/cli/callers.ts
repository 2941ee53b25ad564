import type { Command } from 'commander'
import type { EntryViews } from '../api/plan/network.ts'
import { OffhookError } from '../errors.ts'
import { collect, listText } from './entries.ts'
import { wantsJson } from './options.ts'
import { all, withOperations } from './reach.ts'
import type { Terminal } from './terminal.ts'
import { json } from './text.ts'

interface MapOptions {
  readonly map?: readonly string[]
  readonly file?: string
}

const COLUMNS = [{ heading: 'CALLER' }, { heading: 'TO', shrinksTo: 12 }]

/** `offhook number callers …`: a shared number, routed by who calls. */
export function callerCommands(number: Command, terminal: Terminal): void {
  const callers = number
    .command('callers')
    .argument('<number>')
    .option('--map <caller=dest>', 'this caller goes there, as in +15551234567=user:101; may be repeated', collect)
    .option('--file <file>', 'CSV with columns caller,to: thousands at once, all or none; - reads stdin')
    .description('a shared number, routed by who calls: without an option, the list')
    .addHelpText('after', EXAMPLES)
    .action((written, options, command) => mapCallers(written, options, command, terminal))
  callers
    .command('list')
    .argument('<number>')
    .description('all callers of a number, and where they go')
    .action((written, _options, command) => listCallers(written, command, terminal))
  callers
    .command('remove')
    .argument('<number>')
    .argument('[callers...]')
    .option('--all', 'all of them')
    .description('callers that go where all others go again')
    .action((written, names, options, command) =>
      options.all === true ? removeAll(written, command, terminal) : removeSome(written, names, command, terminal),
    )
}

async function mapCallers(
  number: string,
  { map = [], file }: MapOptions,
  command: Command,
  terminal: Terminal,
): Promise<void> {
  if (map.length === 0 && file === undefined) return listCallers(number, command, terminal)
  const { importCallers } = await import('./callersImport.ts')
  await importCallers({ number, map: map.map(mapping), file: file ?? null }, command, terminal)
}

/** User names may have `=` in them: the first one counts. */
function mapping(written: string): { readonly caller: string; readonly to: string } {
  const at = written.indexOf('=')
  if (at > 0 && at < written.length - 1) return { caller: written.slice(0, at), to: written.slice(at + 1) }
  throw new OffhookError('USAGE', `--map ${written} says not who goes where; write it as +15551234567=user:101`)
}

async function listCallers(written: string, command: Command, terminal: Terminal): Promise<void> {
  const callers = await withOperations(command, terminal, async (operations) => {
    const { number } = await operations.entry('numbers', written)
    return (await all(operations.entries('callers'))).filter((entry) => entry.number === number)
  })
  const row = ({ caller, to }: EntryViews['callers']) => [caller, to]
  const none = `no callers; add one: offhook number callers ${written} --map +15551234567=user:101`
  terminal.out(wantsJson(command) ? json(callers) : listText({ columns: COLUMNS, row, none }, callers, terminal))
}

async function removeSome(
  number: string,
  callers: readonly string[],
  command: Command,
  terminal: Terminal,
): Promise<void> {
  if (callers.length === 0) throw new OffhookError('USAGE', 'name the callers, or say --all')
  const removed = await withOperations(command, terminal, async (operations) => {
    const gone: EntryViews['callers'][] = []
    for (const caller of callers) gone.push(await operations.removeEntry('callers', `${number} ${caller}`))
    return gone
  })
  terminal.out(wantsJson(command) ? json(removed) : removed.map(({ caller }) => `caller ${caller} removed\n`).join(''))
}

/** In one change, however many they are. */
async function removeAll(written: string, command: Command, terminal: Terminal): Promise<void> {
  const removed = await withOperations(command, terminal, async (operations) => {
    const { number } = await operations.entry('numbers', written)
    const callers = await all(operations.entries('callers'))
    const kept = callers.filter((entry) => entry.number !== number)
    const values = kept.map((value) => ({ section: 'callers' as const, path: '', value }))
    async function* pages() {
      yield values
    }
    await operations.importConfig({ sections: ['callers'], replace: true, realm: null }, pages())
    return callers.length - kept.length
  })
  terminal.out(wantsJson(command) ? json({ removed }) : `${removed} callers removed\n`)
}

const EXAMPLES = `
Examples:
  offhook number callers +18002273369 --map +15551234567=user:101 --map +15557654321=group:sales
  offhook number callers +18002273369 --file callers.csv
`
