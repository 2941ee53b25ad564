import { type FileHandle, open } from 'node:fs/promises'
import type { Files, ReadableFile, WritableFile } from './files.ts'

/** Recordings are private: only whom the server runs as may read them. */
const MODE = 0o600

/** The files of this machine. Reads and writes are done by the process's pool of threads. */
export const nodeFiles: Files = {
  async open(path) {
    const handle = await open(path, 'r')
    return readable(handle).catch(async (error: unknown) => {
      await handle.close()
      throw error
    })
  },
  create: async (path) => writable(await open(path, 'wx', MODE)),
}

async function readable(handle: FileHandle): Promise<ReadableFile> {
  const { size, mtimeMs } = await handle.stat()
  return { size, modified: mtimeMs, read: (at, into) => readAll(handle, at, into), close: () => handle.close() }
}

function writable(handle: FileHandle): WritableFile {
  return {
    write: (at, octets) => writeAll(handle, at, octets),
    sync: () => handle.datasync(),
    close: () => handle.close(),
  }
}

/** A read may give less than is there. */
async function readAll(handle: FileHandle, at: number, into: Uint8Array): Promise<number> {
  let taken = 0
  while (taken < into.length) {
    const { bytesRead } = await handle.read(into, taken, into.length - taken, at + taken)
    if (bytesRead === 0) break
    taken += bytesRead
  }
  return taken
}

/** A write may take less than it is given, as where the disk is nearly full; then the next one says so. */
async function writeAll(handle: FileHandle, at: number, octets: Uint8Array): Promise<void> {
  let written = 0
  while (written < octets.length) {
    const { bytesWritten } = await handle.write(octets, written, octets.length - written, at + written)
    written += bytesWritten
  }
}
