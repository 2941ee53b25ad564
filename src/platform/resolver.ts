import { Resolver } from 'node:dns/promises'
import type { Millis } from './clock.ts'

/** How long a name server may take. A name that none answers would else block for half a minute. */
const TIMEOUT: Millis = 2_000

/** The IPv4 address of a host name; null if it has none or nobody says so in time. Never on the path of a call. */
export async function resolve4(name: string): Promise<string | null> {
  const resolver = new Resolver({ timeout: TIMEOUT, tries: 1 })
  try {
    const [address] = await resolver.resolve4(name)
    return address ?? null
  } catch {
    return null
  }
}
