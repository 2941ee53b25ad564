import type { Clock } from '../platform/clock.ts'
import type { Settings } from '../store/settings.ts'
import type { AddedUser, Operations } from './operations.ts'

/** No country has all of them for emergencies. */
const FIRST_USERS: readonly string[] = ['101', '102', '201', '202']

/**
 * On the very first start of a server two users, so that two phones can call each other at once; none if the admin has
 * made some before. Call it when everything else has come up: the passwords in its answer are shown this once. `isEmergency`:
 * whether a number calls for help where the server is, as 101 does in some countries; who dials it means that.
 */
export async function firstStart(
  operations: Operations,
  settings: Settings,
  clock: Clock,
  isEmergency: (number: string) => boolean,
): Promise<AddedUser[]> {
  if (settings.get('first-start') !== null) return []
  const { users } = await operations.status()
  const [one = '101', two = '102'] = FIRST_USERS.filter((name) => !isEmergency(name))
  const made = users > 0 ? [] : [await addFirst(operations, one), await addFirst(operations, two)]
  settings.set('first-start', clock.wall().toISOString())
  return made
}

function addFirst(operations: Operations, user: string): Promise<AddedUser> {
  return operations.addUser({
    user,
    password: null,
    name: null,
    callerId: null,
    allow: null,
    digest: null,
    codecs: null,
    media: null,
  })
}
