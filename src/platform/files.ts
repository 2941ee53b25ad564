/**
 * Files for sound: read and written a block at a time, off the thread that asks, so that a slow disk never holds up a tick
 * of a media thread. All promises reject with the system's error (`systemCode` reads its code).
 */
export interface Files {
  /** Opens a file to be read: ENOENT, EACCES, EISDIR. */
  open(path: string): Promise<ReadableFile>
  /** Makes a file that was not there before, for its owner alone: EEXIST, ENOENT (no such directory), EACCES. */
  create(path: string): Promise<WritableFile>
}

export interface ReadableFile {
  /** Octets, as they were when it was opened. */
  readonly size: number
  /** When it was last changed, ms since 1970, as it was when it was opened. */
  readonly modified: number
  /** Fills `into` from octet `at` on, and says how many octets there were: fewer than asked only at the file's end. */
  read(at: number, into: Uint8Array): Promise<number>
  close(): Promise<void>
}

export interface WritableFile {
  /** Writes all of `octets` at `at`. They must stay as they are until it is done: ENOSPC, EIO. */
  write(at: number, octets: Uint8Array): Promise<void>
  /** What was written survives a loss of power from now on. */
  sync(): Promise<void>
  close(): Promise<void>
}
