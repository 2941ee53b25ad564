import type { Line, LineInvite } from '../bridge/bridge.ts'
import type { Locator } from '../sip/locate/locator.ts'
import { type Place, placeOf, type Target } from '../sip/locate/target.ts'
import { formatNameAddr } from '../sip/message/fields.ts'
import { toUtf8 } from '../sip/message/text.ts'
import { escapeUser, parseUri, type SipUri, sipUri } from '../sip/message/uri.ts'
import type { Flow } from '../sip/transport/flow.ts'

interface SipLineParts {
  readonly locator: Locator
  /** `host`: what it must prove to be where it speaks TLS. */
  connect(target: Target, host: string): Promise<Flow>
}

/** Servers of a foreign address that are tried. */
const MOST_TRIES = 3

/** The way to a SIP address of somebody else's, which an admin has named as a destination. */
export class SipLine implements Line {
  readonly kind = 'line'
  readonly userAgent = null
  readonly flow = null
  readonly next = null
  readonly #uri: SipUri
  readonly #place: Place
  readonly #from: string
  readonly #parts: SipLineParts

  /** `text`: the address; `from`: who calls, as people know it. Null: it is no address that we can call. */
  static to(text: string, from: string, parts: SipLineParts): SipLine | null {
    const uri = parseUri(text)
    const place = uri?.kind === 'sip' ? placeOf(uri) : null
    return uri?.kind === 'sip' && place ? new SipLine(uri, place, from, parts) : null
  }

  private constructor(uri: SipUri, place: Place, from: string, parts: SipLineParts) {
    this.#uri = uri
    this.#place = place
    this.#from = from
    this.#parts = parts
  }

  get user(): string {
    return this.#uri.text
  }

  async connect(): Promise<Flow> {
    const { locator, connect } = this.#parts
    let last: unknown = new Error(`${this.#place.host} is not known`)
    for (const target of (await locator.resolve(this.#place)).slice(0, MOST_TRIES)) {
      try {
        return await connect(target, this.#place.host)
      } catch (error) {
        locator.failed(target)
        last = error
      }
    }
    throw last
  }

  async hasVanished(): Promise<boolean> {
    return false
  }

  invite({ advertised }: Flow): LineInvite {
    const user = escapeUser(toUtf8(this.#from))
    const from = formatNameAddr({ uri: sipUri({ user, host: advertised.address }) })
    const to = formatNameAddr({ uri: this.#uri })
    return { uri: this.#uri, route: [], from, to, contactUser: user, headers: [], sessionTimer: true, proof: null }
  }

  outcome(): void {}
}
