import { lookup, Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { isIP, plainAddress } from './address.ts'
import type { Millis } from './clock.ts'
import { parseHosts } from './hostsFile.ts'
import type { Answer, Names } from './names.ts'
import { systemCode } from './systemError.ts'

/** What one question may take in all, and until the next server is asked. */
const WITHIN: Millis = 2_000
const NEXT_SERVER_AFTER: Millis = 600

export interface NodeNamesOptions {
  /** `address` or `address:port`, `[address]:port` for IPv6; none: those of the system. */
  readonly servers?: readonly string[]
  /** Names that stand in a file on this machine, before all that a server says. */
  readonly hostsFile?: string
}

/**
 * The names that this machine knows: those of its hosts file, then its name servers'. A name without a dot, or one that
 * ends in `.local`, which no name server knows, is asked of the system, unless `servers` are given.
 */
export function nodeNames({ servers = [], hostsFile = '/etc/hosts' }: NodeNamesOptions = {}): Names {
  // Each question reads the system's settings anew: they change when a laptop or a VPN does.
  const resolver = (): Resolver => {
    const made = new Resolver({ timeout: NEXT_SERVER_AFTER, tries: 2 })
    if (servers.length > 0) made.setServers(servers)
    return made
  }
  return {
    async addresses(name) {
      const here = parseHosts(await readFile(hostsFile, 'utf8').catch(() => ''), name)
      if (here.length > 0) return { records: here, ttl: null }
      const found = await asked(resolver(), name)
      return found.records.length > 0 || servers.length > 0 || !isLocalName(name) ? found : ofTheSystem(name)
    },
    async services(name) {
      const records = await soon(resolver(), (from) => from.resolveSrv(name))
      const plain = records.map(({ name: target, port, priority, weight }) => ({ target, port, priority, weight }))
      return { records: plain, ttl: null }
    },
    async pointers(name) {
      const records = await soon(resolver(), (from) => from.resolveNaptr(name))
      const plain = records.map(({ order, preference, flags, service, replacement }) => {
        return { order, preference, flags, service, replacement }
      })
      return { records: plain, ttl: null }
    },
  }
}

// Some routers drop questions for IPv6 alone; who answers for IPv6 alone must not take the IPv4 addresses away.
async function asked(resolver: Resolver, name: string): Promise<Answer<string>> {
  const [v4, v6] = await Promise.allSettled([
    soon(resolver, (from) => from.resolve4(name, { ttl: true })),
    soon(resolver, (from) => from.resolve6(name, { ttl: true })),
  ])
  if (v4.status === 'rejected') throw v4.reason
  if (v6.status === 'rejected' && v4.value.length === 0) throw v6.reason
  const records = [...v4.value, ...(v6.status === 'fulfilled' ? v6.value : [])]
  const ttl = records.length === 0 ? null : 1_000 * Math.min(...records.map((record) => record.ttl))
  return { records: records.map(({ address }) => plainAddress(address)), ttl }
}

// Such names alone: while the system waits for a name it cannot be told to stop, and files are read by the same few threads.
async function ofTheSystem(name: string): Promise<Answer<string>> {
  const found = await withDeadline(name, lookup(name, { all: true }).catch(noneIfUnknown))
  return { records: found.map(({ address }) => plainAddress(address)).filter(isIP), ttl: null }
}

function isLocalName(name: string): boolean {
  return !name.includes('.') || name.endsWith('.local')
}

/** What `ask` gives; nothing where there is nothing. Rejects when no server has answered in time. */
async function soon<T>(resolver: Resolver, ask: (resolver: Resolver) => Promise<T[]>): Promise<T[]> {
  return withDeadline('name server', ask(resolver).catch(noneIfUnknown), () => resolver.cancel())
}

function noneIfUnknown(error: unknown): never[] {
  const code = systemCode(error)
  if (code === 'ENOTFOUND' || code === 'ENODATA') return []
  throw error
}

async function withDeadline<T>(what: string, answer: Promise<T>, giveUp: () => void = () => {}): Promise<T> {
  let patience: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    patience = setTimeout(() => {
      reject(Object.assign(new Error(`no answer of ${what} within ${WITHIN} ms`), { code: 'ETIMEOUT' }))
      giveUp()
    }, WITHIN)
    patience.unref()
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(patience)
  }
}
