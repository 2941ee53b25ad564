/** What a command knows of the place it runs in; a test hands in its own. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The width in characters; null: not a terminal, nothing needs to be cut. */
  readonly columns: number | null
  /** Standard input. */
  readonly input: AsyncIterable<Uint8Array | string>
  out(text: string): void
  error(text: string): void
  /** Settles when a person or the system wants the process to stop. */
  stopped(): Promise<void>
}

export function processTerminal(): Terminal {
  // `offhook user list | head`: nobody reads on, so there is nothing more to do.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  return {
    env: process.env,
    columns: process.stdout.isTTY ? process.stdout.columns : null,
    input: process.stdin,
    out: (text) => void process.stdout.write(text),
    error: (text) => void process.stderr.write(text),
    stopped: () => new Promise((resolve) => onStopSignal(resolve)),
  }
}

/** The second signal does not wait for anything. */
function onStopSignal(run: () => void): void {
  let asked = false
  const stop = () => {
    if (asked) process.exit(1)
    asked = true
    run()
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}
