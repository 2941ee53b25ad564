import { type Agreed, agreedFormats, type Local, type Rejected, rejected, type Wish } from './agreement.ts'
import { type Crypto, chosenCrypto, offeredCrypto, settledCrypto } from './crypto.ts'
import type { Direction, MediaDescription, PayloadFormat, SessionDescription } from './description.ts'
import { directionOf, receives, sends } from './direction.ts'
import { carriesVoice, crossing, shared } from './match.ts'
import { type Bindings, numberAnswer, numberOffer, reserve } from './payloadTypes.ts'
import { endpointsOf, isSpeech, lineOf, offered, type Profile, whyNoSpeech, wishOf } from './stream.ts'
import { answeredWith, OFFERED, ownSecure, settledBy, setupOf, type Way, wayOf } from './way.ts'
import { type MediaLine, type OwnMedia, type OwnStream, writeDescription } from './write.ts'

/**
 * One leg's side of RFC 3264: what is in force. A value. An offer under way is another value (`OfferReceived`, `OfferSent`)
 * which only its answer turns into a session again, so an offer that fails changes nothing: keep the session you had.
 */
export interface SdpSession {
  readonly kind: 'session'
  readonly profile: Profile
  /** The session id of our o= line. */
  readonly id: number
  /** Our last description and the version in it; null before the first. */
  readonly said: { readonly version: number; readonly text: string } | null
  /** Every m-line that either side ever named, in order: our offers never have fewer (RFC 3264 §8). */
  readonly lines: readonly MediaLine[]
  /** null before the first description. */
  readonly audio: OwnAudio | null
  readonly bindings: Bindings
  readonly agreed: Agreed | null
}

/** Our side of the one stream we take part in. */
interface OwnAudio {
  /** Its place among the m-lines. */
  readonly line: number
  /** As we said them last, with our numbers. */
  readonly formats: readonly PayloadFormat[]
  readonly ptime: number | null
  readonly rtcpMux: boolean
  /** Of a secure stream: its name, and whether it is bundled; null: any other. */
  readonly way: Way | null
  /** Of one of SRTP: our keys. */
  readonly crypto: readonly Crypto[]
  /** What we would say if this peer held nothing back. */
  readonly wants: Direction
}

/** The peer's offer, waiting for our answer. */
export interface OfferReceived {
  readonly kind: 'offer-received'
  readonly former: SdpSession
  readonly theirs: SessionDescription
  readonly line: number
  readonly offer: Wish
}

/** Our offer, waiting for the peer's answer. */
export interface OfferSent {
  readonly kind: 'offer-sent'
  readonly former: SdpSession
  /** The session as the answer will make it, but for what it agrees to. */
  readonly next: SdpSession & Spoken & { readonly audio: OwnAudio }
}

export interface OfferTaken {
  readonly kind: 'offer'
  readonly state: OfferReceived
  readonly offer: Wish
}

export interface AnswerMade {
  readonly kind: 'answer'
  readonly state: SdpSession
  readonly body: Uint8Array
  readonly agreed: Agreed
}

export interface OfferMade {
  readonly kind: 'offer'
  readonly state: OfferSent
  readonly body: Uint8Array
}

export interface AnswerTaken {
  readonly kind: 'answer'
  readonly state: SdpSession
  readonly agreed: Agreed
  readonly answer: Wish
}

/** A leg that has said and heard nothing. `id`: a whole number that no other session has (RFC 4566 §5.2). */
export function newSession(id: number, profile: Profile): SdpSession {
  return { kind: 'session', profile, id, said: null, lines: [], audio: null, bindings: new Map(), agreed: null }
}

/** What follows in session `id`. Written out: V8 spreads an object slowly, and every call makes three of these. */
function following(
  { profile, id }: SdpSession,
  spoken: Spoken,
  audio: OwnAudio,
  bindings: Bindings,
  agreed: Agreed | null,
) {
  return { kind: 'session', profile, id, said: spoken.said, lines: spoken.lines, audio, bindings, agreed } as const
}

/**
 * Takes the peer's offer: the audio m-line in use, or else the first one that is carried as the session is. The answer will refuse all others.
 * In a running session port 0 is a hold, for that is what phones mean by it; the formats are then those in use.
 */
