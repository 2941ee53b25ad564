import { statSync } from 'node:fs'
import type { Command } from 'commander'
import { connectControl } from '../api/controlClient.ts'
import type { Operations, Pages } from '../api/operations.ts'
import type { Planning } from '../api/plan/planning.ts'
import { BUILT_IN_NUMBERS } from '../builtInNumbers.ts'
import { OffhookError } from '../errors.ts'
import type { Millis } from '../platform/clock.ts'
import { systemRandom } from '../platform/random.ts'
import { systemClock } from '../platform/systemClock.ts'
import { ownTimeZone } from '../platform/timeZone.ts'
import { type DataDirectory, prepareDataDirectory, unwritable } from '../store/dataDirectory.ts'
import type { Store } from '../store/store.ts'
import { chosenDirectory } from './options.ts'
import type { Terminal } from './terminal.ts'

/** How long a command waits for a server that is starting or stopping, or for another command. */
const PATIENCE: Millis = 5_000
/** How often it looks meanwhile. */
const GLANCE: Millis = 100

/**
 * Runs `use` with the operations on the chosen data directory: through the running server's control socket, or on the
 * database itself while no process owns the directory. `makes`: the command may be the first to use that directory.
 */
export async function withOperations<T>(
  command: Command,
  terminal: Terminal,
  use: (operations: Operations) => Promise<T>,
  first: 'makes' | 'needs' = 'needs',
): Promise<T> {
  const directory = chosenDirectory(command, terminal)
  if (first === 'needs') requireData(directory)
  else prepareDataDirectory(directory)
  const deadline = systemClock.now() + PATIENCE
  while (systemClock.now() < deadline) {
    const remote = await connectControl(directory.controlSocket, systemClock)
    if (remote !== null) return use(remote).finally(() => remote.close())
    const { takeOwnership } = await import('../store/ownership.ts')
    const ownership = takeOwnership(directory, doing(command), GLANCE)
    if (ownership !== null) return onDatabase(directory, terminal, command, use).finally(() => ownership.release())
  }
  const { describeOwner } = await import('../store/ownership.ts')
  const owner = `${describeOwner(directory)} owns ${directory.path} and does not answer`
  throw new OffhookError('DATA_IN_USE', `${owner}; wait until it is done, or stop it`)
}

/** A mistyped --data must not make a directory. */
function requireData(directory: DataDirectory): void {
  let found: boolean
  try {
    found = statSync(directory.database, { throwIfNoEntry: false }) !== undefined
  } catch (cause) {
    throw unwritable(directory.path, cause)
  }
  if (found) return
  const mend = 'start a server once (offhook serve), or name another directory with --data'
  throw new OffhookError('DATA_MISSING', `${directory.path} has no Offhook data; ${mend}`)
}

async function onDatabase<T>(
  directory: DataDirectory,
  terminal: Terminal,
  command: Command,
  use: (operations: Operations) => Promise<T>,
): Promise<T> {
  const { openStore } = await import('../store/store.ts')
  const { localOperations } = await import('../api/localOperations.ts')
  const log = { error: say, warn: say, info() {}, debug() {} }
  function say(_: object, message: string): void {
    terminal.error(`${message}\n`)
  }
  const place = { file: directory.database, checkpoints: 'inline' } as const
  const store = openStore({ ...place, clock: systemClock, random: systemRandom, log })
  const { users, bindings, callRecords: calls, plan, realm, atomically, setRealm } = store
  const context = { users, bindings, calls, plan, realm, atomically, setRealm }
  const { isEmpty, NO_PLAN } = await import('../api/plan/noPlan.ts')
  const planning = isEmpty(plan.load()) && !ofPlan(command) ? NO_PLAN : await planningFor(store)
  const surroundings = { planning, clock: systemClock, random: systemRandom, live: null }
  return use(localOperations({ ...context, ...surroundings })).finally(() => store.close())
}

async function planningFor({ users, settings }: Store): Promise<Planning> {
  const { planning } = await import('../api/plan/dialplan.ts')
  // As the last server read numbers.
  const country = settings.get('country') || null
  return planning({ users, builtIn: BUILT_IN_NUMBERS, country, tz: ownTimeZone() })
}

/** Commands of people, phones and calls ask the dial plan nothing where nobody has made one. */
const BESIDE_PLAN = /^offhook (status|device|call|user (add|import|list|show|set|remove))\b/

function ofPlan(command: Command): boolean {
  return !BESIDE_PLAN.test(doing(command))
}

/** The command by name, without its arguments: a password may be among them. */
function doing(command: Command): string {
  return command.parent === null ? command.name() : `${doing(command.parent)} ${command.name()}`
}

/** A list to its end. */
export async function all<T>(pages: Pages<T>): Promise<T[]> {
  const items: T[] = []
  for await (const page of pages) items.push(...page)
  return items
}
