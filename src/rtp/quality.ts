import type { Millis } from '../platform/clock.ts'

/** What is known of one direction of a conversation. */
export interface Heard {
  /** As SDP names it: `pcmu/8000`, or the name alone. */
  readonly codec: string
  /** The fraction of packets that were not there to be played, 0–1. */
  readonly loss: number
  /** How much longer losses last than if each packet's fate were its own (G.107 §3.5); 1, random loss, if left out. */
  readonly burstRatio?: number
  /** From mouth to ear. */
  readonly delay: Millis
  /** Whether the listener's end conceals the loss of G.711 packets; true if left out, for nearly all phones do. */
  readonly conceals?: boolean
}

export interface Quality {
  /** The transmission rating factor of G.107, 0–100. */
  readonly r: number
  /** The mean opinion score that R stands for, 1–4.5. */
  readonly mos: number
}

/** What a codec takes from R by itself (Ie), and how well it bears loss (Bpl, in percent). */
interface Impairment {
  readonly ie: number
  readonly bpl: number
}

const G711_CONCEALED: Impairment = { ie: 0, bpl: 25.1 }
const G711_BARE: Impairment = { ie: 0, bpl: 4.3 }

/** G.113 Appendix I, tables I.1 and I.4. SDP says G729 for G.729 and G.729A alike: the values of G.729A with VAD. */
const IMPAIRMENTS: ReadonlyMap<string, Impairment> = new Map([
  ['g729', { ie: 11, bpl: 19 }],
  ['g723', { ie: 15, bpl: 16.1 }],
  ['gsm-efr', { ie: 5, bpl: 10 }],
])

// G.107 §7.7, all default values: what R has left of the noise of both rooms and the circuit (No, Ro), what sidetone and
// loudness cost of it (Is), and the echo paths of both ends (TELR, WEPL; dB).
const NOISE = -61.18
const BASIC_RATIO = 94.77
const SIMULTANEOUS = 1.41
const RECEIVE_LOUDNESS = 2
const TALKER_ECHO_LOUDNESS = 65
const WEIGHTED_ECHO_PATH_LOSS = 110
/** The least delay that is noticed, ms (mT of the default class of delay sensitivity). */
const NOTICED: Millis = 100

/**
 * The quality of speech by the E-model of ITU-T G.107, for a narrow-band connection all of whose other parameters have
 * their defaults: R = Ro − Is − Id − Ie,eff, with no advantage (A = 0). G.722 and Opus have no values on the narrow-band
 * scale and count as G.711 with concealment, and so does any codec not known here: their wider band is no merit in this
 * number, so it compares connections, not codecs.
 */
export function quality({ codec, loss, burstRatio = 1, delay, conceals = true }: Heard): Quality {
  const equipment = effectiveEquipment(impairmentOf(codec, conceals), 100 * loss, burstRatio)
  const rating = BASIC_RATIO - SIMULTANEOUS - delayImpairment(Math.max(0, delay)) - equipment
  const r = Math.max(0, Math.min(100, rating))
  return { r, mos: mosOf(r) }
}

/** The mean opinion score of a rating `r` (G.107 Annex B). */
export function mosOf(r: number): number {
  if (r <= 0) return 1
  if (r >= 100) return 4.5
  // Below R = 6.5 the polynomial dips under 1, which no score can.
  return Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)
}

function impairmentOf(codec: string, conceals: boolean): Impairment {
  const name = codec.split('/', 1)[0]?.toLowerCase() ?? ''
  if (!conceals && (name === 'pcmu' || name === 'pcma')) return G711_BARE
  return IMPAIRMENTS.get(name) ?? G711_CONCEALED
}

/** Ie,eff (§7.5). `loss` in percent. */
function effectiveEquipment({ ie, bpl }: Impairment, loss: number, burstRatio: number): number {
  return loss <= 0 ? ie : ie + ((95 - ie) * loss) / (loss / burstRatio + bpl)
}

/** Id = Idte + Idle + Idd (§7.4), where all delay lies between the two mouths and ears: T = Ta = Tr / 2. */
function delayImpairment(delay: Millis): number {
  return talkerEcho(delay) + listenerEcho(delay) + tooLongDelay(delay)
}

function talkerEcho(delay: Millis): number {
  if (delay < 1) return 0
  const masked = TALKER_ECHO_LOUDNESS - 40 * Math.log10((1 + delay / 10) / (1 + delay / 150))
  const echo = 80 + 2.5 * (masked + 6 * Math.exp(-0.3 * delay * delay) - 14)
  const half = (-1.5 * (NOISE - RECEIVE_LOUDNESS) - echo) / 2
  return (half + Math.sqrt(half * half + 100) - 1) * (1 - Math.exp(-delay))
}

function listenerEcho(delay: Millis): number {
  const echo = 10.5 * (WEIGHTED_ECHO_PATH_LOSS + 7) * (2 * delay + 1) ** -0.25
  const half = (BASIC_RATIO - echo) / 2
  return half + Math.sqrt(half * half + 169)
}

function tooLongDelay(delay: Millis): number {
  if (delay <= NOTICED) return 0
  const x = Math.log2(delay / NOTICED)
  return 25 * ((1 + x ** 6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2)
}
