import { digestResponse, ha1 } from '../../../../src/sip/message/digest.ts'
import { formatCredentials, parseAuth } from '../../../../src/sip/message/fields.ts'
import type { HeaderLine } from '../../../../src/sip/message/headers.ts'
import type { SipResponse } from '../../../../src/sip/message/message.ts'

/** A phone's password and the nonce it was last given: RFC 7616 §3.4. MD5, with qop. */
export class Credentials {
  readonly #user: string
  readonly #password: string
  #challenge: { readonly realm: string; readonly nonce: string } | null = null
  #count = 0

  constructor(user: string, password: string) {
    this.#user = user
    this.#password = password
  }

  /** Takes the nonce out of a 401. */
  challenged(response: SipResponse): void {
    const params = parseAuth(response.headers.first('www-authenticate') ?? '')?.params
    this.#challenge = { realm: params?.get('realm') ?? '', nonce: params?.get('nonce') ?? '' }
    this.#count = 0
  }

  /** The Authorization of the next request; none before the first challenge. Each use counts. */
  next(method: string, uri: string): HeaderLine[] {
    if (!this.#challenge) return []
    const { realm, nonce } = this.#challenge
    const nc = (++this.#count).toString(16).padStart(8, '0')
    const values = { uri, nonce, qop: 'auth' as const, nc, cnonce: 'c0ffee', algorithm: 'MD5' } as const
    const secret = ha1('MD5', this.#user, realm, this.#password)
    const response = digestResponse({ ...values, ha1: secret, method })
    return [['Authorization', formatCredentials('Digest', { username: this.#user, realm, ...values, response })]]
  }
}