export function receiveOffer(session: SdpSession, theirs: SessionDescription): OfferTaken | Rejected {
  const line = offeredLine(session, theirs.media)
  const media = theirs.media[line]
  if (media === undefined) return rejected(whyNoSpeech('offer', theirs.media, session.profile))
  const offer = media.port === 0 ? heldWish(session) : wishOf(media)
  return { kind: 'offer', state: { kind: 'offer-received', former: session, theirs, line, offer }, offer }
}

/** Whether the offer asks for ICE to be restarted: our credentials must change, too (RFC 8839 §4.4.3.1.2). */
export function restartsIce({ former, theirs, line }: OfferReceived): boolean {
  const [before, now] = [former.agreed?.secure?.ice, theirs.media[line]?.secure?.ice]
  return before && now ? before.ufrag !== now.ufrag || before.password !== now.password : false
}

/** Whether the offer wants our packets at another place: nobody there has counted them so far (RFC 3711 §3.2.3). */
export function movesMedia({ former, theirs, line }: OfferReceived): boolean {
  const [before, media] = [former.agreed?.rtp, theirs.media[line]]
  const now = media && endpointsOf(media).rtp
  return before && now ? before.address !== now.address || before.port !== now.port : false
}

function offeredLine({ audio, profile }: SdpSession, media: readonly MediaDescription[]): number {
  const isOpen = (each: MediaDescription): boolean => each.port !== 0 && isSpeech(each, profile)
  const inUse = audio === null ? undefined : media[audio.line]
  if (audio !== null && inUse !== undefined && isOpen(inUse)) return audio.line
  const first = media.findIndex(isOpen)
  if (first !== -1 || audio === null) return first
  return inUse?.kind === 'audio' && inUse.port === 0 ? audio.line : -1
}

/**
 * Answers the offer with those of its formats that `accepted` has, in the order of `accepted` and with its parameters.
 * `accepted` is the other leg's answer, or what an app takes; its direction is narrowed to what the offer allows
 * (RFC 3264 §6.1). Asked again, for the 200 after a 18x, it says the same again.
 */
export function makeAnswer(state: OfferReceived, accepted: Wish, local: Local): AnswerMade | Rejected {
  const { former, theirs, line, offer } = state
  const lines = theirs.media.map(lineOf)
  const media = theirs.media[line]
  if (media === undefined) throw new RangeError('not an offer that receiveOffer took')
  if (media.port === 0) {
    const spoken = speak(former, local, lines, null)
    const agreed = heldAgreement(former)
    return { kind: 'answer', state: { ...former, ...spoken, agreed }, body: bodyOf(spoken.said), agreed }
  }
  const common = shared(crossing(accepted.formats), offer.formats)
  const { formats, bindings } = numberAnswer(reserve(former.bindings, media.formats), common, offer.formats)
  if (!carriesVoice(formats)) return rejected('The two sides have no codec in common.')
  const sending = sends(accepted.direction) && receives(offer.direction)
  const receiving = receives(accepted.direction) && sends(offer.direction)
  const { rtcpMux } = media
  const wants = wanted(former, accepted.direction, offer.direction)
  const theirSide = former.profile === 'secure' ? media.secure : null
  const way = theirSide && wayOf(theirSide)
  const crypto = former.profile === 'srtp' ? chosenCrypto(local.crypto ?? [], media.crypto) : null
  if (former.profile === 'srtp' && crypto === null) return rejected(NO_KEY)
  const audio = { line, formats, ptime: accepted.ptime, rtcpMux, way, crypto: crypto ? [crypto.ours] : [], wants }
  const secure = theirSide && answeredWith(theirSide, former.agreed?.secure ?? null)
  const spoken = speak(former, local, lines, {
    ...spokenAudio(audio, media.protocol, directionOf(sending, receiving)),
    secure: secure && ownSecure(way, local.secure, setupOf(secure)),
  })
  const { rtp, rtcp } = endpointsOf(media)
  const numbered = agreedFormats(formats, formats, offer.formats)
  const agreed = {
    rtp,
    rtcp,
    rtcpMux,
    formats: numbered,
    ptime: offer.ptime,
    sends: sending,
    receives: receiving,
    secure,
    crypto,
  }
  const next = following(former, spoken, audio, bindings, agreed)
  return { kind: 'answer', state: next, body: bodyOf(spoken.said), agreed }
}

