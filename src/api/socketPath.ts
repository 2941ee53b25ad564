import { relative } from 'node:path'

/** sun_path holds 104 octets on macOS and BSD, 108 on Linux, its closing zero included. */
export const LONGEST_SOCKET_PATH = 103

/** The shortest way to write `path` from here; null: too long for a socket all the same. */
export function socketPath(path: string): string | null {
  const ways = [path, relative(process.cwd(), path)]
  return ways.find((way) => Buffer.byteLength(way) <= LONGEST_SOCKET_PATH) ?? null
}
