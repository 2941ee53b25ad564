/** How far a sine may be off its key's frequency: ITU-T Q.24 has 1.5 % accepted and 3.5 % refused. */
const TOLERANCE = 0.025
/** How much of its energy a sine keeps when it is put together from block to block at one frequency: 1 if it is steady. */
const COHERENCE = 0.75

/** The four sines of one group of keys: how much of each there is in the last three blocks, and how steadily. */
export class GroupFilter {
  readonly #frequencies: readonly number[]
  readonly #length: number
  /** The length of a block, s. */
  readonly #seconds: number
  /** Of each frequency, cosine and sine of its phase's advance in a sample, and in a block. */
  readonly #cosine: Float64Array
  readonly #sine: Float64Array
  readonly #blockCosine: Float64Array
  readonly #blockSine: Float64Array
  /** What Goertzel's filters gave, four a block, the newest block first. */
  readonly #real = new Float64Array(12)
  readonly #imaginary = new Float64Array(12)
  /** Their magnitudes, squared. */
  readonly #power = new Float64Array(12)
  /** What `isSteady` found: how far off the frequency was, Hz. */
  #offset = 0

  /** Of four `frequencies`, Hz, in blocks of `length` samples at `rate` Hz. */
  constructor(frequencies: readonly number[], rate: number, length: number) {
    this.#frequencies = frequencies
    this.#length = length
    this.#seconds = length / rate
    const angles = frequencies.map((hz) => (2 * Math.PI * hz) / rate)
    this.#cosine = Float64Array.from(angles, Math.cos)
    this.#sine = Float64Array.from(angles, Math.sin)
    this.#blockCosine = Float64Array.from(angles, (angle) => Math.cos(angle * length))
    this.#blockSine = Float64Array.from(angles, (angle) => Math.sin(angle * length))
  }

  /** Takes a block in which there is nothing. */
  skip(): void {
    this.#shift()
    this.#real.fill(0, 0, 4)
    this.#imaginary.fill(0, 0, 4)
    this.#power.fill(0, 0, 4)
  }

  /** Takes a block: four filters at once, none of which waits for another. */
  take(block: Float64Array): void {
    this.#shift()
    const twice0 = 2 * (this.#cosine[0] ?? 0)
    const twice1 = 2 * (this.#cosine[1] ?? 0)
    const twice2 = 2 * (this.#cosine[2] ?? 0)
    const twice3 = 2 * (this.#cosine[3] ?? 0)
    let a0 = 0
    let a1 = 0
    let b0 = 0
    let b1 = 0
    let c0 = 0
    let c1 = 0
    let d0 = 0
    let d1 = 0
    for (let i = 0; i < block.length; i++) {
      const sample = block[i] ?? 0
      const a = sample + twice0 * a0 - a1
      const b = sample + twice1 * b0 - b1
      const c = sample + twice2 * c0 - c1
      const d = sample + twice3 * d0 - d1
      a1 = a0
      b1 = b0
      c1 = c0
      d1 = d0
      a0 = a
      b0 = b
      c0 = c
      d0 = d
    }
    this.#set(0, a0, a1)
    this.#set(1, b0, b1)
    this.#set(2, c0, c1)
    this.#set(3, d0, d1)
  }

  /** The frequency, 0 to 3, of which there is most. */
  loudest(): number {
    const power = this.#power
    let best = 0
    let most = 0
    for (let i = 0; i < 4; i++) {
      const sum = (power[i] ?? 0) + (power[i + 4] ?? 0) + (power[i + 8] ?? 0)
      if (sum > most) {
        most = sum
        best = i
      }
    }
    return best
  }

  /** Whether a frequency was there in all three blocks, in one phase, and not too far off. */
  isSteady(at: number): boolean {
    const x0 = this.#real[at] ?? 0
    const y0 = this.#imaginary[at] ?? 0
    const x1 = this.#real[at + 4] ?? 0
    const y1 = this.#imaginary[at + 4] ?? 0
    const x2 = this.#real[at + 8] ?? 0
    const y2 = this.#imaginary[at + 8] ?? 0
    // How the phase advanced from block to block: each times the conjugate of the one before.
    const advanceX = x0 * x1 + y0 * y1 + x1 * x2 + y1 * y2
    const advanceY = y0 * x1 - x0 * y1 + y1 * x2 - x1 * y2
    const power = this.#power
    const whole = ((power[at] ?? 0) + (power[at + 8] ?? 0)) / 2 + (power[at + 4] ?? 0)
    const cosine = this.#blockCosine[at] ?? 0
    const sine = this.#blockSine[at] ?? 0
    const ahead = Math.atan2(advanceY * cosine - advanceX * sine, advanceX * cosine + advanceY * sine)
    this.#offset = ahead / (2 * Math.PI * this.#seconds)
    if (Math.abs(this.#offset) > TOLERANCE * (this.#frequencies[at] ?? 0)) return false
    return advanceX * advanceX + advanceY * advanceY > (COHERENCE * whole) ** 2
  }

  /** The frequency that `isSteady` found last, Hz. */
  frequency(at: number): number {
    return (this.#frequencies[at] ?? 0) + this.#offset
  }

  /**
   * The energy in a block of the sine that `isSteady` was asked for last: what the filter loses of one that is off its
   * frequency is put back.
   */
  energy(at: number): number {
    const x = Math.PI * this.#offset * this.#seconds
    const loss = Math.abs(x) < 1e-6 ? 1 : (Math.sin(x) / x) ** 2
    const sum = (this.#power[at] ?? 0) + (this.#power[at + 4] ?? 0) + (this.#power[at + 8] ?? 0)
    return (2 * sum) / 3 / this.#length / loss
  }

  /** The energy of a frequency in the newest block. */
  newest(at: number): number {
    return (2 * (this.#power[at] ?? 0)) / this.#length
  }

  #shift(): void {
    this.#real.copyWithin(4, 0, 8)
    this.#imaginary.copyWithin(4, 0, 8)
    this.#power.copyWithin(4, 0, 8)
  }

  #set(at: number, now: number, before: number): void {
    const real = now - (this.#cosine[at] ?? 0) * before
    const imaginary = (this.#sine[at] ?? 0) * before
    this.#real[at] = real
    this.#imaginary[at] = imaginary
    this.#power[at] = real * real + imaginary * imaginary
  }
}
