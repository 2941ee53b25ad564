// The payload of telephone events (RFC 4733 §2.3), read and written where it lies: event, end bit and volume, duration.

/** Octets of one event. */
export const EVENT_LENGTH = 4
/** The longest duration that an event can tell, in units of the RTP clock; a longer one is cut into segments (§2.5.1.3). */
export const MAX_DURATION = 0xffff
/** Every so often a packet, ms, and so often its last one (§2.5.1.2, §2.5.1.4). */
export const EVENT_PTIME = 20

/** The event's code: 0 to 15 are keys (§3.2). */
export function eventCode(payload: Uint8Array, at: number): number {
  return payload[at] ?? 0
}

/** Whether the event is over. */
export function isEnd(payload: Uint8Array, at: number): boolean {
  return ((payload[at + 1] ?? 0) & 0x80) !== 0
}

/** Its level below 0 dBm0, dB. */
export function eventVolume(payload: Uint8Array, at: number): number {
  return (payload[at + 1] ?? 0) & 0x3f
}

/** How long it has lasted since the packet's timestamp, in units of the RTP clock. */
export function eventDuration(payload: Uint8Array, at: number): number {
  return ((payload[at + 2] ?? 0) << 8) | (payload[at + 3] ?? 0)
}

/** Writes an event of four octets; `volume` is dB below 0 dBm0, 0 to 63, `duration` 0 to 0xFFFF. */
export function writeEvent(
  payload: Uint8Array,
  at: number,
  code: number,
  end: boolean,
  volume: number,
  duration: number,
): void {
  payload[at] = code
  payload[at + 1] = (end ? 0x80 : 0) | (volume & 0x3f)
  payload[at + 2] = duration >> 8
  payload[at + 3] = duration
}
