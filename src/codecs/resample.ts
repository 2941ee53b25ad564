/**
 * Sample rates of mono L16, changed by a polyphase FIR filter.
 *
 * By up/down, in lowest terms, the input would be stuffed with `up - 1` zeros a sample, filtered, and every `down`-th
 * sample kept. Of the filter only the taps that meet an input sample are ever worked out: `up` phases of it, one an output.
 * It is a windowed sinc (Oppenheim & Schafer, Discrete-Time Signal Processing, §7.5.3 for the window of Kaiser), measured
 * in samples of the lower of both rates: flat to 0.875 of that rate's Nyquist frequency, 3.5 kHz at 8 kHz and 7 kHz at
 * 16 kHz, and 62 dB down from 1.15 of it.
 */

/** The rates of the codecs we know, Hz. */
const RATES: readonly number[] = [8000, 16_000, 24_000, 48_000]

/** The filter's length, in samples of the lower rate; with BETA it gives the width of the slope and how deep it falls. */
const SPAN = 28
/** The window's shape: 0.1102 (A - 8.7) for A = 63 dB. */
const BETA = 5.98
/** The middle of the slope, from 0.875 to 1.15, as a part of the lower rate's Nyquist frequency. */
const CUTOFF = 1.0125

/** Input samples that are filtered at once, and so what a resampler keeps in memory beside its filter's length. */
const BLOCK = 480
/** Outputs that are worked out at once. */
const AT_ONCE = 4

/** Changes the sample rate of one stream. Of equal rates it copies. */
export class Resampler {
  /** How much later than at the input a sound is at the output, ms: half the filter. */
  readonly delay: number
  readonly #filter: Filter
  /** The last input samples, as many as the filter reaches back, and after them the block in work. */
  readonly #line: Float64Array
  /** When the next output is due: from the next input sample on, in `up`-ths of one. */
  #next = 0

  /** From and to a rate in Hz: 8000, 16000, 24000 or 48000. Throws RangeError for another. */
  constructor(from: number, to: number) {
    for (const rate of [from, to]) if (!RATES.includes(rate)) throw new RangeError(`No sample rate of ours: ${rate} Hz`)
    this.#filter = filterFor(from, to)
    const { length, down } = this.#filter
    // The outputs at once that are not due yet are worked out too, from whatever stands behind the block.
    this.#line = new Float64Array(length - 1 + BLOCK + (AT_ONCE - 1) * down)
    this.delay = from === to ? 0 : (1000 * length) / 2 / from
  }

  /**
   * Takes any number of samples and writes to `output`, other memory than the input's, those that are due: of n since the
   * stream began ⌈n · to / from⌉ in all, however it was cut. Gives how many it wrote; throws RangeError, with nothing
   * taken, if `output` has no room for them. Allocates nothing.
   */
  resample(input: Int16Array, output: Int16Array): number {
    const count = this.#due(input.length)
    if (count > output.length) throw new RangeError(`${count} samples do not fit into ${output.length}`)
    if (this.delay === 0) output.set(input)
    else this.#filterAll(input, output)
    return count
  }

  /** How many outputs `length` more input samples give. */
  #due(length: number): number {
    const { up, down } = this.#filter
    return Math.max(0, Math.ceil((length * up - this.#next) / down))
  }

  #filterAll(input: Int16Array, output: Int16Array): void {
    const line = this.#line
    const history = this.#filter.length - 1
    let written = 0
    for (let at = 0; at < input.length; at += BLOCK) {
      const length = Math.min(BLOCK, input.length - at)
      for (let i = 0; i < length; i++) line[history + i] = input[at + i] ?? 0
      written = this.#filterBlock(length, output, written)
      line.copyWithin(0, length, length + history)
    }
  }

  /** Writes the outputs of the `length` samples in the line to `output`, from `written` on; gives where they end. */
  #filterBlock(length: number, output: Int16Array, written: number): number {
    const { up, down, length: reach } = this.#filter
    const end = written + this.#due(length)
    // Every `up`-th output has the same phase, and so the same taps.
    for (let nth = 0; nth < up; nth++) {
      const due = this.#next + nth * down
      const tapsAt = (due % up) * reach
      let lineAt = Math.floor(due / up)
      for (let to = written + nth; to < end; to += AT_ONCE * up) {
        this.#filterFour(tapsAt, lineAt, output, to, end)
        lineAt += AT_ONCE * down
      }
    }
    this.#next += (end - written) * down - length * up
    return end
  }

