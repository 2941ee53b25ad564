import type { Socket } from 'node:net'
import { within } from '../support/deadline.ts'
import { connected } from './peers.ts'
import type { Scene } from './scene.ts'
import { probe } from './seen.ts'

const SILENT = 1_000
const SLOW = 100
/** Slow enough that no message is whole before the server's patience ends, which is 32 s. */
const OCTET_EVERY = 250

/** Connections that want something without saying what. */
export interface Idlers {
  readonly count: number
  /** Waits until the server has closed them all. */
  closed(): Promise<void>
}

/** Opens connections that say nothing, and others that say an OPTIONS octet by octet, never quite to its end. */
export async function openIdlers({ v4, v6 }: Scene): Promise<Idlers> {
  const sockets: Socket[] = []
  for (let i = 0; i < SILENT + SLOW; i++) sockets.push(await connected(i % 2 === 0 ? v4 : v6))
  const { bytes } = probe('TCP', v4.address)
  const slow = sockets.slice(SILENT)
  let said = 0
  const timer = setInterval(() => {
    const octet = bytes.subarray(said, said + 1)
    if (said++ < bytes.length - 1) for (const socket of slow) if (!socket.destroyed) socket.write(octet)
  }, OCTET_EVERY)
  const closed = sockets.map((socket) => new Promise<void>((resolve) => void socket.resume().once('close', resolve)))
  return {
    count: sockets.length,
    async closed() {
      await within(40_000, 'the server to close idle connections', Promise.all(closed))
      clearInterval(timer)
    },
  }
}
