import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { startChild } from './child.ts'
import { within } from './deadline.ts'
import { unless } from './tools.ts'

/** What `scripts/behind-nat` makes: network namespaces with a house behind a router that masquerades. */
export interface House {
  /** The start of a command line that runs what follows outside, with the server and the provider. */
  readonly outside: readonly string[]
  /** The same, in the house. */
  readonly inside: readonly string[]
  stop(): Promise<void>
}

/** The server's address, outside. */
export const SERVER = '10.77.0.1'
/** What the router shows of the house. */
export const ROUTER = '10.77.0.2'
/** The phone's own address, which nobody outside can reach. */
export const PHONE = '192.168.77.2'
/** The provider's addresses have this before the last number, outside. */
export const PROVIDER_NET = '10.79.0'

const SCRIPT = fileURLToPath(new URL('../../scripts/behind-nat', import.meta.url))

/** For tap's `skip`: why there can be no such house here, or false. */
export function unlessHouse(): string | false {
  const missing = unless('unshare', 'nsenter', 'ip', 'nft')
  if (missing) return missing
  for (const how of ['-n', '-rn']) {
    try {
      execFileSync('unshare', [how, 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' })
      return false
    } catch {}
  }
  return 'no network namespace: run it as root, or where users may make namespaces'
}

export async function startHouse(): Promise<House> {
  const child = await startChild(SCRIPT, [])
  const line = await within(
    8000,
    'the house behind a NAT',
    new Promise<string>((resolve, reject) => {
      child.onLine(resolve)
      void child.exited.then(() => reject(new Error(`scripts/behind-nat ended:\n${child.output()}`)))
    }),
  )
  const { server, phone }: { server: string[]; phone: string[] } = JSON.parse(line)
  return { outside: server, inside: phone, stop: () => child.stop() }
}