/**
 * The session after the peer refused our offer: all as it was, but the refused description counts as the last one said, so
 * that no version is ever used for two (RFC 3264 §8).
 */
export function offerRefused({ former, next }: OfferSent): SdpSession {
  return { ...former, said: next.said }
}

/** What we want now that the other side of the call said `ours`. Where the offer left it no choice, what it wanted before. */
function wanted({ audio }: SdpSession, ours: Direction, offered: Direction): Direction {
  const before = audio?.wants ?? 'sendrecv'
  return directionOf(sends(receives(offered) ? ours : before), receives(sends(offered) ? ours : before))
}

/**
 * Offers `wish` to the peer: the other leg's offer, or what an app wants. Rejected if no payload type is left for any of
 * its codecs, which takes more codecs in one session than an honest call has.
 */
export function makeOffer(session: SdpSession, wish: Wish, local: Local): OfferMade | Rejected {
  const { formats, bindings } = numberOffer(session.bindings, crossing(wish.formats))
  if (!carriesVoice(formats)) return rejected('No codec is left to offer.')
  const { direction, ptime } = wish
  const line = session.audio?.line ?? 0
  const protocol = session.lines[line]?.protocol ?? offered[session.profile]
  const lines = session.lines.length > 0 ? session.lines : [{ kind: 'audio', protocol, format: '0', mid: null }]
  // RFC 5761 is never our proposal: our second port is open anyway, as an answer without it asks, so all it could do is
  // puzzle a phone older than it. But a peer that already shares its port with us may have no other any more.
  const rtcpMux = session.profile === 'secure' || (session.agreed?.rtcpMux ?? false)
  const way = session.profile === 'secure' ? (session.audio?.way ?? OFFERED) : null
  const crypto = session.profile === 'srtp' ? offeredCrypto(local.crypto ?? [], session.agreed?.crypto ?? null) : []
  const audio = { line, formats, ptime, rtcpMux, way, crypto, wants: direction }
  // RFC 8842 §5.2: an offer leaves the roles open, and the answer to a later one keeps them.
  const secure = ownSecure(way, local.secure, 'actpass')
  const spoken = speak(session, local, lines, { ...spokenAudio(audio, protocol, direction), secure })
  const next = following(session, spoken, audio, bindings, session.agreed)
  return { kind: 'offer', state: { kind: 'offer-sent', former: session, next }, body: bodyOf(spoken.said) }
}

/**
 * Offers what we said last once more, in reply to a re-INVITE without SDP. The direction is ours, not what this peer's hold
 * made of it: such a re-INVITE is also a way to resume (RFC 6337 §5.3).
 */
export function keepOffer(session: SdpSession, local: Local): OfferMade | Rejected {
  if (session.audio === null) throw new TypeError('keepOffer before any description')
  const { formats, wants, ptime } = session.audio
  return makeOffer(session, { formats, direction: wants, ptime }, local)
}

/**
 * Takes the peer's answer to our offer. Codecs are matched by what they are, for the answerer may number them its own way
 * (RFC 3264 §6.1); a direction that we did not offer is narrowed to one that we did. An answer may lack m-lines that we
 * refused, which some phones forget. May be asked of the same `OfferSent` for each answer that comes: 18x, forks, 200.
 */
