import type { Files, ReadableFile, WritableFile } from '../../../src/platform/files.ts'

interface Content {
  octets: Uint8Array
  modified: number
}

/** A disk in memory that a test makes slow, full or broken. */
export class VirtualFiles implements Files {
  readonly #contents = new Map<string, Content>()
  #changes = 0
  #waiting: (() => void)[] | null = null
  #failure: string | null = null
  /** Reads of content, files that are open, and writes that were synced, so far. */
  reads = 0
  opened = 0
  syncs = 0

  /** Puts a file there, or another in its place. */
  put(path: string, octets: Uint8Array): void {
    this.#contents.set(path, { octets, modified: ++this.#changes })
  }

  /** What is in a file now. */
  get(path: string): Uint8Array {
    return this.#content(path).octets
  }

  /** From now on nothing is read or written until `release`. */
  hold(): void {
    this.#waiting ??= []
  }

  /** How many reads and writes wait. */
  get waiting(): number {
    return this.#waiting?.length ?? 0
  }

  /** Lets all go on that waits, and what comes later. */
  release(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = null
    for (const go of waiting) go()
  }

  /** From now on reads and writes fail with this code of the system; null: they succeed again. */
  fail(code: string | null): void {
    this.#failure = code
  }

  async open(path: string): Promise<ReadableFile> {
    const content = this.#content(path)
    this.opened++
    return {
      size: content.octets.length,
      modified: content.modified,
      read: async (at, into) => {
        this.reads++
        await this.#turn()
        const there = content.octets.subarray(at, at + into.length)
        into.set(there)
        return there.length
      },
      close: async () => void this.opened--,
    }
  }

  async create(path: string): Promise<WritableFile> {
    if (this.#contents.has(path)) throw systemError('EEXIST')
    const content: Content = { octets: new Uint8Array(0), modified: ++this.#changes }
    this.#contents.set(path, content)
    this.opened++
    return {
      write: async (at, octets) => {
        await this.#turn()
        content.octets = written(content.octets, at, octets)
      },
      sync: async () => void this.syncs++,
      close: async () => void this.opened--,
    }
  }

  #content(path: string): Content {
    const content = this.#contents.get(path)
    if (!content) throw systemError('ENOENT')
    return content
  }

  async #turn(): Promise<void> {
    const waiting = this.#waiting
    if (waiting) await new Promise<void>((go) => waiting.push(go))
    if (this.#failure !== null) throw systemError(this.#failure)
  }
}

/** All promises that can settle have settled. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function written(before: Uint8Array, at: number, octets: Uint8Array): Uint8Array {
  const after = new Uint8Array(Math.max(before.length, at + octets.length))
  after.set(before)
  after.set(octets, at)
  return after
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code })
}
