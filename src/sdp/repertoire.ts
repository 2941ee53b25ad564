import type { Wish } from './agreement.ts'
import type { CodecFormat, PayloadFormat } from './description.ts'
import { carriesVoice, codecOf, isVoice, shared } from './match.ts'

/** What one leg can do about codecs beside passing on what the other one speaks. */
export interface Repertoire {
  /** What we can turn into each other, the preferred first; telephone-event and comfort noise among them. */
  readonly made: readonly PayloadFormat[]
  /** Encoding names, in lower case, that alone are spoken on this leg, the preferred first; null: any. */
  readonly only: readonly string[] | null
  /** The encoding name, in lower case, that the leg speaks if the peer knows it, transcoded if need be; null: what the other leg speaks. */
  readonly preferred: string | null
  /** False: keys are never told as events (RFC 4733) on this leg. */
  readonly events?: boolean
  /** The sound in a packet that the peer is asked for, ms; null or left out: what the other leg asks for. */
  readonly ptime?: number | null
}

/**
 * What a leg's `offer` asks of the other one: no more than may be spoken on it, and in the admin's order rather than the
 * phone's, so that the other phone is not asked for what would then have to be transcoded. Null: nothing of it may be spoken.
 */
export function heardFrom({ only, events }: Repertoire, offer: Wish): Wish | null {
  if (only === null && events !== false) return offer
  const formats = usable(withoutEvents(events, spokenOn(only, offer.formats)))
  return carriesVoice(formats) ? rephrased(offer, formats) : null
}

/**
 * What a leg is offered when the other one speaks the formats of `wish`: those first, for they need no transcoding, then what
 * we can make of them.
 */
export function offerWith(repertoire: Repertoire, wish: Wish): Wish {
  return onItsTerms(repertoire, offered(repertoire, wish))
}

function offered(repertoire: Repertoire, wish: Wish): Wish {
  const { made, only } = repertoire
  const preferred = insisting(repertoire, made, wish.formats)
  if (preferred !== null) return rephrased(wish, preferred)
  const spoken = wish.formats
  // No comfort noise: from this leg it would come into a stream that the other side has no number for it in.
  const added = sharesVoice(spoken, made) ? without(made, spoken).filter((format) => !isComfortNoise(format)) : []
  return rephrased(wish, usable(spokenOn(only, [...spoken, ...added])))
}

/**
 * What to answer a leg's `offer` when the other one accepts `accepted`: what both speak, else what we can make of it. Without
 * formats if there is nothing of either. A leg's telephone-event is always accepted, for what the other one doesn't know of
 * keys can be told another way.
 */
export function answerWith(repertoire: Repertoire, offer: Wish, accepted: Wish): Wish {
  return onItsTerms(repertoire, answered(repertoire, offer, accepted))
}

function answered(repertoire: Repertoire, offer: Wish, accepted: Wish): Wish {
  const { made, only } = repertoire
  const preferred = insisting(repertoire, offer.formats, accepted.formats)
  if (preferred !== null) return rephrased(accepted, preferred)
  const allowed = spokenOn(only, offer.formats)
  const common = shared(accepted.formats, allowed)
  if (carriesVoice(common)) {
    const keys = without(allowed.filter(isTelephoneEvent), common)
    return rephrased(accepted, usable([...spokenOn(only, common), ...(sharesVoice(common, made) ? keys : [])]))
  }
  return rephrased(accepted, sharesVoice(accepted.formats, made) ? usable(inOurWords(shared(allowed, made), made)) : [])
}

// Alone, or packets of the other leg's codec would pass as they are: a browser's network may lose what only Opus makes good.
function insisting(
  { made, only, preferred }: Repertoire,
  formats: readonly PayloadFormat[],
  others: readonly PayloadFormat[],
): PayloadFormat[] | null {
  const isPreferred = ({ name }: CodecFormat): boolean => name.toLowerCase() === preferred
  if (preferred === null || only !== null || others.some(isPreferred) || !sharesVoice(others, made)) return null
  const voice = inOurWords(shared(formats.filter(isPreferred), made), made)
  return voice.length === 0 ? null : usable([...voice, ...formats.filter(isTelephoneEvent)])
}

