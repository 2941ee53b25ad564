import type { TextFiles } from '../../src/platform/textFiles.ts'

/** Files in memory. */
export class MemoryFiles implements TextFiles {
  readonly texts = new Map<string, string>()
  /** Paths that cannot be read, and why. */
  readonly unreadable = new Map<string, string>()

  async read(path: string): Promise<string | null> {
    const code = this.unreadable.get(path)
    if (code) throw Object.assign(new Error(code), { code })
    return this.texts.get(path) ?? null
  }

  async write(path: string, text: string): Promise<void> {
    this.texts.set(path, text)
  }
}

/** A log that keeps what it was told. */
export function keepingLog() {
  const lines: string[] = []
  const note = (level: string) => (_facts: object, message: string) => void lines.push(`${level}: ${message}`)
  return { lines, log: { error: note('error'), warn: note('warn'), info: note('info'), debug: note('debug') } }
}
