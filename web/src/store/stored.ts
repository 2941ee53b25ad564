/** What the browser keeps for us: `localStorage` or `sessionStorage`, or a map in tests. */
export interface Box {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** A value kept as JSON under one key. */
export interface Stored<T> {
  /** Null if there is none, or none that can be read. */
  get(): T | null
  /** A value that does not fit in is not kept: the phone works without. */
  set(value: T): void
  remove(): void
}

/** Keeps a value in `box`; `read` checks what was there, which older pages or the user may have put there. */
export function stored<T>(box: Box, key: string, read: (value: unknown) => T | null): Stored<T> {
  return {
    get: () => attempt(() => read(JSON.parse(box.getItem(key) ?? 'null')), null),
    set: (value) => attempt(() => box.setItem(key, JSON.stringify(value)), undefined),
    remove: () => attempt(() => box.removeItem(key), undefined),
  }
}

/** Browsers throw where cookies are forbidden or the space is used up. */
function attempt<T>(run: () => T, otherwise: T): T {
  try {
    return run()
  } catch {
    return otherwise
  }
}

/** The value as an object whose properties can be looked at; null if it is none. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
}

/** A box for where there is none: what is put in lasts as long as the page. */
export function memoryBox(): Box {
  const values = new Map<string, string>()
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  }
}
