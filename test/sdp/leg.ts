import type { Agreed, Local, Rejected, Wish } from '../../src/sdp/agreement.ts'
import type { SessionDescription } from '../../src/sdp/description.ts'
import {
  keepOffer,
  makeAnswer,
  makeOffer,
  newSession,
  type OfferReceived,
  type OfferSent,
  receiveAnswer,
  receiveOffer,
  type SdpSession,
} from '../../src/sdp/session.ts'
import type { Profile } from '../../src/sdp/stream.ts'
import { describe, described, text } from './describe.ts'

/** One leg as the bridge would drive it, so that tests read as offers and answers. A rejection throws. */
export class Leg {
  session: SdpSession
  local: Local
  #received: OfferReceived | null = null
  #sent: OfferSent | null = null

  constructor(
    id: number,
    local: Local = { address: '198.51.100.1', port: 20000 + id * 2, rtcpPort: 20001 + id * 2, secure: null },
    profile: Profile = 'plain',
  ) {
    this.session = newSession(id, profile)
    this.local = local
  }

  /** The peer offers this; what crosses to the other leg. */
  hears(offer: SessionDescription | readonly string[]): Wish {
    const taken = granted(receiveOffer(this.session, descriptionOf(offer)))
    this.#received = taken.state
    return taken.offer
  }

  /** We answer what the peer offered; our description, and the agreement. */
  answers(accepted: Wish): Said {
    if (this.#received === null) throw new Error('nobody offered')
    const made = granted(makeAnswer(this.#received, accepted, this.local))
    this.session = made.state
    return { ...saidIn(made.body), agreed: made.agreed }
  }

  /** We offer; our description. */
  offers(wish: Wish): Said {
    return this.#offered(makeOffer(this.session, wish, this.local))
  }

  offersAgain(): Said {
    return this.#offered(keepOffer(this.session, this.local))
  }

  /** The peer answers our offer; what crosses, and the agreement. */
  getsAnswer(answer: SessionDescription | readonly string[]): { readonly answer: Wish; readonly agreed: Agreed } {
    if (this.#sent === null) throw new Error('we offered nothing')
    const taken = granted(receiveAnswer(this.#sent, descriptionOf(answer)))
    this.session = taken.state
    return taken
  }

  #offered(made: ReturnType<typeof makeOffer>): Said {
    const offer = granted(made)
    this.#sent = offer.state
    return { ...saidIn(offer.body), agreed: null }
  }
}

interface Said {
  readonly text: string
  readonly description: SessionDescription
  /** The m-lines and their direction, as in `audio 20002 RTP/AVP 0 101 sendrecv`. */
  readonly media: readonly string[]
  readonly version: string
  readonly agreed: Agreed | null
}

function saidIn(body: Uint8Array): Omit<Said, 'agreed'> {
  const description = described(body)
  const media = description.media.map(({ kind, port, protocol, rawFormats, direction }) => {
    return `${kind} ${port} ${protocol} ${rawFormats}${port === 0 ? '' : ` ${direction}`}`
  })
  return { text: text(body), description, media, version: description.origin.version }
}

function descriptionOf(given: SessionDescription | readonly string[]): SessionDescription {
  return 'kind' in given ? given : describe(given)
}

export function granted<R extends { readonly kind: string }>(result: R | Rejected): R {
  if (isRejected(result)) throw new Error(`${result.status} ${result.reason}`)
  return result
}

function isRejected(result: { readonly kind: string }): result is Rejected {
  return result.kind === 'rejected'
}

/** What an app or a phone asks for: G.711 both ways and DTMF. */
export const plainWish: Wish = {
  formats: [
    { payloadType: 0, name: 'PCMU', clockRate: 8000, channels: 1, fmtp: null },
    { payloadType: 8, name: 'PCMA', clockRate: 8000, channels: 1, fmtp: null },
    { payloadType: 101, name: 'telephone-event', clockRate: 8000, channels: 1, fmtp: '0-15' },
  ],
  direction: 'sendrecv',
  ptime: null,
}
