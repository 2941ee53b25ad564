import type { Random } from '../../platform/random.ts'
import { defaultPort, type Target, type TargetProtocol, targetKey } from './target.ts'

/** A server that a name stands for: one SRV record, or the host itself. */
export interface Server {
  readonly protocol: TargetProtocol
  readonly port: number
  /** NAPTR's order and preference come first, then SRV's priority: the lowest is tried first. */
  readonly rank: number
  readonly priority: number
  /** RFC 2782: its share among those of the same priority. */
  readonly weight: number
  readonly addresses: readonly string[]
}

/** More than these are never tried for one request. */
export const MOST_TARGETS = 32

/** The host itself, or whoever a NAPTR record names without SRV. */
export function onlyServer(
  protocol: TargetProtocol,
  port: number | null,
  addresses: readonly string[],
  rank = 0,
): Server {
  return { protocol, port: port ?? defaultPort(protocol), rank, priority: 0, weight: 0, addresses }
}

/**
 * Where to send, in order: by rank, priority, and chance among those that are alike. Those that `failed` lately come after
 * all others, in the same order. At most MOST_TARGETS.
 */
export function ordered(servers: readonly Server[], random: Random, failed: (target: Target) => boolean): Target[] {
  const inOrder = [...levels(servers)].flatMap((level) => byWeight(level, random))
  const all = unique(inOrder.flatMap(targetsOf))
  return [...all.filter((target) => !failed(target)), ...all.filter(failed)].slice(0, MOST_TARGETS)
}

/** The addresses of a server: IPv4 first, as nearly all providers speak it alone. */
export function targetsOf({ protocol, port, addresses }: Server): Target[] {
  const v6 = (address: string): number => (address.includes(':') ? 1 : 0)
  return [...addresses].sort((a, b) => v6(a) - v6(b)).map((address) => ({ protocol, address, port }))
}

function levels(servers: readonly Server[]): Iterable<Server[]> {
  const byLevel = new Map<string, Server[]>()
  for (const server of [...servers].sort((a, b) => a.rank - b.rank || a.priority - b.priority)) {
    const level = `${server.rank} ${server.priority}`
    byLevel.set(level, [...(byLevel.get(level) ?? []), server])
  }
  return byLevel.values()
}

function byWeight(level: readonly Server[], random: Random): Server[] {
  const left = [...level].sort((a, b) => a.weight - b.weight)
  const drawn: Server[] = []
  while (left.length > 0) drawn.push(...left.splice(draw(left, random), 1))
  return drawn
}

// RFC 2782: those of weight 0 stand first, and are drawn only when the draw is 0.
function draw(left: readonly Server[], random: Random): number {
  const sums: number[] = []
  for (const { weight } of left) sums.push((sums.at(-1) ?? 0) + weight)
  const drawn = random.integer((sums.at(-1) ?? 0) + 1)
  return Math.max(
    0,
    sums.findIndex((sum) => sum >= drawn),
  )
}

function unique(targets: readonly Target[]): Target[] {
  const seen = new Map(targets.map((target) => [targetKey(target), target]))
  return [...seen.values()]
}
