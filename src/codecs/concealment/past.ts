/** What was heard last, and no more of it than there is room for. */
export class Past {
  /** All of it, oldest sample anywhere: for statistics that do not mind one seam. */
  readonly all: Float32Array
  readonly #mask: number
  #end = 0

  /** Room for `count` samples or a few more; silence to begin with. */
  constructor(count: number) {
    const size = 2 ** Math.ceil(Math.log2(count))
    this.all = new Float32Array(size)
    this.#mask = size - 1
  }

  /** Remembers the first `count` of `samples`. */
  add(samples: Int16Array, count: number): void {
    const [all, mask] = [this.all, this.#mask]
    let end = this.#end
    for (let at = 0; at < count; at++) {
      all[end] = samples[at] ?? 0
      end = (end + 1) & mask
    }
    this.#end = end
  }

  /** Remembers one sample. */
  push(sample: number): void {
    this.all[this.#end] = sample
    this.#end = (this.#end + 1) & this.#mask
  }

  /** The last `count` samples, to the beginning of `out`, oldest first. */
  last(count: number, out: Float32Array): void {
    const from = this.#end - count
    for (let at = 0; at < count; at++) out[at] = this.all[(from + at) & this.#mask] ?? 0
  }
}
