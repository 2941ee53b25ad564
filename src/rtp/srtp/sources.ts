import { ReplayWindow } from './replayWindow.ts'

/** SSRCs whose packets are known at a time; a call has one or two, and a new one with some re-offers. */
export const MAX_SOURCES = 32

/** The packets of each SSRC that were taken. Who holds the keys can invent SSRCs; the one unheard for longest is forgotten. */
export class Sources {
  readonly #windows = new Map<number, ReplayWindow>()
  #ssrc = -1
  #window: ReplayWindow | undefined

  /** What was taken of `ssrc`; nothing is kept of one that is new until it is `keep`t. */
  find(ssrc: number): ReplayWindow {
    if (ssrc === this.#ssrc && this.#window) return this.#window
    return this.#windows.get(ssrc) ?? new ReplayWindow()
  }

  /** Keeps what `find` gave, of which a packet has proved to be genuine. */
  keep(ssrc: number, window: ReplayWindow): void {
    if (window === this.#window) return
    this.#windows.delete(ssrc)
    this.#windows.set(ssrc, window)
    this.#ssrc = ssrc
    this.#window = window
    const [oldest] = this.#windows.keys()
    if (this.#windows.size > MAX_SOURCES && oldest !== undefined) this.#windows.delete(oldest)
  }
}

/**
 * The roll-over counter of a packet whose sequence number is `sequence`, where `newest` is the index of the newest one known
 * or -1 (RFC 3711 §3.3.1): whichever puts it closest. -1 for a packet from before the first.
 */
export function rolloverOf(sequence: number, newest: number): number {
  if (newest < 0) return 0
  const last = newest % 0x10000
  const roc = Math.floor(newest / 0x10000)
  if (last < 0x8000) return sequence - last > 0x8000 ? roc - 1 : roc
  return last - 0x8000 > sequence ? roc + 1 : roc
}
