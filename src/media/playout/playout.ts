import { TimeStretch } from '../../codecs/timeStretch.ts'
import type { Millis } from '../../platform/clock.ts'
import { DelayEstimate } from '../../rtp/delay/delayEstimate.ts'
import { JitterBuffer } from '../../rtp/delay/jitterBuffer.ts'
import { MediaTimeline } from '../../rtp/delay/mediaTimeline.ts'
import { payloadOffset, sequenceNumber, ssrc, timestamp } from '../../rtp/packet.ts'
import { PlayoutControl } from './playoutControl.ts'
import { SampleQueue } from './sampleQueue.ts'
import { LONGEST_PACKET, type Voice } from './voice.ts'
import { type DecoderOf, type PlayoutFormat, Voices } from './voices.ts'

/** As much sound is kept at most, ms: of more, the oldest is dropped. */
const MOST_KEPT: Millis = 1000
/** After so much was concealed in a row nothing is left to conceal, ms. */
const LONGEST_CONCEALED: Millis = 200
/** How long two sounds that don't belong together fade into each other, ms, and the last one into silence. */
const JOIN: Millis = 5
const FADE: Millis = 10
/** What packets may be apart, against what their length says, and still follow on each other, ms. */
const TOLERANCE: Millis = 1
/** How much alike two periods must be: to spare delay, and when there is far too much of it. */
const ALIKE = 0.85
const HARDLY_ALIKE = 0.5
const FAR_TOO_MUCH: Millis = 60
/** What is decoded ahead, beyond the frame, to be made shorter, ms. */
const AHEAD: Millis = 15
/** Of a stream that another has followed so much is still heard, ms: the new one waits for as long. */
const MOST_LEFT: Millis = 180

/**
 * The receiving end of one leg: packets come as the network gives them, sound goes out frame by frame, as late as it must and
 * no later. What is missing is concealed, what is early or late is made up for by taking out or putting in a pitch
 * period where nobody hears it, and no change of stream, format or clock is heard as a click.
 */
export class Playout {
  /** What has come of the packets; `concealed`, `removed` and `inserted` are ms of sound; `delay` and `target` ms now. */
  readonly stats = {
    received: 0,
    /** Came when what they hold was over. */
    late: 0,
    duplicate: 0,
    /** Of another stream than ours that was never confirmed. */
    stray: 0,
    /** Never played though others after them were: lost on the way, or late. */
    lost: 0,
    /** Too many to be kept. */
    dropped: 0,
    concealed: 0,
    removed: 0,
    inserted: 0,
    /** How much later sound is played than the quickest packet would have allowed. */
    delay: 0,
    target: 0,
  }

  readonly #perMs: number
  readonly #voices: Voices
  readonly #timeline = new MediaTimeline()
  #buffer = new JitterBuffer<Voice | null>()
  /** What waited of the stream before, when this one began, and is heard first: its packets, and how much at most, samples. */
  #former = new JitterBuffer<Voice | null>()
  #left = 0
  readonly #estimate = new DelayEstimate()
  readonly #control = new PlayoutControl()
  readonly #stretch: TimeStretch
  readonly #queue: SampleQueue

  /** `silent`: until the packet at the front is due; `starting`: likewise, but what was heard last is concealed so long. */
  #state: 'silent' | 'starting' | 'playing' = 'silent'
  /** What is being heard; null: nothing. */
  #voice: Voice | null = null
  /** Where the sound that was taken last ends, and how long its packet was, ms. */
  #time: Millis = 0
  #length: Millis = 20
  /** What was concealed since a packet was decoded, and how much of that no packet answers for yet, ms. */
  #concealed: Millis = 0
  #owed: Millis = 0
  /** Whether what comes next does not follow on what was heard last. */
  #isCut = false

  /** `sampleRate`: of what `pull` gives, 8000, 16000 or 48000 Hz. `decoderOf` is asked once for a format. */
  constructor(sampleRate: number, decoderOf: DecoderOf) {
    this.#perMs = sampleRate / 1000
    this.#voices = new Voices(sampleRate, decoderOf)
    this.#stretch = new TimeStretch(sampleRate)
    this.#queue = new SampleQueue(this.#stretch.longest, (3 * LONGEST_PACKET + 60) * this.#perMs)
    this.stats.target = this.#estimate.target
  }

