/** Follows a stream of WebSocket frames (RFC 6455 §5.2) just far enough to know where they end. */
export class WebSocketFrames {
  /** Octets of a frame's head that have come. */
  readonly #head = new Uint8Array(14)
  #headLength = 0
  /** Octets of the frame's payload that are yet to come. */
  #left = 0
  #final = true
  #inMessage = false
  #finished = 0

  /** Messages that have ended, and control frames outside of any. */
  get finished(): number {
    return this.#finished
  }

  /** Whether a frame, or a message of several, has begun and not ended. */
  get unfinished(): boolean {
    return this.#headLength > 0 || this.#left > 0 || this.#inMessage
  }

  /** Takes the next octets of the stream. */
  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.length - at)
        this.#left -= taken
        at += taken
      } else {
        this.#head[this.#headLength++] = chunk[at++] ?? 0
        if (this.#headLength < this.#wanted()) continue
        this.#begin()
      }
      if (this.#left === 0 && this.#headLength === 0) this.#end()
    }
  }

  // Two octets, then the longer forms of the length, then the mask.
  #wanted(): number {
    const [, second = 0] = this.#head
    const extended = (second & 0x7f) === 126 ? 2 : (second & 0x7f) === 127 ? 8 : 0
    return this.#headLength < 2 ? 2 : 2 + extended + (second & 0x80 ? 4 : 0)
  }

  #begin(): void {
    const [first = 0, second = 0] = this.#head
    const view = new DataView(this.#head.buffer)
    const short = second & 0x7f
    this.#left = short === 126 ? view.getUint16(2) : short === 127 ? Number(view.getBigUint64(2)) : short
    this.#headLength = 0
    // §5.4: control frames come between the fragments of a message, and end none.
    this.#final = (first & 0x08) !== 0 ? !this.#inMessage : (first & 0x80) !== 0
  }

  #end(): void {
    if (this.#final) this.#finished++
    this.#inMessage = !this.#final
  }
}
