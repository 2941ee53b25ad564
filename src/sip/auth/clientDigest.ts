import { hexToken, type Random } from '../../platform/random.ts'
import { type DigestAlgorithm, digestResponse, ha1, hash } from '../message/digest.ts'
import { formatCredentials, type Params, parseAuth } from '../message/fields.ts'
import type { HeaderLine } from '../message/headers.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import { toUtf8 } from '../message/text.ts'
import type { Account } from './account.ts'

/** Realms whose challenges are remembered; who has more of them is playing with us. */
const MOST_SPACES = 4
/** So often in a row a server may call a nonce stale that it has only just made. */
const MOST_STALE = 3
/** For one request; more proxies than that want no password on the way to a provider. */
export const MOST_ANSWERS = 5
const CNONCE_OCTETS = 16

/** Who challenged: a server of the request's end (401), or a proxy on the way (407). */
type Side = 'www' | 'proxy'

const CHALLENGE_KEY: Readonly<Record<Side, string>> = { www: 'www-authenticate', proxy: 'proxy-authenticate' }
const ANSWER_NAME: Readonly<Record<Side, string>> = { www: 'Authorization', proxy: 'Proxy-Authorization' }

/** A challenge that we can answer. Text is octets, unquoted. */
interface Challenge {
  readonly side: Side
  readonly realm: string
  readonly nonce: string
  readonly opaque: string | null
  readonly algorithm: DigestAlgorithm
  /** RFC 7616 §3.4.2: whether nonce and cnonce go into A1. */
  readonly session: boolean
  /** As the server wrote it; null: it did not, and neither do we. */
  readonly written: string | null
  readonly qop: 'auth' | 'auth-int' | null
  readonly stale: boolean
}

/** A challenge in use. */
interface Space {
  readonly challenge: Challenge
  readonly cnonce: string
  /** The last nonce count that was given out. */
  nc: number
  /** Of the request that was challenged: where credentials are wanted without being asked for again. */
  readonly host: string | null
  readonly callId: string
  /** How often in a row the server called a nonce stale at its first use. */
  readonly staleInARow: number
}

/**
 * Proves one account to somebody else's servers: digest as RFC 3261 §22, RFC 7616 and RFC 8760 have it, MD5 and SHA-256,
 * plain and `-sess`. One of these serves all requests of an account, so that challenges are met ahead. It answers whoever
 * asks: to whom credentials may go is for the caller to see to.
 */
export class ClientDigest {
  readonly #account: Account
  readonly #random: Random
  /** By side and realm; the one that was challenged last is last. */
  readonly #spaces = new Map<string, Space>()

  constructor(account: Account, random: Random) {
    this.#account = { username: toUtf8(account.username), password: toUtf8(account.password) }
    this.#random = random
  }

