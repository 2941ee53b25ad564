import type { Test } from 'tap'
import { controlServer } from '../../src/api/controlServer.ts'
import type { Live } from '../../src/api/live.ts'
import { localOperations } from '../../src/api/localOperations.ts'
import { run } from '../../src/cli/program.ts'
import type { StartServer } from '../../src/cli/serve.ts'
import type { Terminal } from '../../src/cli/terminal.ts'
import { dataDirectory } from '../../src/store/dataDirectory.ts'
import { requireOwnership } from '../../src/store/ownership.ts'
import { contextBench, FakeLive, type Place, shortDirectory, stillClock } from '../api/bench.ts'
import { silentLog } from '../support/silentLog.ts'

/** What one command line did. */
export interface Outcome {
  readonly status: number
  readonly out: string
  readonly error: string
}

export interface CommandLine {
  readonly data: string
  /** Runs `offhook …` on the bench's data directory. */
  offhook(...argv: string[]): Promise<Outcome>
  /** As `offhook`, with something on stdin. */
  fed(stdin: string, ...argv: string[]): Promise<Outcome>
}

/** A command line before a terminal of 80 columns, on a data directory of its own. */
export function commandLine(t: Test, start?: StartServer): CommandLine {
  const data = shortDirectory(t)
  async function fed(stdin: string, ...argv: string[]): Promise<Outcome> {
    const written = { out: '', error: '' }
    const terminal: Terminal = {
      env: { OFFHOOK_DATA: data },
      columns: 80,
      input: (async function* () {
        yield Buffer.from(stdin)
      })(),
      out: (text) => {
        written.out += text
      },
      error: (text) => {
        written.error += text
      },
      stopped: async () => {},
    }
    return { status: await run(argv, terminal, start), ...written }
  }
  return { data, fed, offhook: (...argv) => fed('', ...argv) }
}

/** As `commandLine`, with a server over a fake `Live` that owns the data directory. */
export async function servedCommandLine(t: Test) {
  const live = new FakeLive()
  return { ...(await commandLineOf(t, live)), live }
}

/** As `servedCommandLine`, over this `Live`, or a server that is of no call. */
export async function commandLineOf(t: Test, live: Live | null, place?: Place) {
  const line = commandLine(t)
  const directory = dataDirectory(line.data)
  const { store, context, committed } = contextBench(live, place)
  const ownership = requireOwnership(directory, 'offhook serve', 0)
  const path = directory.controlSocket
  const server = await controlServer({ path, operations: localOperations(context), clock: stillClock, log: silentLog })
  // The file whose presence says that there is data here.
  const { openStore } = await import('../../src/store/store.ts')
  const { clock, random } = context
  await openStore({ file: directory.database, clock, random, log: silentLog, checkpoints: 'inline' }).close()
  t.teardown(async () => {
    await server.close()
    ownership.release()
  })
  return { ...line, store, committed }
}
