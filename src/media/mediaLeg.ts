import type { Digit } from '../codecs/dtmf.ts'
import type { Millis } from '../platform/clock.ts'
import type { RtpLeg } from '../rtp/rtpLeg.ts'
import type { CallId, LinkId, RemoteMedia } from './engine.ts'
import { KeyEar } from './keyEar.ts'
import { Keypad } from './keypad.ts'
import type { Link } from './link.ts'
import { Playback } from './playback.ts'
import type { SoundSource } from './sound.ts'
import type { Ticker } from './ticker.ts'

/** A leg, and all that a media thread does for it beside linking it: playing to it, and keys both ways. */
export class MediaLeg {
  readonly rtp: RtpLeg
  readonly call: CallId
  readonly keypad: Keypad
  link: { readonly id: LinkId; readonly link: Link } | null = null
  readonly #ticker: Ticker
  readonly #ear: KeyEar
  #playback: Playback | null = null

  /** `onKey` is told of each key that the peer has pressed, when it lets it go. */
  constructor(rtp: RtpLeg, call: CallId, ticker: Ticker, onKey: (digit: Digit, duration: Millis) => void) {
    this.rtp = rtp
    this.call = call
    this.#ticker = ticker
    this.keypad = new Keypad(rtp, ticker)
    this.#ear = new KeyEar(ticker, {
      started: (digit) => this.link?.link.press(rtp, digit),
      ended: (digit, duration) => {
        this.link?.link.release(rtp, duration)
        onKey(digit, duration)
      },
    })
    rtp.keys = this.#ear
  }

  update(remote: RemoteMedia): void {
    this.rtp.update(remote)
    this.#playback?.refresh()
    this.keypad.refresh()
    this.link?.link.refresh()
  }

  /**
   * Plays `source` (at PLAYBACK_RATE) in the place of what was played before; `over` is called when it is over.
   * Gives how to stop it.
   */
  play(source: SoundSource, over: () => void): () => void {
    this.#playback?.stop()
    const playback = new Playback(this.rtp, source, this.#ticker, over)
    this.#playback = playback
    return () => playback.stop()
  }

  close(): void {
    this.#playback?.stop()
    this.#ear.close()
    this.keypad.close()
    this.rtp.close()
  }
}
