import type { MadeCodec } from './engine.ts'

const EVENTS = '0-15'

/** What the engine turns into each other, the best sounding first. */
export const madeCodecs: readonly MadeCodec[] = [
  { name: 'G722', clockRate: 8000, channels: 1, fmtp: null },
  { name: 'PCMA', clockRate: 8000, channels: 1, fmtp: null },
  { name: 'PCMU', clockRate: 8000, channels: 1, fmtp: null },
  { name: 'CN', clockRate: 8000, channels: 1, fmtp: null },
  { name: 'telephone-event', clockRate: 8000, channels: 1, fmtp: EVENTS },
]
