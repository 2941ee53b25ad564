import { seededRandom } from '../support/virtual/random.ts'

const RATE = 16_000

/** 0.6 s at 16 kHz that lead a codec everywhere: sines, a sweep, bursts of noise, full-scale squares, silence. */
export function signal(): Int16Array {
  return Int16Array.from([...sines(2400), ...sweep(2400), ...bursts(2400), ...squares(1600), ...new Array(800).fill(0)])
}

/** 4000 octets that no encoder sends: short patterns of the largest steps and of anything else, each for a while. */
export function hostile(): Uint8Array {
  const random = seededRandom(722)
  const largest = [0x04, 0x20, 0xa0, 0x84]
  const octet = () => largest[random.integer(5)] ?? random.integer(256)
  const patterns = Array.from({ length: 20 }, () => Array.from({ length: 1 + random.integer(12) }, octet))
  return Uint8Array.from(
    patterns.flatMap((pattern) => Array.from({ length: 200 }, (_, i) => pattern[i % pattern.length] ?? 0)),
  )
}

function sines(count: number): number[] {
  const parts = [
    { hertz: 310, peak: 9000 },
    { hertz: 1730, peak: 5000 },
    { hertz: 5150, peak: 2500 },
  ]
  const at = (time: number) =>
    parts.reduce((sum, { hertz, peak }) => sum + peak * Math.sin(2 * Math.PI * hertz * time), 0)
  return Array.from({ length: count }, (_, i) => Math.round(at(i / RATE)))
}

/** From 0 to 8 kHz. */
function sweep(count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.round(20_000 * Math.sin((Math.PI * i * i) / (2 * count))))
}

/** Every 150 samples louder or silent. */
function bursts(count: number): number[] {
  const random = seededRandom(16)
  const peak = (i: number) => (Math.floor(i / 150) % 2 ? 0 : 2 ** Math.floor(i / 150))
  return Array.from({ length: count }, (_, i) => Math.round(peak(i) * (2 * random.fraction() - 1)))
}

/** Of a shorter period every 200 samples. */
function squares(count: number): number[] {
  const half = (i: number) => 40 >> Math.floor(i / 200)
  return Array.from({ length: count }, (_, i) => (Math.floor(i / Math.max(1, half(i))) % 2 ? 32_767 : -32_768))
}
