import { fieldsOf } from '../store/stored.ts'

/** A STUN or TURN server, as `RTCPeerConnection` takes it. */
export interface IceServer {
  urls: string[]
  username?: string
  credential?: string
}

export interface IceServers {
  readonly servers: IceServer[]
  /** How long their credentials hold, s. */
  readonly ttl: number
}

export const NO_ICE_SERVERS: IceServers = { servers: [], ttl: 600 }

/** Reads `{"iceServers":[…],"ttl":…}`; entries that are none are left out. */
export function readIceServers(value: unknown): IceServers {
  const { iceServers, ttl } = fieldsOf(value) ?? {}
  if (!Array.isArray(iceServers)) return NO_ICE_SERVERS
  const servers = iceServers.map(readServer).filter((one) => one !== null)
  return { servers, ttl: typeof ttl === 'number' && ttl > 0 ? ttl : NO_ICE_SERVERS.ttl }
}

function readServer(value: unknown): IceServer | null {
  const { urls, username, credential } = fieldsOf(value) ?? {}
  const all = (Array.isArray(urls) ? urls : [urls]).filter((url) => typeof url === 'string')
  if (all.length === 0) return null
  const isKnown = typeof username === 'string' && typeof credential === 'string'
  return isKnown ? { urls: all, username, credential } : { urls: all }
}
