import { pino } from 'pino'

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

/** What the parts of the server may log with: a message for people, and the facts beside it. Never a secret. */
export interface Log {
  error(facts: object, message: string): void
  warn(facts: object, message: string): void
  info(facts: object, message: string): void
  debug(facts: object, message: string): void
}

/** JSON lines on stderr: stdout belongs to the command line's own output. */
export function processLog(level: LogLevel): Log {
  return pino({ level, base: undefined }, pino.destination({ dest: 2, sync: false }))
}
