/** A value that changes, and who wants to know. */
export interface Value<T> {
  get(): T
  set(next: T): void
  /** Calls `run` after each change, until what it gives back is called. */
  subscribe(run: (value: T) => void): () => void
}

/** A value that tells its subscribers when it becomes another. */
export function value<T>(initial: T): Value<T> {
  let current = initial
  const subscribers = new Set<(value: T) => void>()
  return {
    get: () => current,
    set: (next) => {
      if (Object.is(next, current)) return
      current = next
      for (const run of [...subscribers]) run(next)
    },
    subscribe: (run) => {
      subscribers.add(run)
      return () => void subscribers.delete(run)
    },
  }
}
