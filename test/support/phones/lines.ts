import type { Child } from '../child.ts'
import { within } from '../deadline.ts'

/** Waits for the next line of stdout that matches; rejects after `ms`, or when the program ends before. */
export type AwaitLine = (pattern: RegExp, ms: number) => Promise<string>

/** Reads `child` line by line. Lines are looked at in the order they came, each once; those that do not match are skipped. */
export function awaitLines(child: Child, name: string): AwaitLine {
  const unread: string[] = []
  let wake = () => {}
  let ended = false
  child.onLine((line) => {
    unread.push(line)
    wake()
  })
  void child.exited.then(() => {
    ended = true
    wake()
  })
  const next = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      for (let line = unread.shift(); line !== undefined; line = unread.shift()) if (pattern.test(line)) return line
      if (ended) throw new Error(`${name} ended before it wrote ${pattern}:\n${child.output()}`)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return (pattern, ms) => within(ms, `${name} to write ${pattern}`, next(pattern))
}
