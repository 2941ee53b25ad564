import { clamp } from '../clamp.ts'
import { Predictor } from './g722Predictor.ts'

// Tables as G.722 names them; what stands at index 0 there and is never used is left out.

/** Decision levels of the lower band's quantiser, for either sign. */
const Q6 = [
  35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219, 1339, 1458,
  1612, 1765, 1980, 2195, 2557, 2919,
] as const
/** What the intervals between them stand for. */
const QQ6 = [
  17, 54, 91, 130, 170, 211, 254, 300, 347, 396, 447, 501, 558, 618, 682, 750, 822, 899, 982, 1072, 1170, 1279, 1399,
  1535, 1689, 1873, 2088, 2376, 2738, 3101,
] as const
/** The same with the 4 upper bits alone, from which both sides adapt, and the step of the scale that each makes. */
const QQ4 = [0, 150, 323, 530, 786, 1121, 1612, 2557] as const
const WL = [-60, -30, 58, 172, 334, 538, 1198, 3042] as const
/** The higher band: one decision level, two values, two steps. */
const Q2 = 564
const QQ2 = [202, 926] as const
const WH = [-214, 798] as const
/** 2^(i/32), 11 bits after the point. */
const ILB = [
  2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025,
  3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
] as const

/** `fraction`, in units of 2^-12 of the quantiser's scale. */
function scaled(fraction: number, scale: number): number {
  return (fraction * scale) >> 12
}

/** LIMIT: what a band may hold has 15 bits. */
function limit(value: number): number {
  return clamp(value, -16384, 16383)
}

/** The size of `difference` for the quantiser, in which the negative ones begin at -1 (WD of QUANTL and QUANTH). */
function size(difference: number): number {
  return difference < 0 ? ~difference : difference
}

/** The scale of a quantiser, DETL or DETH, adapted by its logarithm, NBL or NBH (LOGSCL and SCALEL, LOGSCH and SCALEH). */
class Scale {
  value: number
  #log = 0
  readonly #maximum: number
  readonly #origin: number

  /** `maximum`: of the logarithm, in 2048ths of an octave; `origin`: the octave whose scale begins at 4 × 2048. */
  constructor(maximum: number, origin: number) {
    this.#maximum = maximum
    this.#origin = origin
    this.value = this.#linear()
  }

  adapt(step: number): void {
    this.#log = clamp(((this.#log * 127) >> 7) + step, 0, this.#maximum)
    this.value = this.#linear()
  }

  #linear(): number {
    const mantissa = ILB[(this.#log >> 6) & 31] ?? 0
    // One octave more than the right shift can give, so that it never has to turn left.
    return ((2 * mantissa) >> (this.#origin + 1 - (this.#log >> 11))) * 4
  }
}

/** The lower band of one stream, 0 to 4 kHz: 6 bits a value. */
export class LowerBand {
  readonly #predictor = new Predictor()
  readonly #scale = new Scale(18432, 8)

  /** QUANTL: the code of the next value, from which the band then adapts as the decoder's will. */
  encode(value: number): number {
    const code = this.code(value)
    this.#adapt(code)
    return code
  }

  /** The same code, from which nothing adapts. */
  code(value: number): number {
    const difference = value - this.#predictor.expected
    const interval = this.#interval(size(difference))
    return difference < 0 ? (interval < 2 ? 63 : 33) - interval : 61 - interval
  }

  /** INVQBL and LIMIT: the next value from its code. */
  decode(code: number): number {
    const value = limit(this.#predictor.expected + scaled(LOWER_VALUES[code] ?? 0, this.#scale.value))
    this.#adapt(code)
    return value
  }

  /** In which interval between the decision levels `size` lies: 0 to 29, found by halving. */
  #interval(size: number): number {
    let from = 0
    let to: number = Q6.length
    while (from < to) {
      const middle = (from + to) >> 1
      if (size < scaled(Q6[middle] ?? 0, this.#scale.value)) to = middle
      else from = middle + 1
    }
    return from
  }

  /** INVQAL and LOGSCL leave out the 2 lower bits, which a network may use for its own data. */
  #adapt(code: number): void {
    const core = code >> 2
    this.#predictor.update(scaled(LOWER_CORE_VALUES[core] ?? 0, this.#scale.value))
    this.#scale.adapt(LOWER_STEPS[core] ?? 0)
  }
}

/** The higher band of one stream, 4 to 8 kHz: 2 bits a value. */
export class HigherBand {
  readonly #predictor = new Predictor()
  readonly #scale = new Scale(22528, 10)

  /** QUANTH: the code of the next value, from which the band then adapts as the decoder's will. */
  encode(value: number): number {
    const code = this.code(value)
    this.#adapt(code, this.#difference(code))
    return code
  }

  /** The same code, from which nothing adapts. */
  code(value: number): number {
    const difference = value - this.#predictor.expected
    const small = size(difference) < scaled(Q2, this.#scale.value) ? 1 : 0
    return difference < 0 ? small : 2 + small
  }

  /** INVQAH and LIMIT: the next value from its code. */
  decode(code: number): number {
    const difference = this.#difference(code)
    const value = limit(this.#predictor.expected + difference)
    this.#adapt(code, difference)
    return value
  }

  #difference(code: number): number {
    return scaled(HIGHER_VALUES[code] ?? 0, this.#scale.value)
  }

  #adapt(code: number, difference: number): void {
    this.#predictor.update(difference)
    this.#scale.adapt(HIGHER_STEPS[code] ?? 0)
  }
}

// What each code means. Negative codes come first and the largest sizes lead. The lower band has the two smallest negative
// intervals at the end instead, and never sends the first four codes, so that an octet's six lower bits are never all 0.
const negative = (sizes: readonly number[]) => sizes.toReversed().map((value) => -value)
const LOWER_VALUES = [
  ...[-17, -17, -17, -17],
  ...negative(QQ6.slice(2)),
  ...QQ6.toReversed(),
  ...negative(QQ6.slice(0, 2)),
]
const LOWER_CORE_VALUES = [0, ...negative(QQ4.slice(1)), ...QQ4.toReversed()]
const LOWER_STEPS = [WL[0], ...WL.slice(1).toReversed(), ...WL.toReversed()]
const HIGHER_VALUES = [...negative(QQ2), ...QQ2.toReversed()]
const HIGHER_STEPS = [...WH.toReversed(), ...WH.toReversed()]
