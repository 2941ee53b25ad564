import { COLUMNS, type Digit, digitAt, ROWS } from './dtmf.ts'
import { GroupFilter } from './dtmfGroup.ts'
import { amplitudeOf } from './tones.ts'

/** Blocks in a second: a block is 10 ms. */
const BLOCKS_A_SECOND = 100

/** The weakest sine of a key that is heard, dBm0. */
const WEAKEST = -31
/** By how much a column may be louder than its row, 4 dB and a margin, or fainter, 8 dB and a margin (ITU-T Q.24, annex A). */
const LOUDER = ratioOf(5.5)
const FAINTER = ratioOf(9.5)
/** How much of a key's sound must be its two sines. */
const PURITY = 0.88
/**
 * How much there may be, as a part of a key's energy, of the two frequencies that stand as far below its row and above its
 * column as they stand apart: those that a voice has whose harmonics a key's two sines could be.
 */
const NEIGHBOURS = 0.015
/** How much of it goes on being the key: noise that joins it does not end it. */
const HELD_PURITY = 0.35
/** By how much a sine may be fainter than at first for the key to go on, as a part of its energy: 9 dB. */
const HELD_LEVEL = 0.125
/** The blocks without it that end a key. */
const GONE = 2

/**
 * Finds the keys of ITU-T Q.23 in sound, by Goertzel filters, block by block of 10 ms. A key begins when three blocks in a row are
 * full of it: two sines of the right frequency and level, steady in phase, and hardly anything else. So it is known 40 ms
 * after its first sample at the latest, and speech is not taken for it. It ends when it is missing from two blocks in a row.
 */
export class DtmfDetector {
  readonly #rows: GroupFilter
  readonly #columns: GroupFilter
  readonly #rate: number
  /** The last three blocks, and of them the newest. */
  readonly #samples: Float64Array
  readonly #block: Float64Array
  readonly #weakest: number
  #filled = 0
  /** The energy of the last three blocks, the newest first. */
  readonly #energy = new Float64Array(3)
  #digit: Digit | null = null
  #row = 0
  #column = 0
  #rowEnergy = 0
  #columnEnergy = 0
  #missing = 0
  #count = 0

  /** `rate`: samples a second, Hz, a multiple of 100 from 8000 on. */
  constructor(rate = 8000) {
    const length = rate / BLOCKS_A_SECOND
    if (!Number.isInteger(length) || rate < 8000) throw new RangeError(`No sample rate for keys: ${rate} Hz`)
    this.#rate = rate
    this.#samples = new Float64Array(3 * length)
    this.#block = this.#samples.subarray(2 * length)
    this.#rows = new GroupFilter(ROWS, rate, length)
    this.#columns = new GroupFilter(COLUMNS, rate, length)
    this.#weakest = energyOf(WEAKEST, length)
  }

  /** The key that is heard at this moment; null: none. */
  get digit(): Digit | null {
    return this.#digit
  }

  /** How many keys have begun since the start: of frames longer than 20 ms it tells one key from the same key twice. */
  get count(): number {
    return this.#count
  }

  /** Takes any number of samples, mono, and gives the key that is heard at their end; null: none. Allocates nothing. */
  take(pcm: Int16Array): Digit | null {
    const block = this.#block
    for (let at = 0; at < pcm.length; ) {
      const count = Math.min(block.length - this.#filled, pcm.length - at)
      for (let i = 0; i < count; i++) block[this.#filled + i] = pcm[at + i] ?? 0
      this.#filled += count
      at += count
      if (this.#filled === block.length) this.#takeBlock()
    }
    return this.#digit
  }

  #takeBlock(): void {
    this.#filled = 0
    this.#measure()
    // What is too faint for two sines needs no filter.
    if ((this.#energy[0] ?? 0) < 2 * this.#weakest) {
      this.#rows.skip()
      this.#columns.skip()
    } else {
      this.#rows.take(this.#block)
      this.#columns.take(this.#block)
    }
    if (this.#digit !== null) this.#goOn()
    this.#begin()
    this.#samples.copyWithin(0, this.#block.length)
  }

  #measure(): void {
    const block = this.#block
    let sum = 0
    for (let i = 0; i < block.length; i++) {
      const sample = block[i] ?? 0
      sum += sample * sample
    }
    this.#energy.copyWithin(1, 0, 2)
    this.#energy[0] = sum
  }

  /** Ends the key that is heard once it is missing. */
  #goOn(): void {
    const row = this.#rows.newest(this.#row)
    const column = this.#columns.newest(this.#column)
    const isThere =
      row > HELD_LEVEL * this.#rowEnergy &&
      column > HELD_LEVEL * this.#columnEnergy &&
      row + column > HELD_PURITY * (this.#energy[0] ?? 0)
    this.#missing = isThere ? 0 : this.#missing + 1
    if (this.#missing >= GONE) this.#digit = null
  }

  /** Begins the key that the last three blocks are full of. */
  #begin(): void {
    if (!this.#isLoud()) return
    const row = this.#rows.loudest()
    const column = this.#columns.loudest()
    if (this.#digit !== null && row === this.#row && column === this.#column) return
    if (!this.#rows.isSteady(row) || !this.#columns.isSteady(column)) return
    const rowEnergy = this.#rows.energy(row)
    const columnEnergy = this.#columns.energy(column)
    if (!this.#isKey(rowEnergy, columnEnergy)) return
    if (this.#isVoice(this.#rows.frequency(row), this.#columns.frequency(column), rowEnergy + columnEnergy)) return
    this.#digit = digitAt(row, column)
    this.#row = row
    this.#column = column
    this.#rowEnergy = rowEnergy
    this.#columnEnergy = columnEnergy
    this.#missing = 0
    this.#count++
  }

  #isLoud(): boolean {
    const energy = this.#energy
    return Math.min(energy[0] ?? 0, energy[1] ?? 0, energy[2] ?? 0) >= 2 * this.#weakest
  }

  /** Whether two sines, of so much energy in a block, are balanced as a key's are, and nearly all that is heard. */
  #isKey(row: number, column: number): boolean {
    const energy = this.#energy
    const whole = (energy[0] ?? 0) + (energy[1] ?? 0) + (energy[2] ?? 0)
    return (
      Math.min(row, column) >= this.#weakest &&
      column <= LOUDER * row &&
      row <= FAINTER * column &&
      3 * (row + column) >= PURITY * whole
    )
  }

  /** Whether two sines, Hz, of so much energy in a block together, have neighbours in a series of harmonics. */
  #isVoice(row: number, column: number, energy: number): boolean {
    const apart = column - row
    return this.#energyAt(row - apart) + this.#energyAt(column + apart) > NEIGHBOURS * 3 * energy
  }

  /** The energy at a frequency, Hz, in all three blocks. */
  #energyAt(hz: number): number {
    const samples = this.#samples
    const twice = 2 * Math.cos((2 * Math.PI * hz) / this.#rate)
    let before = 0
    let now = 0
    for (let i = 0; i < samples.length; i++) {
      const next = (samples[i] ?? 0) + twice * now - before
      before = now
      now = next
    }
    return (2 * (now * now + before * before - twice * now * before)) / samples.length
  }
}

/** The energy that a sine of `level` dBm0 has in a block. */
function energyOf(level: number, length: number): number {
  return (amplitudeOf(level) ** 2 * length) / 2
}

function ratioOf(decibels: number): number {
  return 10 ** (decibels / 10)
}
