import type { Timeline } from './outgoing.ts'

/** A codec as it travels on the leg: `name/rate` or `name/rate/channels`, and its payload type in each direction. */
export interface RtpFormat {
  readonly codec: string
  readonly receive: number
  readonly send: number
  /** The a=fmtp parameters by which the peer wants to receive it. */
  readonly fmtp: string | null
}

/** A negotiated format with what the packet path asks of it. */
export interface KnownFormat extends RtpFormat, Timeline {}

/** `format` with its timeline read from its codec's name. Throws TypeError if that has no clock rate: our own mistake. */
export function known({ codec, receive, send, fmtp }: RtpFormat): KnownFormat {
  // Written out, for an object that is spread into another gets a shape of its own, and each packet would pay for it.
  const [name, rate] = codec.split('/')
  const clockRate = Number(rate)
  if (!(clockRate > 0)) throw new TypeError(`no clock rate in codec ${codec}`)
  return { codec, receive, send, fmtp, clockRate, advances: name !== 'telephone-event' }
}
