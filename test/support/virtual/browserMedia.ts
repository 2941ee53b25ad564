import type { Clock } from '../../../src/platform/clock.ts'
import type { Endpoint, UdpSocket } from '../../../src/platform/network.ts'
import { hexToken } from '../../../src/platform/random.ts'
import type { SessionDescription } from '../../../src/sdp/description.ts'
import { parseDescription } from '../../../src/sdp/parse.ts'
import type { SecureDescription } from '../../../src/sdp/secure.ts'
import { hostPriority, type IceParameters } from '../../../src/webrtc/ice/candidate.ts'
import { SecureTransport } from '../../../src/webrtc/secureTransport.ts'
import { type Heard, heardIn, type PhoneMedia, packetOf } from './audio.ts'
import { type BrowserSdp, writeBrowserSdp } from './browserSdp.ts'
import { type FakeHandshakes, fakeHandshakes, fingerprintOf } from './handshakes.ts'
import { seededRandom, seedOf } from './random.ts'

export interface BrowserOptions {
  readonly clock: Clock
  /** Of its certificate. */
  readonly name: string
  readonly codecs: readonly string[]
  /** Whether its page may tell its addresses, or hides them behind names (`.local`). */
  readonly tellsAddress: boolean
  readonly bind: (take: (bytes: Uint8Array, from: Endpoint) => void) => Promise<UdpSocket>
}

/** How a description differs from the usual. */
export interface BrowserSays
  extends Partial<Pick<BrowserSdp, 'codecs' | 'lines' | 'direction' | 'video' | 'fingerprint'>> {
  /** Takes out each line that this matches. */
  readonly without?: RegExp
}

/** An RTP header extension of one octet (RFC 8285 §4.2): the level of what is said. */
const AUDIO_LEVEL = Uint8Array.from([0xbe, 0xde, 0, 1, 0x10, 0x85, 0, 0])

/**
 * The media side of a virtual browser: it makes offers and answers as Chrome does, finds its way by ICE, shakes hands (not
 * by real DTLS), and speaks SRTP. Whose words come by it tells `heard`, as with plain phones.
 */
export class BrowserMedia implements PhoneMedia {
  readonly heard: Heard[] = []
  /** Why it has given up; empty: it has not. */
  readonly failures: string[] = []
  readonly handshakes: FakeHandshakes
  readonly #options: BrowserOptions
  readonly #random
  readonly #socket: UdpSocket
  #ice: IceParameters
  #transport: SecureTransport | null = null
  #isClient: boolean | null = null
  #version = 1
  /** The offer of ours that waits for its answer, or theirs that waits for ours; null: neither. */
  #pending: { readonly by: 'us' } | { readonly by: 'them'; readonly offer: SessionDescription } | null = null
  #last = ''
  #sequence = 100
  #timestamp = 5000
  /** Whether its packets carry header extensions, as those of browsers do where they were agreed to. */
  extends = false

  private constructor(options: BrowserOptions, socket: UdpSocket) {
    this.#options = options
    this.#socket = socket
    this.#random = seededRandom(seedOf(options.name))
    this.#ice = this.#newParameters()
    this.handshakes = fakeHandshakes(options.name, options.clock)
  }

  static async open(options: BrowserOptions): Promise<BrowserMedia> {
    const opened: { media: BrowserMedia | null } = { media: null }
    const socket = await options.bind((bytes, from) => opened.media?.receive(bytes, from))
    opened.media = new BrowserMedia(options, socket)
    return opened.media
  }

  /** Called by the socket. */
  receive(bytes: Uint8Array, from: Endpoint): void {
    this.#transport?.take(this.#socket, bytes, from)
  }

  get port(): number {
    return this.#socket.local.port
  }

  get timestamp(): number {
    return this.#timestamp
  }

  /** Where its packets go; null: nowhere yet. */
  get target(): Endpoint | null {
    return this.#transport?.target ?? null
  }

  /** Its next offer: an answer if an offer of theirs is waiting for one. */
  sdp(how: BrowserSays = {}): string {
    const pending = this.#pending
    if (pending?.by === 'them') return this.#answer(pending.offer, how)
    this.#open('controlling')
    this.#pending = { by: 'us' }
    return this.#write(how, 'actpass')
  }