export function receiveAnswer({ former, next }: OfferSent, theirs: SessionDescription): AnswerTaken | Rejected {
  const media = theirs.media[next.audio.line]
  if (media?.kind !== 'audio' || theirs.media.length > next.lines.length) {
    return rejected('The m-lines of the answer are not those of the offer.')
  }
  if (media.port === 0) {
    // The first answer refuses the call's only stream; a later one holds it.
    if (former.agreed === null) return rejected('The answer refuses the audio.')
    const agreed = heldAgreement(former)
    return { kind: 'answer', state: { ...next, agreed }, agreed, answer: heldWish(next) }
  }
  const heard = wishOf(media)
  const formats = shared(heard.formats, next.audio.formats)
  if (!isSpeech(media, former.profile)) return rejected(whyNoSpeech('answer', [media], former.profile))
  if (!carriesVoice(formats)) return rejected('The answer has no codec of the offer.')
  const sending = sends(next.audio.wants) && receives(heard.direction)
  const receiving = receives(next.audio.wants) && sends(heard.direction)
  const { rtp, rtcp } = endpointsOf(media)
  const numbered = agreedFormats(formats, next.audio.formats, formats)
  const rtcpMux = next.audio.rtcpMux && media.rtcpMux
  const secure = media.secure && next.profile === 'secure' ? settledBy(media.secure) : null
  const crypto = next.profile === 'srtp' ? settledCrypto(next.audio.crypto, media.crypto) : null
  if (next.profile === 'srtp' && crypto === null) return rejected(NO_KEY)
  const agreed = {
    rtp,
    rtcp,
    rtcpMux,
    formats: numbered,
    ptime: heard.ptime,
    sends: sending,
    receives: receiving,
    secure,
    crypto,
  }
  const answer = { formats, direction: directionOf(receiving, sending), ptime: heard.ptime }
  const state = following(next, next, next.audio, reserve(next.bindings, media.formats), agreed)
  return { kind: 'answer', state, agreed, answer }
}

/** Its keys are none of ours, by tag or suite. */
const NO_KEY = 'The two sides have no key of SRTP in common.'

/** What a stream at port 0 asks for: silence, with the formats in use. */
function heldWish({ audio }: SdpSession): Wish {
  return { formats: audio?.formats ?? [], direction: 'inactive', ptime: audio?.ptime ?? null }
}

function heldAgreement({ agreed }: SdpSession): Agreed {
  const rtcpMux = agreed?.rtcpMux ?? false
  const [formats, ptime] = [agreed?.formats ?? [], agreed?.ptime ?? null]
  return {
    rtp: null,
    rtcp: null,
    rtcpMux,
    formats,
    ptime,
    sends: false,
    receives: false,
    secure: agreed?.secure ?? null,
    crypto: agreed?.crypto ?? null,
  }
}

/** What we say of the stream; ports come from where we listen. */
type SpokenAudio = Omit<OwnStream, 'port' | 'rtcpPort'> & { readonly line: number }

function spokenAudio(audio: OwnAudio, protocol: string, direction: Direction): Omit<SpokenAudio, 'secure'> {
  const { line, formats, ptime, rtcpMux, crypto } = audio
  return { line, protocol, formats, direction, ptime, rtcpMux, crypto }
}

/** A description of ours, and what is remembered of its m-lines. */
interface Spoken {
  readonly said: { readonly version: number; readonly text: string }
  readonly lines: readonly MediaLine[]
}

/**
 * Our next description: all of `lines`, refused but for the one that carries `audio`. Its version is one more than the
 * last one's if anything in it differs (RFC 3264 §8).
 */
function speak(session: SdpSession, local: Local, lines: readonly MediaLine[], audio: SpokenAudio | null): Spoken {
  const media = lines.map((line, index): OwnMedia => {
    if (index !== audio?.line) return { state: 'refused', line }
    const { protocol, formats, direction, ptime, rtcpMux, secure, crypto } = audio
    const { port, rtcpPort } = local
    return { state: 'active', stream: { protocol, port, rtcpPort, rtcpMux, formats, direction, ptime, secure, crypto } }
  })
  const write = (version: number): string =>
    writeDescription({ id: session.id, version, address: local.address, media })
  const former = session.said
  const same = former !== null && former.text === write(former.version)
  const version = former === null ? 1 : former.version + 1
  return {
    said: same ? former : { version, text: write(version) },
    // A peer that offers fewer m-lines than before gets as many back; we still remember the others.
    lines: [...lines, ...session.lines.slice(lines.length)],
  }
}

function bodyOf({ text }: { readonly text: string }): Uint8Array {
  // Octets of its own: it may be kept as long as the call, and Node's small buffers share a slab.
  const body = Buffer.allocUnsafeSlow(text.length)
  body.write(text, 'latin1')
  return body
}
