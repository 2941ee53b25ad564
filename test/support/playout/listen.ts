import { pcmu } from '../../../src/codecs/g711.ts'
import { Playout } from '../../../src/media/playout/playout.ts'
import type { PlayoutFormat } from '../../../src/media/playout/voices.ts'
import type { Millis } from '../../../src/platform/clock.ts'
import { concealing } from './sender.ts'
import type { Passage } from './traces.ts'

export const PCMU: PlayoutFormat = { codec: 'PCMU/8000', clockRate: 8000, receive: 0 }
const PER_MS = 8

/** What was heard of a stream that came by `passages`, and by what the playout gave it. */
export interface Heard {
  readonly playout: Playout
  /** How much later sound was heard than it was sent, ms, frame by frame; only frames that say where they are from count. */
  readonly delays: readonly Millis[]
  readonly out: Int16Array
}

/** Sends `sound` in packets of 20 ms that come by `passages`, and pulls frames of `frame` ms from `phase` on. */
export function listen(sound: Int16Array, passages: readonly Passage[], frame: Millis, phase: Millis): Heard {
  const payload = new Uint8Array(sound.length)
  pcmu.encoder().encode(sound, payload)
  const clean = new Int16Array(sound.length)
  pcmu.decoder().decode(payload, clean)
  const g711 = pcmu.decoder()
  const decoder = concealing(PER_MS, (octets, pcm) => g711.decode(octets, pcm))
  const playout = new Playout(8000, () => ({ decoder, sampleRate: 8000 }))
  const order = [...passages.keys()].sort((a, b) => arrival(passages, a) - arrival(passages, b))
  const end = passages.at(-1)?.sent ?? 0
  const out = new Int16Array(Math.ceil(end / frame) * frame * PER_MS)
  const delays: Millis[] = []
  let pushed = 0
  for (let n = 0; n * frame < end; n++) {
    const now = phase + n * frame
    for (; pushed < order.length && arrival(passages, order[pushed] ?? 0) <= now; pushed++) {
      const index = order[pushed] ?? 0
      playout.push(packet(index, payload), 160, PCMU, arrival(passages, index))
    }
    const frameOut = out.subarray(n * frame * PER_MS, (n + 1) * frame * PER_MS)
    playout.pull(frameOut, now)
    const at = whereFrom(frameOut, clean, Math.floor(now * PER_MS))
    const from = passages[Math.floor(at / 160)]
    if (at >= 0 && from) delays.push(now - from.sent - (at % 160) / PER_MS)
  }
  return { playout, delays, out }
}

function arrival(passages: readonly Passage[], index: number): Millis {
  return passages[index]?.arrived ?? Number.POSITIVE_INFINITY
}

const HEADER = 12
const bytes = new Uint8Array(HEADER + 160)

function packet(index: number, payload: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer)
  view.setUint8(0, 0x80)
  view.setUint16(2, (index + 65_000) & 0xffff)
  view.setUint32(4, (index * 160 + 0xffff0000) >>> 0)
  view.setUint32(8, 0x1234)
  bytes.set(payload.subarray(index * 160, (index + 1) * 160), HEADER)
  return bytes
}

const COMPARED = 60

/** The last place in `clean`, at most 1.5 s before `now` (samples), that `frame` begins with, sample for sample; -1: none. */
function whereFrom(frame: Int16Array, clean: Int16Array, now: number): number {
  for (let at = Math.min(now, clean.length - COMPARED); at >= Math.max(0, now - 12_000); at--) {
    let same = 0
    while (same < COMPARED && clean[at + same] === frame[same]) same++
    if (same === COMPARED) return at
  }
  return -1
}
