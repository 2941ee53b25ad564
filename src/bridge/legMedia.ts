import type {
  IceParameters,
  LegFormat,
  LegId,
  LocalMedia,
  MediaEngine,
  RemoteMedia,
  SrtpKeys,
} from '../media/engine.ts'
import type { Agreed, Local, Rejected, Wish } from '../sdp/agreement.ts'
import { rejected } from '../sdp/agreement.ts'
import { findSdp } from '../sdp/body.ts'
import { type AgreedCrypto, type Crypto, type CryptoKey, KEY_LENGTH } from '../sdp/crypto.ts'
import { parseDescription } from '../sdp/parse.ts'
import { refuseAll } from '../sdp/refuseAll.ts'
import { answerWith, canHear, heardFrom, offerWith, type Repertoire, understands } from '../sdp/repertoire.ts'
import {
  keepOffer,
  makeAnswer,
  makeOffer,
  movesMedia,
  newSession,
  type OfferReceived,
  type OfferSent,
  offerRefused,
  receiveAnswer,
  receiveOffer,
  restartsIce,
  type SdpSession,
} from '../sdp/session.ts'
import type { Profile } from '../sdp/stream.ts'
import type { SipMessage } from '../sip/message/message.ts'

/** Why an offer or answer was not taken, as the SIP status that says so. */
export type Refused = Rejected | { readonly kind: 'rejected'; readonly status: 400 | 415; readonly reason: string }

/** How a leg is set up. */
export interface LegSetup {
  /** Our address as this peer must write it. */
  readonly advertised: string
  /** For o=, unlike any other's. */
  readonly sessionId: number
  readonly repertoire: Repertoire
  /** What we send with on a leg of SRTP, one for each suite, and how to make others; null: any other leg. */
  readonly crypto: { readonly first: readonly CryptoKey[]; readonly next: () => readonly CryptoKey[] } | null
  /** Our end of ICE, and how to make another one; null: any other than a leg of WebRTC. */
  readonly ice: { readonly first: IceParameters; readonly next: () => IceParameters } | null
}

/** The media side of one leg: its offers and answers (RFC 3264), and the engine's leg that carries them out. */
export class LegMedia {
  readonly id: LegId
  readonly #engine: MediaEngine
  /** What we say of our end from now on. */
  #local: Local
  readonly #setup: LegSetup
  readonly #repertoire: Repertoire
  #session: SdpSession
  #received: OfferReceived | null = null
  /** What its answer says of our end: other ICE credentials where the offer restarts ICE, other keys where it leads elsewhere. */
  #answering: Local
  #sent: OfferSent | null = null
  #wish: Wish | null = null
  #keysInMedia = true
  /** The peer's offer that waits for its answer, and the description of its that is in force, as it wrote them. */
  #offered: Uint8Array | null = null
  #heard: Uint8Array | null = null

  constructor(engine: MediaEngine, opened: LocalMedia, setup: LegSetup) {
    this.id = opened.leg
    this.#engine = engine
    this.#setup = setup
    this.#repertoire = setup.repertoire
    this.#local = localOf(opened, setup)
    this.#answering = this.#local
    this.#session = newSession(setup.sessionId, profileOf(setup))
  }

  /** What is in force; null before the first answer. */
  get agreed(): Agreed | null {
    return this.#session.agreed
  }

  /** What the peer asked for in what is in force; null before the first answer. */
  get wish(): Wish | null {
    return this.#wish
  }

