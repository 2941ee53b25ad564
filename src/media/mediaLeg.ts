import type { Digit } from '../codecs/tones/dtmf.ts'
import type { Millis } from '../platform/clock.ts'
import type { RtpLeg } from '../rtp/rtpLeg.ts'
import type { CallId, LegId, LegStats, LinkId, RemoteMedia, RoomId } from './engine.ts'
import { KeyEar } from './keys/keyEar.ts'
import { Keypad } from './keys/keypad.ts'
import type { OpenedLeg } from './legOpener.ts'
import type { Joint } from './link/link.ts'
import type { Room } from './room/room.ts'
import { Floor } from './sound/floor.ts'
import { Playback } from './sound/playback.ts'
import type { SoundSource } from './sound/sound.ts'
import type { Ticker } from './ticker.ts'

/** A leg, and all that a media thread does for it beside linking it: playing to it, and keys both ways. */
export class MediaLeg {
  readonly id: LegId
  readonly rtp: RtpLeg
  readonly call: CallId
  readonly keypad: Keypad
  link: { readonly id: LinkId; readonly link: Joint } | null = null
  room: { readonly id: RoomId; readonly room: Room } | null = null
  readonly #opened: OpenedLeg
  readonly #ticker: Ticker
  readonly #floor: Floor
  readonly #ear: KeyEar
  readonly #whenClosed: (() => void)[] = []
  #playback: Playback | null = null

  /** `onKey` is told of each key that the peer has pressed, when it lets it go. */
  constructor(
    id: LegId,
    opened: OpenedLeg,
    call: CallId,
    ticker: Ticker,
    onKey: (digit: Digit, duration: Millis) => void,
  ) {
    const { rtp } = opened
    this.id = id
    this.rtp = rtp
    this.#opened = opened
    this.call = call
    this.#ticker = ticker
    this.#floor = new Floor(rtp)
    this.keypad = new Keypad(this.#floor, ticker)
    this.#ear = new KeyEar(ticker, {
      started: (digit) => this.link?.link.press(rtp, digit),
      ended: (digit, duration) => {
        this.link?.link.release(rtp, duration)
        onKey(digit, duration)
      },
    })
    rtp.keys = this.#ear
  }

  get transport(): LegStats['transport'] {
    if (this.#opened.secure !== null) return 'webrtc'
    return this.#opened.srtp === null ? 'rtp' : 'srtp'
  }

  update(remote: RemoteMedia): void {
    const { secure, srtp } = this.#opened
    // The first packet leaves at the update.
    if (remote.srtp) srtp?.agree(remote.srtp)
    this.rtp.update(remote)
    if (remote.secure) secure?.agree(remote.secure)
    this.#playback?.refresh()
    this.keypad.refresh()
    this.link?.link.refresh()
    this.room?.room.refresh(this.id)
  }

  /**
   * Plays `source` (at PLAYBACK_RATE) in the place of what was played before; `over` is called when it is over.
   * Gives how to stop it.
   */
  play(source: SoundSource, over: () => void): () => void {
    this.#playback?.stop()
    const playback = new Playback(this.#floor, source, this.#ticker, over)
    this.#playback = playback
    return () => playback.stop()
  }

  /** Runs `run` when the leg is closed. */
  whenClosed(run: () => void): void {
    this.#whenClosed.push(run)
  }

  close(): void {
    for (const run of this.#whenClosed) run()
    this.#playback?.stop()
    this.#ear.close()
    this.keypad.close()
    this.rtp.close()
  }
}