/** Whether whoever has agreed to `codecs` (as `codecOf` names them) can be brought to hear what has `others`, and be heard. */
export function understands(codecs: readonly string[], others: readonly string[], { made }: Repertoire): boolean {
  const [voices, theirs] = [codecs.filter(isVoiceCodec), others.filter(isVoiceCodec)]
  const known = new Set(made.map(codecOf))
  const isMade = (codec: string): boolean => known.has(codec)
  const heard = (codec: string, by: readonly string[]) => by.includes(codec) || (isMade(codec) && by.some(isMade))
  return voices.every((codec) => heard(codec, theirs)) && theirs.every((codec) => heard(codec, voices))
}

/** Whether we can make sound for whoever has agreed to `codecs`. */
export function canHear(codecs: readonly string[], { made }: Repertoire): boolean {
  return made.some((format) => isVoice(format) && codecs.includes(codecOf(format)))
}

function isVoiceCodec(codec: string): boolean {
  return isVoice({ name: codec.split('/', 1)[0] ?? '' })
}

function sharesVoice(formats: readonly CodecFormat[], made: readonly PayloadFormat[]): boolean {
  return carriesVoice(shared(formats, made))
}

function without(formats: readonly PayloadFormat[], those: readonly CodecFormat[]): PayloadFormat[] {
  const codecs = new Set(those.map(codecOf))
  return formats.filter((format) => !codecs.has(codecOf(format)))
}

/** With our parameters, for it is we who will decode what comes. */
function inOurWords(formats: readonly PayloadFormat[], made: readonly PayloadFormat[]): PayloadFormat[] {
  const ours = new Map(made.map((format) => [codecOf(format), format.fmtp]))
  return formats.map((format) => {
    const { payloadType, name, clockRate, channels } = format
    return { payloadType, name, clockRate, channels, fmtp: ours.get(codecOf(format)) ?? null }
  })
}

/** Telephone events and comfort noise only at a clock rate that a voice codec among them has (RFC 4733 §2.1, RFC 3389 §5.1). */
function usable(formats: readonly PayloadFormat[]): PayloadFormat[] {
  const rates = new Set(formats.filter(isVoice).map(({ clockRate }) => clockRate))
  return formats.filter((format) => isVoice(format) || rates.has(format.clockRate) || format.clockRate === 8000)
}

function spokenOn(only: readonly string[] | null, formats: readonly PayloadFormat[]): PayloadFormat[] {
  if (only === null) return [...formats]
  const rank = ({ name }: PayloadFormat): number => only.indexOf(name.toLowerCase())
  const voices = formats.filter((format) => isVoice(format) && rank(format) >= 0)
  return [...voices.sort((a, b) => rank(a) - rank(b)), ...formats.filter((format) => !isVoice(format))]
}

function onItsTerms({ events, ptime }: Repertoire, wish: Wish): Wish {
  if (events !== false && (ptime ?? null) === null) return wish
  const { direction, formats } = wish
  return { formats: withoutEvents(events, formats), direction, ptime: ptime ?? wish.ptime }
}

function withoutEvents(events: boolean | undefined, formats: readonly PayloadFormat[]): readonly PayloadFormat[] {
  return events === false ? formats.filter((format) => !isTelephoneEvent(format)) : formats
}

function isTelephoneEvent({ name }: CodecFormat): boolean {
  return name.toLowerCase() === 'telephone-event'
}

function isComfortNoise({ name }: CodecFormat): boolean {
  return name.toLowerCase() === 'cn'
}

function rephrased({ direction, ptime }: Wish, formats: readonly PayloadFormat[]): Wish {
  return { formats, direction, ptime }
}
