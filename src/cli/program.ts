import { Command, CommanderError } from 'commander'
import { OffhookError } from '../errors.ts'
import { version } from '../version.ts'
import type { StartServer } from './serve.ts'
import type { Terminal } from './terminal.ts'

type Register = (program: Command, terminal: Terminal, start: StartServer | undefined) => void

/** Each command's file, by its name, in the order of the help. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  serve: async () => (await import('./serve.ts')).serveCommand,
  status: async () => (await import('./status.ts')).statusCommand,
  user: async () => (await import('./user.ts')).userCommands,
  device: async () => (await import('./device.ts')).deviceCommands,
  call: async () => (await import('./call.ts')).callCommands,
  trunk: async () => (await import('./trunk.ts')).trunkCommands,
  number: async () => (await import('./number.ts')).numberCommands,
  route: async () => (await import('./route.ts')).routeCommands,
  group: async () => (await import('./group.ts')).groupCommands,
  schedule: async () => (await import('./schedule.ts')).scheduleCommands,
  limit: async () => (await import('./limit.ts')).limitCommands,
  dialplan: async () => (await import('./dialplan.ts')).dialplanCommands,
  config: async () => (await import('./configCommands.ts')).configCommands,
}

/** Runs one command line (without node and script) and gives its exit status. `start` is what `serve` starts. */
export async function run(argv: readonly string[], terminal: Terminal, start?: StartServer): Promise<number> {
  try {
    const all = await program(argv, terminal, start)
    await all.parseAsync([...argv], { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof OffhookError) {
      terminal.error(`${error.message}\n`)
      return error.exit
    }
    terminal.error(`offhook failed: ${error instanceof Error ? error.stack : error}\n`)
    return 1
  }
}

async function program(argv: readonly string[], terminal: Terminal, start: StartServer | undefined): Promise<Command> {
  const program = new Command('offhook')
    .description('A phone system: SIP phones register to it and call each other through it.')
    .version(version)
    .option('--data <dir>', 'the data directory (default: $OFFHOOK_DATA, or offhook in $XDG_DATA_HOME)')
    .option('--json', 'print JSON')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.error(text),
      outputError: (text, write) => write(`${oneLine(text)}\n`),
    })
    .exitOverride()
  for (const load of wanted(argv)) (await load())(program, terminal, start)
  return program
}

// To load a command takes longer than to do it: only what is named is. Help, and what is misspelt, want them all.
function wanted(argv: readonly string[]): readonly (() => Promise<Register>)[] {
  const words = argv.filter((word, at) => !word.startsWith('-') && argv[at - 1] !== '--data')
  const named = Object.entries(COMMANDS).find(([name]) => name === words[0])
  return named === undefined ? Object.values(COMMANDS) : [named[1]]
}

/** Commander writes `error: …` and its suggestion on a second line. */
function oneLine(text: string): string {
  return text
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ')
}
