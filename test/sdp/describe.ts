import type { MediaDescription, SessionDescription } from '../../src/sdp/description.ts'
import { parseDescription } from '../../src/sdp/parse.ts'
import { head, lines } from './phones.ts'

export function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}

export function text(body: Uint8Array): string {
  return Buffer.from(body).toString('latin1')
}

/** The description in this body, which must be one. */
export function described(body: string | Uint8Array): SessionDescription {
  const read = parseDescription(typeof body === 'string' ? bytes(body) : body)
  if (read.kind === 'malformed') throw new Error(read.reason)
  return read
}

/** A description of one or more m-lines with their attributes, at `address`. */
export function describe(media: readonly string[], address = '192.0.2.1'): SessionDescription {
  return described(lines(...head(address), ...media))
}

export function mediaAt(description: SessionDescription, line: number): MediaDescription {
  const media = description.media[line]
  if (media === undefined) throw new Error(`no m-line ${line}`)
  return media
}

/** `PCMU@0 telephone-event@101`: formats in one glance. */
export function glance(formats: readonly { readonly name: string; readonly payloadType: number }[]): string {
  return formats.map((format) => `${format.name}@${format.payloadType}`).join(' ')
}
