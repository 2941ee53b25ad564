import type { Clock } from '../platform/clock.ts'
import type { Settings } from '../store/settings.ts'
import type { AddedUser, Operations } from './operations.ts'

/**
 * On the very first start of a server two users, so that two phones can call each other at once; none if the admin has
 * made some before. Call it when everything else has come up: the passwords in its answer are shown this once.
 */
export async function firstStart(operations: Operations, settings: Settings, clock: Clock): Promise<AddedUser[]> {
  if (settings.get('first-start') !== null) return []
  const { users } = await operations.status()
  const made = users > 0 ? [] : [await addFirst(operations, '101'), await addFirst(operations, '102')]
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
