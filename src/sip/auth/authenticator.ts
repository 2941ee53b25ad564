import type { Millis } from '../../platform/clock.ts'
import type { Random } from '../../platform/random.ts'
import { hexToken } from '../../platform/random.ts'
import { digestResponse, sameDigest } from '../message/digest.ts'
import { formatChallenge, type Params, parseAuth } from '../message/fields.ts'
import type { HeaderLine } from '../message/headers.ts'
import type { CredentialStore, Credentials, DigestAlgorithm, Ha1 } from './credentials.ts'
import type { Nonces } from './nonces.ts'
import type { Penalties } from './penalties.ts'

/** A request that says whose it is: SIP's, or HTTP's. */
export interface DigestRequest {
  readonly method: string
  /** The values of its Authorization fields. */
  readonly authorization: readonly string[]
  /** What its credentials must be made for (RFC 7616 §3.4.6); null where proxies and phones may change it, as in SIP. */
  readonly uri: string | null
}

/** What a request's credentials say of it. */
export type Verdict =
  | { readonly kind: 'known'; readonly user: string }
  /** Answer 401 with these headers, after `delay` ms. `failed`: a wrong password or no such user, never which. */
  | {
      readonly kind: 'challenge'
      readonly headers: readonly HeaderLine[]
      readonly delay: Millis
      readonly failed: boolean
    }

export interface AuthenticatorOptions {
  readonly realm: string
  /** The order of challenges where the user has none of its own. */
  readonly algorithms: readonly DigestAlgorithm[]
  readonly credentials: CredentialStore
  readonly nonces: Nonces
  readonly penalties: Penalties
  readonly random: Random
  /** Computes one digest; replaced by a counting one in the test that no user can be told from none. */
  readonly digest?: typeof digestResponse
}

/** Digest authentication of requests, of SIP and of HTTP: RFC 3261 §22, RFC 7616, RFC 8760. */
export class Authenticator {
  readonly #options: AuthenticatorOptions
  readonly #digest: typeof digestResponse
  /** Compared with for users that do not exist, so that they take as long as the others. */
  readonly #nobody: Ha1

  constructor(options: AuthenticatorOptions) {
    this.#options = options
    this.#digest = options.digest ?? digestResponse
    this.#nobody = { md5: hexToken(options.random, 16), sha256: hexToken(options.random, 32) }
  }

  /** Who sent `request` from `address`; `claimed` is the user it says it is from. */
  judge(request: DigestRequest, address: string, claimed: string): Verdict {
    const { nonces, penalties } = this.#options
    const params = this.#credentialsOf(request)
    const user = params?.get('username') ?? claimed
    const account = this.#options.credentials.credentials(user)
    if (params === null) return this.#challenge(account, address, { stale: false, delay: 0, failed: false })
    const nonce = params.get('nonce') ?? ''
    // RFC 7616 §3.3: a nonce that is not (or no more) good says nothing of the password, and is not tried.
    if (!nonces.holds(nonce, address))
      return this.#challenge(account, address, { stale: true, delay: 0, failed: false })
    if (!this.#passwordIsRight(params, request.method, account)) {
      return this.#challenge(account, address, { stale: false, delay: penalties.failed(address), failed: true })
    }
    // Without qop there is no count, and the nonce is good for once.
    const nc = params.get('qop') === null ? 1 : Number.parseInt(params.get('nc') ?? '', 16)
    if (!(nc > 0 && nonces.use(nonce, nc))) {
      return this.#challenge(account, address, { stale: true, delay: 0, failed: false })
    }
    penalties.succeeded(address)
    return { kind: 'known', user }
  }

  // Credentials for another realm are not meant for us (RFC 3261 §22.3), nor are those for something else of ours.
  #credentialsOf({ authorization, uri }: DigestRequest): Params | null {
    for (const value of authorization) {
      const found = parseAuth(value)
      if (found?.scheme.toLowerCase() !== 'digest' || found.params.get('realm') !== this.#options.realm) continue
      if (uri === null || found.params.get('uri') === uri) return found.params
    }
    return null
  }

  #passwordIsRight(params: Params, method: string, account: Credentials | null): boolean {
    const algorithm = algorithmOf(params)
    const allowed = account?.algorithms ?? this.#options.algorithms
    const ha1 = account?.ha1 ?? this.#nobody
    const expected = this.#digest({
      algorithm: algorithm ?? 'MD5',
      ha1: algorithm === 'SHA-256' ? ha1.sha256 : ha1.md5,
      method,
      uri: params.get('uri') ?? '',
      nonce: params.get('nonce') ?? '',
      qop: params.get('qop') === 'auth' ? 'auth' : null,
      nc: params.get('nc') ?? '',
      cnonce: params.get('cnonce') ?? '',
    })
    const right = sameDigest(expected, params.get('response') ?? '')
    return right && account !== null && algorithm !== null && allowed.includes(algorithm)
  }

  #challenge(
    account: Credentials | null,
    address: string,
    how: { stale: boolean; delay: Millis; failed: boolean },
  ): Verdict {
    const { realm, nonces } = this.#options
    const nonce = nonces.issue(address)
    const headers = (account?.algorithms ?? this.#options.algorithms).map((algorithm): HeaderLine => {
      const values = { realm, nonce, algorithm, qop: 'auth', ...(how.stale ? { stale: 'true' } : {}) }
      return ['WWW-Authenticate', formatChallenge('Digest', values)]
    })
    return { kind: 'challenge', headers, delay: how.delay, failed: how.failed }
  }
}

function algorithmOf(params: Params): DigestAlgorithm | null {
  // RFC 7616 §3.3: absent means MD5.
  const name = (params.get('algorithm') ?? 'MD5').toUpperCase()
  return name === 'MD5' || name === 'SHA-256' ? name : null
}
