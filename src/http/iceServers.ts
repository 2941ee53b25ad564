import { hostPort, isIP } from '../platform/address.ts'
import { type TurnOptions, turnCredentials } from './turnCredentials.ts'

/** How long TURN's credentials are good, s: a working day, for a call that begins late must outlast it. */
const TTL = 12 * 3600

/** An entry of a browser's RTCConfiguration.iceServers. */
export interface IceServer {
  readonly urls: readonly string[]
  readonly username?: string
  readonly credential?: string
}

/** The answer of `GET /api/ice`. */
export interface IceAnswer {
  readonly iceServers: readonly IceServer[]
  /** Seconds until it should be asked for again. */
  readonly ttl: number
}

export interface IceQuestion {
  readonly user: string
  readonly now: Date
  /** The Host header of the request; null if there is none. */
  readonly host: string | null
  /** Where the browser reaches us if its Host header says nothing of use. */
  readonly address: string
  /** null: no STUN server is up. */
  readonly stunPort: number | null
  readonly turn: TurnOptions | null
}

/** Whom a browser asks for its own address, and who relays for it. */
export function iceServers({ user, now, host, address, stunPort, turn }: IceQuestion): IceAnswer {
  const servers: IceServer[] = []
  if (stunPort !== null) servers.push({ urls: [`stun:${hostPort(reachedAt(host) ?? address, stunPort)}`] })
  if (turn !== null) servers.push({ urls: turn.urls, ...turnCredentials(turn.secret, user, now, TTL) })
  return { iceServers: servers, ttl: TTL }
}

/** The name by which a browser reached us, by its Host header: `host[:port]`, RFC 9110 §7.2. null: it is none. */
function reachedAt(host: string | null): string | null {
  const [, bracketed, name] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]{1,253}))(?::\d{1,5})?$/i.exec(host ?? '') ?? []
  if (bracketed !== undefined) return isIP(bracketed) ? bracketed : null
  return name ?? null
}
