import type { Locks } from './instance.ts'

/** The locks of this browser; without them (pages that are not secure) all are free. */
export function browserLocks(manager: LockManager | undefined): Locks {
  return { take: (name, within) => (manager ? take(manager, name, within) : Promise.resolve(true)) }
}

function take(manager: LockManager, name: string, within: number): Promise<boolean> {
  return new Promise((resolve) => {
    const options = within > 0 ? { signal: AbortSignal.timeout(within) } : { ifAvailable: true }
    const granted = (lock: Lock | null): Promise<void> | undefined => {
      resolve(lock !== null)
      // Held as long as the page is there.
      return lock ? new Promise(() => {}) : undefined
    }
    manager.request(name, options, granted).catch(() => resolve(false))
  })
}
