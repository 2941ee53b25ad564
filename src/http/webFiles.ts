import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { systemCode } from '../platform/systemError.ts'

/** A file of the phone page, whole and ready to be sent. */
export interface WebFile {
  readonly content: Buffer
  readonly type: string
  readonly etag: string
  /** Whether its name changes with its content. */
  readonly hashed: boolean
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wav': 'audio/wav',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
  '.txt': 'text/plain; charset=utf-8',
}

/** Where vite puts what it names by its content. */
const HASHED = '/assets/'

/**
 * The files below `directory` by their path in a URL, all in memory: there are few, and no request can name a file that is
 * not among them. Null if there is no such directory. Rejects with the system's error.
 */
export async function loadWebFiles(directory: string): Promise<ReadonlyMap<string, WebFile> | null> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    return new Map(await Promise.all(files.map((path) => load(directory, path))))
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw error
  }
}

async function load(directory: string, path: string): Promise<[string, WebFile]> {
  const content = await readFile(path)
  const url = path.slice(directory.length).split(sep).join('/')
  const type = TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream'
  const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`
  return [url, { content, type, etag, hashed: url.startsWith(HASHED) }]
}
