import { readlinkSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'

/** The least of all priorities (setpriority(2)). */
const LEAST = 19

/**
 * Puts this thread behind the other threads of the process where they want the same core, by so much of niceness. On Linux
 * alone, where a thread has a priority of its own; elsewhere, and without /proc, nothing changes.
 */
export function stepBack(by: number): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
    setPriority(thread, Math.min(LEAST, getPriority(thread) + by))
  } catch {
    // It goes on as all others do.
  }
}
