import { Command, CommanderError } from 'commander'
import { OffhookError } from '../errors.ts'
import { version } from '../version.ts'
import { callCommands } from './call.ts'
import { configCommands } from './configCommands.ts'
import { deviceCommands } from './device.ts'
import { dialplanCommands } from './dialplan.ts'
import { groupCommands } from './group.ts'
import { limitCommands } from './limit.ts'
import { numberCommands } from './number.ts'
import { routeCommands } from './route.ts'
import { scheduleCommands } from './schedule.ts'
import { type StartServer, serveCommand } from './serve.ts'
import { statusCommand } from './status.ts'
import type { Terminal } from './terminal.ts'
import { trunkCommands } from './trunk.ts'
import { userCommands } from './user.ts'

/** Runs one command line (without node and script) and gives its exit status. `start` is what `serve` starts. */
export async function run(argv: readonly string[], terminal: Terminal, start?: StartServer): Promise<number> {
  try {
    await program(terminal, start).parseAsync([...argv], { from: 'user' })
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

function program(terminal: Terminal, start: StartServer | undefined): Command {
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
  serveCommand(program, terminal, start)
  statusCommand(program, terminal)
  userCommands(program, terminal)
  deviceCommands(program, terminal)
  callCommands(program, terminal)
  trunkCommands(program, terminal)
  numberCommands(program, terminal)
  routeCommands(program, terminal)
  groupCommands(program, terminal)
  scheduleCommands(program, terminal)
  limitCommands(program, terminal)
  dialplanCommands(program, terminal)
  configCommands(program, terminal)
  return program
}

/** Commander writes `error: …` and its suggestion on a second line. */
function oneLine(text: string): string {
  return text
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ')
}