  /** Takes a valid RTP packet with `octets` of payload that arrived at `now`; copies what it keeps. */
  push(packet: Uint8Array, octets: number, format: PlayoutFormat, now: Millis): void {
    const voice = this.#voices.of(format)
    const clockRate = voice === null ? 0 : format.clockRate
    const timeline = this.#timeline
    this.stats.received++
    const standing = timeline.take(ssrc(packet), sequenceNumber(packet), timestamp(packet), clockRate, now)
    if (standing === 'stray') {
      this.stats.stray++
      return
    }
    if (standing === 'restarted') this.#restart()
    const length = voice === null ? 0 : octets
    const came = this.#buffer.insert(timeline.sequence, timeline.time, voice, packet, payloadOffset(packet), length)
    if (came === 'duplicate') this.stats.duplicate++
    else if (voice !== null) this.#estimate.take(timeline.time, now)
    if (came === 'late') this.stats.late++
    this.#holdDown()
  }

  /**
   * Fills `out`, 10, 20 … 60 ms, with what is to be heard from `now` on; false: nothing, not even noise, and `out` is silence.
   */
  pull(out: Int16Array, now: Millis): boolean {
    const needed = out.length
    const frame = needed / this.#perMs
    if (this.#state === 'playing' && this.#queue.length < needed) this.#noteNeed(frame, now)
    while (this.#queue.length < needed && this.#fetch(needed - this.#queue.length, now));
    if (this.#state === 'playing') this.#adapt(needed)
    this.stats.target = this.#estimate.target
    return this.#queue.read(out) > 0
  }

  /**
   * Another stream begins. What waits of the one before is heard to its end, so that no gap is between them; it is decoded when
   * its time comes, for a packet that begins a stream must not take longer than others do.
   */
  #restart(): void {
    if (this.#state === 'playing') {
      const former = this.#buffer
      this.#buffer = this.#former
      this.#former = former
      this.#left = MOST_LEFT * this.#perMs - this.#queue.length
      this.#state = 'starting'
    }
    this.#buffer.clear()
    this.#estimate.restart()
    this.#control.reset()
    this.#endFormer()
  }

  /** Lets go of what is left of the stream before, if no more of it is to be heard. */
  #endFormer(): void {
    if (this.#state !== 'starting' || this.#left <= 0) this.#former.clear()
    // Until then it is the former stream's packets that follow on, or don't.
    if (this.#former.count === 0) this.#isCut = true
  }

  #holdDown(): void {
    while (this.#buffer.span > MOST_KEPT) {
      this.#buffer.drop()
      if (this.#former.count === 0) this.#isCut = true
      this.stats.dropped++
    }
  }

  /** How long the next packet had to come until this pull needs it. While its place is being concealed nobody knows. */
  #noteNeed(frame: Millis, now: Millis): void {
    if (this.#owed > 0 || this.#concealed > 0) return
    const early = now - this.#estimate.base - this.#time
    const rest = this.#queue.length / this.#perMs
    this.stats.delay = early + rest
    this.#control.note(early, rest, this.#length, frame)
  }

  /** Puts more sound into the queue, which lacks `missing` samples, or takes a step towards it; false: there is none. */
  #fetch(missing: number, now: Millis): boolean {
    if (this.#former.count > 0) return this.#playFormer()
    const buffer = this.#buffer
    // Events have their place in the order of packets, and are heard elsewhere.
    if (buffer.count > 0 && buffer.about === null && (this.#state !== 'playing' || buffer.sequence === buffer.next)) {
      buffer.drop()
      return true
    }
    if (this.#state !== 'playing') return this.#begin(missing, now)
    if (buffer.count === 0) return this.#bridge(missing)
    // Where packets were dropped, for there were too many, nothing is to be filled.
    if (!this.#isCut && buffer.sequence !== buffer.next) return this.#giveUp()
    if (!this.#isCut && this.#isPause) return this.#hush()
    this.#play()
    return true
  }

  #playFormer(): boolean {
    const before = this.#queue.length
    this.#play(this.#former)
    this.#left -= this.#queue.length - before
    this.#endFormer()
    return true
  }

  /** Waits until the packet at the front has waited for as long as the target says: the start of a talk spurt. */
  #begin(missing: number, now: Millis): boolean {
    const { count, time } = this.#buffer
    if (count === 0 || now - this.#estimate.base - time < this.#estimate.target) {
      if (this.#state === 'starting') return this.#bridge(missing)
      if (!this.#voice?.isNoise) return false
      this.#voice.conceal(this.#wholeMs(missing), this.#queue)
      return true
    }
    this.#state = 'playing'
    this.#control.reset()
    this.#play()
    return true
  }

  /** Nothing has come: conceals, for whatever is missing may only be late. */
  #bridge(missing: number): boolean {
    if (this.#voice === null || this.#concealed >= LONGEST_CONCEALED) return this.#hush()
    const ms = this.#wholeMs(missing)
    this.#conceal(ms)
    this.#owed += ms
    return true
  }

  /** The packet that is due has not come, but later ones have: it is lost, and concealed as far as that wasn't done. */
  #giveUp(): boolean {
    const buffer = this.#buffer
    const missing = buffer.sequence - buffer.next
    const each = Math.max(0, Math.min(this.#length, (buffer.time - this.#time) / missing))
    if (this.#concealed >= LONGEST_CONCEALED) return this.#hush()
    const bridged = Math.min(this.#owed, each)
    const rest = Math.round(each - bridged)
    this.#owed -= bridged
    this.#time += each
    buffer.next++
    this.stats.lost++
    if (rest > 0) this.#fill(rest, missing === 1 && bridged === 0)
    return true
  }

  /** Whether the sender was silent before the packet at the front (RFC 3551 §4.1): it begins a talk spurt. */
  get #isPause(): boolean {
    return this.#buffer.time - this.#time > this.#length - TOLERANCE
  }

  /** Lets what was heard last fade into silence. */
  #hush(): boolean {
    this.#state = 'silent'
    this.#control.reset()
    this.#owed = 0
    if (this.#voice === null) return false
    this.#voice.conceal(FADE, this.#queue)
    this.#queue.fadeOutLast(FADE * this.#perMs)
    this.#voice = null
    return true
  }

  /** Decodes the packet at the front. */
  #play(buffer = this.#buffer): void {
    const voice = buffer.about ?? null
    if (voice !== null) {
      if (voice !== this.#voice || this.#isCut) this.#join()
      const length = voice.decode(buffer.octets, buffer.length, this.#queue)
      this.#time = buffer.time + length
      if (length > 0) this.#length = length
      if (voice.isNoise) this.#state = 'silent'
      this.#voice = voice
      this.#owed = 0
      this.#concealed = 0
      this.#isCut = false
    }
    buffer.drop()
  }

  /** What comes next does not follow on: the sound before it goes on a little under it. */
  #join(): void {
    if (this.#voice === null) this.#queue.appendSilence(JOIN * this.#perMs)
    else this.#voice.conceal(JOIN, this.#queue)
    this.#queue.overlapLast(JOIN * this.#perMs)
  }

  #conceal(ms: Millis): void {
    this.#voice?.conceal(ms, this.#queue)
    this.#noteConcealed(ms)
  }

  #noteConcealed(ms: Millis): void {
    this.#concealed += ms
    this.#control.reset()
    this.stats.concealed += ms
  }

  /** Fills in for a packet that is lost; `isLast`: behind it comes the packet at the front, which may tell what was in it. */
  #fill(ms: Millis, isLast: boolean): void {
    const buffer = this.#buffer
    const voice = this.#voice
    if (!isLast || voice === null || buffer.about !== voice) return this.#conceal(ms)
    voice.concealBefore(buffer.octets, buffer.length, ms, this.#queue)
    this.#noteConcealed(ms)
  }

  #wholeMs(samples: number): Millis {
    return Math.ceil(samples / this.#perMs)
  }

  /** Makes the sound that waits longer or shorter, if the delay asks for it and the sound allows it. */
  #adapt(needed: number): void {
    const wish = this.#control.wish(this.#estimate.target)
    if (wish === 0 || this.#concealed > 0) return
    if (wish > 0) this.#lengthen(wish)
    else this.#shorten(-wish, needed)
  }

  #lengthen(lacking: Millis): void {
    const queue = this.#queue
    queue.makeRoom(this.#stretch.longest)
    const put = this.#stretch.lengthen(queue.samples, queue.from, queue.end, lacking * this.#perMs, ALIKE)
    queue.end += put
    this.stats.inserted += put / this.#perMs
    if (put > 0) this.#control.reset()
  }

  #shorten(spare: Millis, needed: number): void {
    this.#decodeAhead(needed + AHEAD * this.#perMs)
    const queue = this.#queue
    const most = Math.min(spare * this.#perMs, queue.length - needed)
    const alike = spare > FAR_TOO_MUCH ? HARDLY_ALIKE : ALIKE
    const taken = this.#stretch.shorten(queue.samples, queue.from, queue.end, most, alike)
    queue.end -= taken
    this.stats.removed += taken / this.#perMs
    // What does not repeat itself now may do so later: it is not tried at each frame unless it matters.
    if (taken > 0 || spare < FAR_TOO_MUCH) this.#control.reset()
  }

  /** Decodes packets that are here already and follow on, until the queue holds `samples`. */
  #decodeAhead(samples: number): void {
    const buffer = this.#buffer
    while (this.#state === 'playing' && this.#queue.length < samples && buffer.count > 0) {
      if (buffer.sequence !== buffer.next || this.#isPause) return
      this.#play()
    }
  }
}
