import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { OffhookError } from '../errors.ts'
import { systemCode } from '../platform/systemError.ts'

/** The files in a data directory. */
export interface DataDirectory {
  readonly path: string
  readonly database: string
  /** Held locked by whoever owns the directory. */
  readonly lock: string
  /** Who that is, for people. */
  readonly owner: string
  readonly controlSocket: string
  /** Our own authority, and what it signed. */
  readonly certificates: string
  /** The settings that `serve` takes when no other file is named. */
  readonly config: string
}

export function dataDirectory(path: string): DataDirectory {
  const at = resolve(path)
  return {
    path: at,
    database: join(at, 'offhook.db'),
    lock: join(at, 'owner.lock'),
    owner: join(at, 'owner.json'),
    controlSocket: join(at, 'control.sock'),
    certificates: join(at, 'certificates'),
    config: join(at, 'offhook.yaml'),
  }
}

/** `$OFFHOOK_DATA`, else `$XDG_DATA_HOME/offhook`, else `~/.local/share/offhook`. */
export function defaultDataPath(env: Readonly<Record<string, string | undefined>>): string {
  if (env.OFFHOOK_DATA) return env.OFFHOOK_DATA
  return join(env.XDG_DATA_HOME || join(env.HOME || homedir(), '.local', 'share'), 'offhook')
}

/** Makes the directory (0700) unless it is there, and checks that we can write in it. Throws DATA_UNWRITABLE. */
export function prepareDataDirectory(directory: DataDirectory): void {
  try {
    // One that exists keeps its mode: it may be somebody's home, or /tmp. What we put into it is closed anyway.
    makeDirectory(directory.path)
    accessSync(directory.path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw unwritable(directory.path, cause)
  }
}

/** With its parents. Node's own `recursive` never comes back where a parent takes no directories, as in /proc. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return
  makeDirectory(dirname(path))
  mkdirSync(path, { mode: 0o700 })
}

/** Makes `file` with mode 0600 from its first moment unless it is there: SQLite would make it readable for all. */
export function makePrivateFile(file: string): void {
  // Never opened when it is there: closing any descriptor of a file drops this process's POSIX locks on it.
  if (existsSync(file)) return
  try {
    closeSync(openSync(file, 'a', 0o600))
  } catch (cause) {
    throw unwritable(file, cause)
  }
}

export function unwritable(path: string, cause: unknown): OffhookError {
  const why = systemCode(cause) ?? String(cause)
  const mend = 'run as the user that owns it, or name another directory with --data'
  return new OffhookError('DATA_UNWRITABLE', `cannot write in ${path} (${why}); ${mend}`, { cause })
}
