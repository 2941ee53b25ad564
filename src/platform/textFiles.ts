import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemCode } from './systemError.ts'

/** Small files that are read and written whole: certificates and their keys. Rejects with the system's error. */
export interface TextFiles {
  /** The text of a file; null if there is none. */
  read(path: string): Promise<string | null>
  /** Puts `text` in place at once, for its owner alone: whoever reads sees the old text or the new. */
  write(path: string, text: string): Promise<void>
}

/** The files of this machine. */
export const nodeTextFiles: TextFiles = { read, write }

async function read(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw error
  }
}

// Survives a loss of power: a key that is gone would take the certificates that it signed with it.
async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const aside = `${path}.new`
  const file = await open(aside, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(aside, path)
}