  /** The call is over: the next one begins with nothing. */
  hangsUp(): void {
    this.#transport?.close()
    this.#transport = null
    this.#pending = null
    this.#isClient = null
    this.#last = ''
    this.#ice = this.#newParameters()
  }

  /** Its next offer restarts ICE. */
  restartsIce(): void {
    this.#ice = this.#newParameters()
  }

  /** Takes a description of the server's: an answer if an offer of ours is waiting for one. */
  hears(body: Uint8Array): void {
    const text = Buffer.from(body).toString('latin1')
    const description = parseDescription(body)
    // A 200 says again what a 183 has said.
    if (description.kind !== 'description' || (text === this.#last && this.#pending?.by !== 'us')) return
    this.#last = text
    if (this.#pending?.by !== 'us') {
      this.#pending = { by: 'them', offer: description }
      return
    }
    this.#pending = null
    const secure = secureOf(description)
    if (secure !== null) this.#agree(secure, secure.setup === 'passive')
  }

  says(words: string, to: Endpoint, payloadType = 0, timestamp = this.#timestamp): void {
    const numbers = { payloadType, sequence: this.#sequence++, timestamp, ssrc: 2566107569 }
    const packet = packetOf(words, numbers, this.extends ? AUDIO_LEVEL : null)
    this.#timestamp += (this.#rateOf(payloadType) * 20) / 1000
    // Where it goes, ICE has decided.
    this.#transport?.rtp.send(packet, to)
  }

  close(): void {
    this.#transport?.close()
    this.#socket.close()
  }

  #answer(offer: SessionDescription, how: BrowserSays): string {
    this.#open('controlled')
    this.#pending = null
    const secure = secureOf(offer)
    if (secure === null) throw new Error('a browser was offered no secure audio')
    // RFC 8842 §5.3: at first the answerer says hello, and later whoever did.
    const isClient = this.#isClient ?? secure.setup !== 'active'
    this.#agree(secure, isClient)
    return this.#write(how, isClient ? 'active' : 'passive')
  }

  #write(how: BrowserSays, setup: BrowserSdp['setup']): string {
    const { codecs, tellsAddress, name } = this.#options
    const candidates = tellsAddress ? [{ ...this.#socket.local, priority: hostPriority(0) }] : null
    const text = writeBrowserSdp({
      ...{ version: ++this.#version, ice: this.#ice, fingerprint: fingerprintOf(name), setup, candidates },
      ...{ codecs, direction: 'sendrecv', lines: [], video: false },
      ...how,
    })
    const { without } = how
    return without
      ? text
          .split('\r\n')
          .filter((line) => !without.test(line))
          .join('\r\n')
      : text
  }

  #open(role: 'controlling' | 'controlled'): void {
    if (this.#transport !== null) return
    const { clock } = this.#options
    const socket = this.#socket
    this.#transport = new SecureTransport({
      ...{ clock, random: this.#random, handshakes: this.handshakes, local: this.#ice, role },
      // The socket stays for the next call.
      bases: { sockets: [socket], close() {} },
      mayBePeer: () => true,
      failed: (reason) => this.failures.push(reason),
    })
    this.#transport.deliverTo({
      onRtp: (packet) => this.#take(Buffer.from(packet)),
      onRtcp() {},
      onRefused() {},
    })
  }

  #agree({ ice, fingerprints }: SecureDescription, isClient: boolean): void {
    this.#isClient = isClient
    const dtls = { role: isClient ? 'client' : 'server', fingerprints } as const
    this.#transport?.agree({ local: this.#ice, ice, dtls })
  }

  #take(packet: Buffer): void {
    const from = this.target
    const heard = from && heardIn(packet, from)
    if (heard) this.heard.push(heard)
  }

  #rateOf(payloadType: number): number {
    const codec = this.#options.codecs.find((each) => each.startsWith(`${payloadType} `))
    return Number(codec?.split('/')[1] ?? 8000)
  }

  #newParameters(): IceParameters {
    return { ufrag: hexToken(this.#random, 2), password: hexToken(this.#random, 12) }
  }
}

function secureOf({ media }: SessionDescription): SecureDescription | null {
  return media.find(({ kind, port }) => kind === 'audio' && port !== 0)?.secure ?? null
}
