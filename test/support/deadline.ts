import { setTimeout as pause } from 'node:timers/promises'

const pollEvery = 20

/** `promise`, or a rejection that names `what` was awaited in vain when it has not settled within `ms`. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  const ended = new AbortController()
  const late = pause(ms, undefined, { signal: ended.signal }).then(() => {
    throw new Error(`waited ${ms} ms in vain: ${what}`)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    ended.abort()
    late.catch(() => {})
  }
}

/** Asks `probe` again and again until it gives something, for what no event tells; at most `ms` long. */
export async function until<T>(
  ms: number,
  what: string,
  probe: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const end = performance.now() + ms
  for (;;) {
    const found = await probe()
    if (found !== undefined) return found
    if (performance.now() > end) throw new Error(`waited ${ms} ms in vain: ${what}`)
    await pause(pollEvery)
  }
}
