import { type Box, stored } from './stored.ts'

/** `navigator.locks`, of which a lock lasts as long as the page that holds it. */
export interface Locks {
  /** Takes the lock for good and says true; false if another page has it still after `within` ms. */
  take(name: string, within: number): Promise<boolean>
}

/** How long a page that is going away may hold its lock while its successor loads, ms. */
const HANDOVER = 1500
/** More than so many tabs at once get ids that are not kept. */
const MOST = 8

/**
 * The instance id by which the server knows this tab's phone (RFC 5626 §4.1), a UUID. A reload gets its own again, so
 * that its registration replaces the one before; a new tab one that no open tab has; and a tab that was
 * duplicated, storage and all, does not take its original's.
 */
export async function instanceId(tab: Box, device: Box, locks: Locks, fresh: () => string): Promise<string> {
  const mine = stored(tab, 'offhook.instance', readId)
  const known = stored(device, 'offhook.instances', readIds)
  const id = await firstFree(mine.get(), known.get() ?? [], locks, fresh)
  mine.set(id)
  const ids = known.get() ?? []
  if (!ids.includes(id)) known.set([...ids, id].slice(0, MOST))
  return id
}

async function firstFree(
  mine: string | null,
  known: readonly string[],
  locks: Locks,
  fresh: () => string,
): Promise<string> {
  if (mine !== null && (await locks.take(nameOf(mine), HANDOVER))) return mine
  for (const id of known) if (await locks.take(nameOf(id), 0)) return id
  const id = fresh()
  await locks.take(nameOf(id), 0)
  return id
}

function nameOf(id: string): string {
  return `offhook.instance.${id}`
}

function readId(value: unknown): string | null {
  return typeof value === 'string' && /^[0-9a-f-]{36}$/.test(value) ? value : null
}

function readIds(value: unknown): readonly string[] | null {
  return Array.isArray(value) ? value.map(readId).filter((id) => id !== null) : null
}
