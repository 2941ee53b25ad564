/** Mono samples between what decodes and what plays, with some of those that were played already before them. */
export class SampleQueue {
  /** All there is; what waits lies from `from` to `end`. */
  readonly samples: Int16Array
  from: number
  end: number
  /** Samples before `from` that are kept. */
  readonly #past: number
  /** Samples before `end` that what is appended next fades into, and how many there were at first. */
  #overlap = 0
  #overlapped = 1

  /** Keeps the last `past` samples that were read, and has room for `room` more. */
  constructor(past: number, room: number) {
    this.#past = past
    this.samples = new Int16Array(past + room)
    this.from = past
    this.end = past
  }

  get length(): number {
    return this.end - this.from
  }

  /** Puts samples behind the others; what there is no room for is left out. */
  append(sound: Int16Array): void {
    this.makeRoom(sound.length)
    const overlap = Math.min(this.#overlap, sound.length)
    const at = this.end - this.#overlap
    for (let i = 0; i < overlap; i++) {
      const part = 1 - (this.#overlap - i) / this.#overlapped
      this.samples[at + i] = Math.round((this.samples[at + i] ?? 0) * (1 - part) + (sound[i] ?? 0) * part)
    }
    this.#overlap -= overlap
    const rest = Math.min(sound.length - overlap, this.samples.length - this.end)
    if (rest === sound.length) this.samples.set(sound, this.end)
    else for (let i = 0; i < rest; i++) this.samples[this.end + i] = sound[overlap + i] ?? 0
    this.end += rest
  }

  /** Puts `count` samples of silence behind the others. */
  appendSilence(count: number): void {
    this.makeRoom(count)
    const end = Math.min(this.samples.length, this.end + count)
    this.samples.fill(0, this.end, end)
    this.end = end
    this.#overlap = 0
  }

  /** The last `count` samples will fade into what is appended next, which begins where they begin. */
  overlapLast(count: number): void {
    this.#overlap = Math.min(count, this.length)
    this.#overlapped = this.#overlap + 1
  }

  /** The last `count` samples fade out. */
  fadeOutLast(count: number): void {
    const length = Math.min(count, this.length)
    for (let i = 1; i <= length; i++) {
      const at = this.end - i
      this.samples[at] = Math.round(((this.samples[at] ?? 0) * (i - 1)) / length)
    }
    this.#overlap = 0
  }

  /** Moves samples to `out` and gives how many; the rest of `out` is silence. */
  read(out: Int16Array): number {
    const count = Math.min(out.length, this.length)
    const { samples, from } = this
    for (let i = 0; i < count; i++) out[i] = samples[from + i] ?? 0
    if (count < out.length) out.fill(0, count)
    this.from += count
    this.#overlap = Math.min(this.#overlap, this.length)
    return count
  }

  /** Moves what there is, so that `count` samples fit behind it if they fit at all. */
  makeRoom(count: number): void {
    if (this.end + count <= this.samples.length) return
    const past = this.from - this.#past
    this.samples.copyWithin(0, past, this.end)
    this.from -= past
    this.end -= past
  }
}
