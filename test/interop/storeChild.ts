// A process that works on a data directory until it is killed: `node … storeChild.ts ROLE DIRECTORY`.

import { systemRandom } from '../../src/platform/random.ts'
import { systemClock } from '../../src/platform/systemClock.ts'
import { dataDirectory } from '../../src/store/dataDirectory.ts'
import { requireOwnership } from '../../src/store/ownership.ts'
import { openStore } from '../../src/store/store.ts'
import { someBinding, someUser } from '../store/rows.ts'
import { silentLog } from '../support/silentLog.ts'

const [role, path = ''] = process.argv.slice(2)
const directory = dataDirectory(path)
requireOwnership(directory, `test ${role}`, 0)

const roles: Record<string, () => void> = {
  /** Does nothing more. */
  own: () => say('owned'),
  /** Says `saved` as a registrar would answer 200. */
  save() {
    const { users, bindings } = open()
    users.add(someUser('101'))
    bindings.save({ user: '101', put: [someBinding('101')], removed: [] }, (error) => say(error?.message ?? 'saved'))
  },
  /** Says `importing` when some of the users are staged. */
  import() {
    const { users } = open()
    void users.import(Array.from({ length: 100_000 }, (_, at) => someUser(`u${at}`)))
    systemClock.endOfTurn(() => systemClock.endOfTurn(() => say('importing')))
  },
}

function open() {
  const place = { file: directory.database, checkpoints: 'thread' } as const
  return openStore({ ...place, clock: systemClock, random: systemRandom, log: silentLog })
}

function say(what: string): void {
  process.stdout.write(`${what}\n`)
}

roles[role ?? '']?.()
// Until it is killed.
process.stdin.resume()
