import type { Account } from '../store/account.ts'
import { authorization, challengeIn } from './digest.ts'
import { type IceServers, NO_ICE_SERVERS, readIceServers } from './iceServers.ts'

const PATH = '/api/ice'
/** A call does not wait for this longer, ms. */
const WITHIN = 4000

/**
 * The STUN and TURN servers that the server offers its users, asked for with the user's own credentials; none if it has
 * none or does not say, for many calls get through without.
 */
export async function fetchIceServers({ user, ha1 }: Account): Promise<IceServers> {
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
