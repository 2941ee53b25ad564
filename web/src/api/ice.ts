import { fieldsOf } from '../store/stored.ts'
import { authorization, challengeIn } from './digest.ts'

const PATH = '/api/ice'
/** A call does not wait for this longer, ms. */
const WITHIN = 4000

export interface IceServers {
  readonly servers: RTCIceServer[]
  /** How long their credentials hold, s. */
  readonly ttl: number
}

export const NO_ICE_SERVERS: IceServers = { servers: [], ttl: 600 }

/**
 * The STUN and TURN servers that the server offers its users, asked for with the user's own credentials; none if it has
 * none or does not say, for many calls get through without.
 */
export async function fetchIceServers(user: string, ha1: string): Promise<IceServers> {
  try {
    const first = await get({})
    const challenge = first.status === 401 ? challengeIn(first.headers.get('www-authenticate') ?? '') : null
    if (!challenge) return await iceServersIn(first)
    const cnonce = crypto.randomUUID().replaceAll('-', '')
    const request = { user, ha1, method: 'GET', uri: PATH, cnonce }
    return await iceServersIn(await get({ authorization: authorization(challenge, request) }))
  } catch {
    return NO_ICE_SERVERS
  }
}

/** Without credentials of the browser's own, which would ask for a password in a window of its own. */
function get(headers: Record<string, string>): Promise<Response> {
  return fetch(PATH, { headers, credentials: 'omit', cache: 'no-store', signal: AbortSignal.timeout(WITHIN) })
}

async function iceServersIn(response: Response): Promise<IceServers> {
  return response.ok ? readIceServers(await response.json()) : NO_ICE_SERVERS
}

/** Reads `{"iceServers":[…],"ttl":…}`; entries that are none are left out. */
export function readIceServers(value: unknown): IceServers {
  const { iceServers, ttl } = fieldsOf(value) ?? {}
  if (!Array.isArray(iceServers)) return NO_ICE_SERVERS
  const servers = iceServers.map(readServer).filter((one) => one !== null)
  return { servers, ttl: typeof ttl === 'number' && ttl > 0 ? ttl : NO_ICE_SERVERS.ttl }
}

function readServer(value: unknown): RTCIceServer | null {
  const { urls, username, credential } = fieldsOf(value) ?? {}
  const all = (Array.isArray(urls) ? urls : [urls]).filter((url) => typeof url === 'string')
  if (all.length === 0) return null
  const isKnown = typeof username === 'string' && typeof credential === 'string'
  return isKnown ? { urls: all, username, credential } : { urls: all }
}
