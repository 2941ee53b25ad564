import type { PayloadFormat } from './description.ts'
import { codecOf } from './match.ts'
import { staticPayloadType } from './staticFormats.ts'

/** RFC 3551 §3: the payload types that are there to be bound by each session. */
const firstDynamic = 96
const lastDynamic = 127

/**
 * The payload types of a session and the codecs (as `codecOf` names them) they are bound to, by either side, for as long
 * as it lasts: RFC 3264 §8.3.2. A codec may have gathered several numbers; the one we said last stands first.
 */
export type Bindings = ReadonlyMap<number, string>

/** Formats with our numbers, and the bindings that this makes. */
export interface Numbered {
  readonly formats: readonly PayloadFormat[]
  readonly bindings: Bindings
}

/**
 * Our numbers for the formats of an offer: what the codec has in this session, else its static number, else the one that
 * the format suggests, else the lowest that is free. A format that finds none is left out.
 */
export function numberOffer(bindings: Bindings, formats: readonly PayloadFormat[]): Numbered {
  return number(bindings, formats, (codec, format, bound) => [
    ownNumber(bound, codec),
    staticPayloadType(codec),
    isDynamic(format.payloadType) ? format.payloadType : null,
  ])
}

/** Our numbers for the formats of an answer: the offerer's wherever we may (RFC 3264 §6.1). */
export function numberAnswer(
  bindings: Bindings,
  formats: readonly PayloadFormat[],
  theirs: readonly PayloadFormat[],
): Numbered {
  const offered = numbersOf(theirs)
  return number(bindings, formats, (codec, _format, bound) => [
    offered.get(codec) ?? null,
    ownNumber(bound, codec),
    staticPayloadType(codec),
  ])
}

/** Keeps the peer's numbers from being given to another codec by us. */
export function reserve(bindings: Bindings, theirs: readonly PayloadFormat[]): Bindings {
  const reserved = new Map(bindings)
  for (const format of theirs) {
    if (!reserved.has(format.payloadType)) reserved.set(format.payloadType, codecOf(format))
  }
  return reserved
}

/** Payload types by codec. */
export function numbersOf(formats: readonly PayloadFormat[]): ReadonlyMap<string, number> {
  return new Map(formats.map((format) => [codecOf(format), format.payloadType]))
}

type Candidates = (codec: string, format: PayloadFormat, bound: Bindings) => readonly (number | null)[]

function number(bindings: Bindings, formats: readonly PayloadFormat[], candidates: Candidates): Numbered {
  const bound = new Map(bindings)
  const numbered: PayloadFormat[] = []
  for (const format of formats) {
    const codec = codecOf(format)
    const payloadType =
      candidates(codec, format, bound).find((each) => each !== null && (bound.get(each) ?? codec) === codec) ??
      lowestFree(bound)
    if (payloadType === null) continue
    bound.set(payloadType, codec)
    const { name, clockRate, channels, fmtp } = format
    numbered.push({ name, clockRate, channels, fmtp, payloadType })
  }
  // What was said now stands first.
  const after = new Map<number, string>()
  for (const format of numbered) after.set(format.payloadType, codecOf(format))
  for (const [payloadType, codec] of bound) after.set(payloadType, codec)
  return { formats: numbered, bindings: after }
}

function ownNumber(bindings: Bindings, codec: string): number | null {
  for (const [payloadType, bound] of bindings) if (bound === codec) return payloadType
  return null
}

function isDynamic(payloadType: number): boolean {
  return payloadType >= firstDynamic && payloadType <= lastDynamic
}

function lowestFree(bindings: Bindings): number | null {
  for (let each = firstDynamic; each <= lastDynamic; each++) if (!bindings.has(each)) return each
  return null
}