  /** Four outputs of one phase: they share the load of its taps, and none of their sums waits for another. */
  #filterFour(tapsAt: number, lineAt: number, output: Int16Array, to: number, end: number): void {
    const { up, down, length, taps } = this.#filter
    const line = this.#line
    const at1 = lineAt + down
    const at2 = at1 + down
    const at3 = at2 + down
    let sum0 = 0
    let sum1 = 0
    let sum2 = 0
    let sum3 = 0
    for (let i = 0; i < length; i += 2) {
      const a = taps[tapsAt + i] ?? 0
      const b = taps[tapsAt + i + 1] ?? 0
      sum0 += a * (line[lineAt + i] ?? 0) + b * (line[lineAt + i + 1] ?? 0)
      sum1 += a * (line[at1 + i] ?? 0) + b * (line[at1 + i + 1] ?? 0)
      sum2 += a * (line[at2 + i] ?? 0) + b * (line[at2 + i + 1] ?? 0)
      sum3 += a * (line[at3 + i] ?? 0) + b * (line[at3 + i + 1] ?? 0)
    }
    output[to] = toInt16(sum0)
    if (to + up < end) output[to + up] = toInt16(sum1)
    if (to + 2 * up < end) output[to + 2 * up] = toInt16(sum2)
    if (to + 3 * up < end) output[to + 3 * up] = toInt16(sum3)
  }
}

function toInt16(value: number): number {
  if (value >= 32_767) return 32_767
  if (value <= -32_768) return -32_768
  return Math.round(value)
}

interface Filter {
  readonly up: number
  readonly down: number
  /** Input samples that an output is made of: an even number. */
  readonly length: number
  /** Phase after phase, `length` taps each; the first meets the oldest sample. */
  readonly taps: Float64Array
}

/** The filters by `up/down`: streams of one ratio share theirs. */
const filters = new Map<string, Filter>()

function filterFor(from: number, to: number): Filter {
  const divisor = greatestCommonDivisor(from, to)
  const [up, down] = [to / divisor, from / divisor]
  const known = filters.get(`${up}/${down}`)
  if (known) return known
  const filter = design(up, down)
  filters.set(`${up}/${down}`, filter)
  return filter
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}

function design(up: number, down: number): Filter {
  const length = SPAN * Math.max(1, down / up)
  const taps = new Float64Array(up * length)
  // Cycles a sample of the stuffed input, whose rate is max(up, down) times the lower one.
  const cutoff = CUTOFF / 2 / Math.max(up, down)
  const middle = (up * length) / 2
  for (let phase = 0; phase < up; phase++) {
    for (let i = 0; i < length; i++) {
      const t = phase + (length - 1 - i) * up - middle
      // Times `up` for the energy that the zeros between the samples lack.
      taps[phase * length + i] = up * 2 * cutoff * sinc(2 * cutoff * t) * kaiser(t / middle)
    }
  }
  return { up, down, length, taps }
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
}

/** The window at `x`, 0 in its middle and nothing from ±1 on, which keeps the taps symmetric. */
function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : besselI0(BETA * Math.sqrt(1 - x * x)) / besselI0(BETA)
}

/** The modified Bessel function of the first kind and order 0, by its series. */
function besselI0(x: number): number {
  let sum = 1
  let term = 1
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}