  /** All that we can make, for who is heard by this leg alone. */
  get made(): Wish {
    return { formats: this.#repertoire.made, direction: 'sendrecv', ptime: null }
  }

  /** Takes the peer's offer out of a message. Nothing changes until `answer`. */
  takeOffer(message: SipMessage): { readonly kind: 'offer'; readonly offer: Wish } | Refused {
    const description = describe(message)
    if (description.kind === 'rejected') return description
    const received = receiveOffer(this.#session, description.sdp)
    if (received.kind === 'rejected') return received
    const offer = heardFrom(this.#repertoire, received.offer)
    if (offer === null) {
      const names = this.#repertoire.only?.join(', ')
      return rejected(`The offer has none of the codecs set for this user: ${names}.`)
    }
    this.#received = { ...received.state, offer }
    this.#answering = this.#answerTo(received.state)
    this.#offered = description.text
    return { kind: 'offer', offer }
  }

  /** Where the peer finds us; null: a browser finds out by ICE. */
  get address(): string | null {
    return this.#local.secure === null ? this.#local.address : null
  }

  /** The peer finds us at this address from now on: what we say next says so. */
  moveTo(address: string): void {
    this.#local = { ...this.#local, address }
    this.#answering = this.#local
  }

  /** Whether the message says octet for octet what the peer has in force: it only refreshes the session (RFC 4028 §7.4). */
  repeats(message: SipMessage): boolean {
    const sdp = findSdp(message.headers.first('content-type') ?? undefined, message.body)
    return sdp instanceof Uint8Array && this.#heard !== null && Buffer.compare(sdp, this.#heard) === 0
  }

  /** Answers the offer taken last with what the other side of the call accepts. */
  answer(accepted: Wish): { readonly kind: 'answer'; readonly body: Uint8Array } | Refused {
    if (!this.#received) throw new Error(`leg ${this.id} has no offer to answer`)
    const common = answerWith(this.#repertoire, this.#received.offer, accepted)
    const made = makeAnswer(this.#received, common, this.#answering)
    if (made.kind === 'rejected') return made
    this.#local = this.#answering
    this.#heard = this.#offered
    this.#enforce(made.state, made.agreed, this.#received.offer)
    return { kind: 'answer', body: made.body }
  }

  /** Offers the peer what the other side of the call wishes. Nothing changes until `takeAnswer`. */
  offer(wish: Wish): { readonly kind: 'offer'; readonly body: Uint8Array } | Refused {
    return this.#made(makeOffer(this.#session, offerWith(this.#repertoire, wish), this.#local))
  }

  /** Whether the peer knows keys as events of its media (RFC 4733). */
  get knowsEvents(): boolean {
    return codecsOf(this.agreed).some((codec) => codec.startsWith('telephone-event/'))
  }

  /** Whether keys can be told it in its media, as events or as tones. */
  get hearsKeys(): boolean {
    return this.knowsEvents || canHear(codecsOf(this.agreed), this.#repertoire)
  }

  /** It presses its keys by INFO, and is told those of the others so; unless it knows events after all. */
  keysByInfo(): void {
    if (!this.#keysInMedia) return
    this.#keysInMedia = false
    if (this.agreed) this.#engine.update(this.id, this.#remote(this.agreed))
  }

  /** Whether both legs have agreed to what the engine can carry between them, and to the same directions. */
  inStepWith(other: LegMedia): boolean {
    const [one, two] = [this.agreed, other.agreed]
    const directed = one?.sends === two?.receives && one?.receives === two?.sends
    return directed && understands(codecsOf(one), codecsOf(two), this.#repertoire)
  }

  /** Offers once more what is in force. */
  offerAgain(): { readonly kind: 'offer'; readonly body: Uint8Array } | Refused {
    return this.#made(keepOffer(this.#session, this.#local))
  }

  /** Takes the peer's answer to the offer made last; each of several (18x, 200) counts anew. */
  takeAnswer(message: SipMessage): { readonly kind: 'answer'; readonly answer: Wish } | Refused {
    if (!this.#sent) throw new Error(`leg ${this.id} made no offer`)
    const description = describe(message)
    if (description.kind === 'rejected') return description
    const taken = receiveAnswer(this.#sent, description.sdp)
    if (taken.kind === 'rejected') return taken
    this.#heard = description.text
    this.#enforce(taken.state, taken.agreed, taken.answer)
    return { kind: 'answer', answer: taken.answer }
  }

  /** The peer refused the offer made last: what was in force stays. */
  offerRefused(): void {
    if (this.#sent) this.#session = offerRefused(this.#sent)
    this.#sent = null
  }

  #made(made: ReturnType<typeof makeOffer>): { readonly kind: 'offer'; readonly body: Uint8Array } | Refused {
    if (made.kind === 'rejected') return made
    this.#sent = made.state
    return { kind: 'offer', body: made.body }
  }

  #enforce(session: SdpSession, agreed: Agreed, wish: Wish): void {
    this.#session = session
    this.#wish = wish
    this.#engine.update(this.id, this.#remote(agreed))
  }

  #answerTo(offer: OfferReceived): Local {
    const { secure } = this.#local
    const ice = secure && restartsIce(offer) ? this.#setup.ice?.next() : undefined
    if (secure && ice) return { ...this.#local, secure: { ...secure, ice } }
    const crypto = movesMedia(offer) ? this.#setup.crypto?.next() : undefined
    return crypto ? { ...this.#local, crypto } : this.#local
  }

  #remote(agreed: Agreed): RemoteMedia {
    return remoteMedia(agreed, this.#local, this.#keysInMedia)
  }
}

/** Whether a message brings a session description. */
export function hasSdp(message: SipMessage): boolean {
  return findSdp(message.headers.first('content-type') ?? undefined, message.body) instanceof Uint8Array
}

/** The answer to an offer that nobody wants any more: no media at all. Null if the message holds no offer that can be read. */
export function refuseOffer(message: SipMessage): Uint8Array | null {
  const description = describe(message)
  return description.kind === 'rejected' ? null : refuseAll(description.sdp)
}

/** The session description that a message brings, parsed and as it stands. */
export function describe(message: SipMessage) {
  const sdp = findSdp(message.headers.first('content-type') ?? undefined, message.body)
  if (sdp === 'unsupported') return { kind: 'rejected', status: 415, reason: 'the body is no SDP' } as const
  if (sdp === null) return rejected('there is no SDP')
  const description = parseDescription(sdp)
  if (description.kind === 'malformed') return { kind: 'rejected', status: 400, reason: description.reason } as const
  return { kind: 'description', sdp: description, text: sdp } as const
}

function codecsOf(agreed: Agreed | null): string[] {
  return agreed?.formats.map(({ codec }) => codec) ?? []
}

function profileOf({ ice, crypto }: LegSetup): Profile {
  if (ice !== null) return 'secure'
  return crypto === null ? 'plain' : 'srtp'
}

function localOf({ address, port, rtcpPort, secure }: LocalMedia, { advertised, ice, crypto }: LegSetup): Local {
  if (secure === null || ice === null)
    return { address: advertised, port, rtcpPort, secure: null, crypto: crypto?.first ?? [] }
  const { candidates, fingerprint } = secure
  const [first] = candidates
  // Behind NAT the address by which the internet knows us leads to the same socket.
  const mapped = first && advertised !== address ? [{ ...first, address: advertised }] : []
  return {
    address: advertised,
    port,
    rtcpPort,
    secure: { ice: ice.first, candidates: [...mapped, ...candidates], fingerprint },
  }
}

function remoteMedia(agreed: Agreed, local: Local, keysInMedia: boolean): RemoteMedia {
  const { rtp, rtcp, rtcpMux, formats, ptime, sends, receives } = agreed
  const carried: LegFormat[] = [...formats]
  const numbers = new Set(formats.map(({ receive }) => receive))
  // RFC 3264 §6.1: a phone that numbers a codec anew in its answer should still send under our number. Not all do.
  for (const { codec, send, fmtp } of formats)
    if (!numbers.has(send)) carried.push({ codec, receive: send, send, fmtp })
  const secure = agreed.secure && local.secure && { local: local.secure.ice, ...agreed.secure }
  const srtp = agreed.crypto && srtpKeys(agreed.crypto)
  return { rtp, rtcp, rtcpMux, formats: carried, ptime, sends, receives, keysInMedia, secure, srtp }
}

function srtpKeys({ ours, theirs }: AgreedCrypto): SrtpKeys {
  return { profile: ours.suite, local: srtpKey(ours), remote: srtpKey(theirs) }
}

function srtpKey({ keySalt }: Crypto): SrtpKeys['local'] {
  return { key: keySalt.slice(0, KEY_LENGTH), salt: keySalt.slice(KEY_LENGTH) }
}