  /**
   * The header that `request` must carry when it is sent again (new branch, next CSeq), in place of those of its name;
   * null if these credentials can't help: no challenge we can answer, or they were refused as they are. No realm gets more
   * than a few answers in a row, but a server may invent realms: whoever sends again stops after `MOST_ANSWERS`.
   */
  answer(response: SipResponse, request: SipRequest): HeaderLine | null {
    const challenge = bestOf(response)
    if (challenge === null) return null
    const key = keyOf(challenge)
    const last = this.#spaces.get(key) ?? null
    const staleInARow = this.#hopeOf(challenge, request, last)
    this.#spaces.delete(key)
    if (staleInARow === null) return null
    // Some servers have one nonce for all: its count goes on.
    const known = last?.challenge.nonce === challenge.nonce ? last : null
    const space: Space = {
      challenge,
      cnonce: known?.cnonce ?? hexToken(this.#random, CNONCE_OCTETS),
      nc: known?.nc ?? 0,
      host: hostOf(request),
      callId: request.callId,
      staleInARow,
    }
    this.#spaces.set(key, space)
    this.#forgetOldest()
    return this.#credentials(space, request)
  }

  /**
   * What a new request carries to save a round trip: credentials for each realm that challenged one to the same host or of
   * the same call, with the next nonce count (RFC 7616 §3.6, RFC 3261 §22.3). To be added, not set: several may have one name.
   */
  ahead(request: SipRequest): readonly HeaderLine[] {
    const lines: HeaderLine[] = []
    for (const space of this.#spaces.values()) {
      // Without qop nothing is counted, and many servers take such a nonce once.
      if (space.challenge.qop === null) continue
      if (space.host === hostOf(request) || space.callId === request.callId)
        lines.push(this.#credentials(space, request))
    }
    return lines
  }

  /** How many nonces in a row were stale at their first use; null: there is no point in another try. */
  #hopeOf(challenge: Challenge, request: SipRequest, last: Space | null): number | null {
    const sent = this.#sentIn(request, challenge)
    if (sent === null) return 0
    const count = Number.parseInt(sent.get('nc') ?? '1', 16)
    const served = count > 1 && sent.get('nonce') !== challenge.nonce
    if (challenge.stale) {
      if (served) return 0
      const inARow = (last?.staleInARow ?? 0) + 1
      return inARow > MOST_STALE ? null : inARow
    }
    // RFC 3261 §22.1: the same credentials are not tried again. But a nonce that served before may have ended with its
    // server, which then need not know that it was one of its own.
    return served ? 0 : null
  }

  #sentIn(request: SipRequest, { side, realm }: Challenge): Params | null {
    for (const value of request.headers.all(ANSWER_NAME[side].toLowerCase())) {
      const params = parseAuth(value)?.params
      if (params?.get('realm') === realm && params.get('username') === this.#account.username) return params
    }
    return null
  }

  #credentials(space: Space, request: SipRequest): HeaderLine {
    const { challenge, cnonce } = space
    const { side, realm, nonce, written, opaque, qop } = challenge
    const nc = (++space.nc).toString(16).padStart(8, '0')
    const uri = request.uri.text
    const response = this.#response(challenge, { nc, cnonce, uri }, request)
    const values = {
      ...{ username: this.#account.username, realm, nonce, uri, response },
      ...(written === null ? {} : { algorithm: written }),
      ...(opaque === null ? {} : { opaque }),
      ...(qop === null && !challenge.session ? {} : { cnonce }),
      ...(qop === null ? {} : { qop, nc }),
    }
    return [ANSWER_NAME[side], formatCredentials('Digest', values)]
  }

  #response(challenge: Challenge, ours: { nc: string; cnonce: string; uri: string }, request: SipRequest): string {
    const { algorithm, realm, nonce, qop, session } = challenge
    const plain = ha1(algorithm, this.#account.username, realm, this.#account.password)
    const a1 = session ? hash(algorithm, `${plain}:${nonce}:${ours.cnonce}`) : plain
    const { method, body } = request
    return digestResponse({ ...ours, ha1: a1, algorithm, method, nonce, qop, body })
  }

  #forgetOldest(): void {
    if (this.#spaces.size <= MOST_SPACES) return
    for (const key of this.#spaces.keys()) {
      this.#spaces.delete(key)
      return
    }
  }
}

/** The strongest challenge that we can answer, the first of these: local policy, as RFC 8760 §2.4 allows. */
function bestOf(response: SipResponse): Challenge | null {
  const side = response.status === 401 ? 'www' : response.status === 407 ? 'proxy' : null
  if (side === null) return null
  const usable = response.headers.all(CHALLENGE_KEY[side]).flatMap((value) => readChallenge(side, value) ?? [])
  return usable.find(({ algorithm }) => algorithm === 'SHA-256') ?? usable[0] ?? null
}

function readChallenge(side: Side, value: string): Challenge | null {
  const found = parseAuth(value)
  if (found?.scheme.toLowerCase() !== 'digest') return null
  const { params } = found
  const realm = params.get('realm')
  const nonce = params.get('nonce')
  const kind = algorithmOf(params)
  const qop = qopOf(params)
  if (realm === null || nonce === null || kind === null || qop === 'unknown') return null
  const stale = params.get('stale')?.toLowerCase() === 'true'
  return { side, realm, nonce, ...kind, qop, stale, opaque: params.get('opaque'), written: params.get('algorithm') }
}

function algorithmOf(params: Params): { algorithm: DigestAlgorithm; session: boolean } | null {
  // RFC 7616 §3.3: absent means MD5. Echoed as it was written, so it must be one of these, in whatever case.
  const name = (params.get('algorithm') ?? 'MD5').toUpperCase()
  const session = name.endsWith('-SESS')
  const algorithm = session ? name.slice(0, -'-SESS'.length) : name
  return algorithm === 'MD5' || algorithm === 'SHA-256' ? { algorithm, session } : null
}

function qopOf(params: Params): Challenge['qop'] | 'unknown' {
  const offered = params.get('qop')
  if (offered === null) return null
  const tokens = offered.split(',').map((token) => token.trim().toLowerCase())
  if (tokens.includes('auth')) return 'auth'
  return tokens.includes('auth-int') ? 'auth-int' : 'unknown'
}

function keyOf({ side, realm }: Challenge): string {
  return `${side} ${realm}`
}

function hostOf({ uri }: SipRequest): string | null {
  return uri.kind === 'sip' ? uri.host : null
}
