import nodeDataChannel, { type PeerConnection, type Track } from 'node-datachannel'
import type { SessionDescriptionHandler } from 'sip.js'
import type { Codec } from '../../../src/codecs/codec.ts'
import { codecNamed } from '../../../src/codecs/codecs.ts'
import { isRtcp, payloadLength, payloadOffset, payloadType } from '../../../src/rtp/packet.ts'
import { type Sound, tone } from '../audio.ts'
import { until } from '../deadline.ts'

const { Audio, PeerConnection: Peer } = nodeDataChannel

/** A WebRTC stack that shares no line with ours (libdatachannel: libjuice, OpenSSL, libsrtp), saying a tone in Opus. */
export interface WebRtcVoice {
  /** For SIP.js. */
  readonly handler: SessionDescriptionHandler
  /** What it has heard so far. */
  heard(): Sound
  /** How long that is. */
  seconds(): number
  /** Payload types of what came. */
  payloadTypes(): ReadonlySet<number>
  /** Resolves once the media can flow. */
  connects(): Promise<void>
  /** How it found its way, as in `127.0.0.1:30000 host`. */
  way(): string
  /** Sends these octets as they are, outside of DTLS and SRTP's order: whatever a hostile phone would. */
  readonly peer: PeerConnection
}

const OPUS = 111
const SSRC = 0x0ff0
const FRAME = 960
const PTIME = 20
const SECONDS = 20

/** Ends the threads of the stack: the process does not end before. */
export function endWebRtc(): void {
  nodeDataChannel.cleanup()
}

/** `hz`: what it says; `address`: where it says it. */
export function webrtcVoice(hz: number, address = '127.0.0.1'): WebRtcVoice {
  const peer = new Peer('phone', { iceServers: [], bindAddress: address })
  let type = OPUS
  const ear = new Ear()
  let track: Track | null = null
  let timer: NodeJS.Timeout | null = null
  const use = (taken: Track): void => {
    track = taken
    taken.onMessage((packet) => {
      if (!isRtcp(packet) && payloadLength(packet) >= 0) ear.take(packet, type)
    })
    taken.onOpen(() => {
      timer ??= speaks(taken, hz, type)
    })
  }
  peer.onTrack(use)
  const gathered = () =>
    until(5000, 'the candidates', () => (peer.gatheringState() === 'complete' ? peer.localDescription() : undefined))
  const handler: SessionDescriptionHandler = {
    close() {
      if (timer) clearInterval(timer)
      peer.close()
    },
    async getDescription() {
      if (peer.signalingState() === 'stable' && peer.remoteDescription() === null) {
        const audio = new Audio('0', 'SendRecv')
        audio.addOpusCodec(OPUS)
        audio.addSSRC(SSRC, 'phone')
        use(peer.addTrack(audio))
        peer.setLocalDescription('offer')
      }
      return { body: (await gathered())?.sdp ?? '', contentType: 'application/sdp' }
    },
    hasDescription: (type) => type === 'application/sdp',
    rollbackDescription: async () => {},
    async setDescription(sdp) {
      // In an answer to us it is our number, in an offer theirs.
      type = Number(/^a=rtpmap:(\d+) opus/im.exec(sdp)?.[1] ?? OPUS)
      peer.setRemoteDescription(sdp, peer.signalingState() === 'have-local-offer' ? 'answer' : 'offer')
    },
    sendDtmf: () => false,
  }
  return {
    handler,
    peer,
    heard: () => ear.heard,
    seconds: () => ear.seconds,
    payloadTypes: () => ear.payloadTypes,
    way: () => {
      const { remote } = peer.getSelectedCandidatePair() ?? {}
      return remote ? `${remote.address}:${remote.port} ${remote.type}` : 'none'
    },
    async connects() {
      await until(10_000, 'a way for the media', () => (track?.isOpen() ? true : undefined))
    },
  }
}

function speaks(track: Track, hz: number, type: number): NodeJS.Timeout {
  const codec = codecOf('opus/48000/2')
  const encoder = codec.encoder()
  const { samples } = tone(hz, SECONDS, codec.spec.sampleRate)
  const frame = (codec.spec.sampleRate * PTIME) / 1000
  const start = performance.now()
  let count = 0
  return setInterval(() => {
    for (; count * PTIME <= performance.now() - start; count++) {
      const packet = Buffer.alloc(1500)
      packet[0] = 0x80
      packet[1] = type
      packet.writeUInt16BE(count & 0xffff, 2)
      packet.writeUInt32BE(count * FRAME, 4)
      packet.writeUInt32BE(SSRC, 8)
      const at = (count * frame) % (samples.length - frame)
      const octets = encoder.encode(samples.subarray(at, at + frame), packet.subarray(12))
      if (track.isOpen()) track.sendMessageBinary(packet.subarray(0, 12 + octets))
    }
  }, 5)
}

/** Decodes as it comes: all at once would hold up what is said meanwhile. */
class Ear {
  readonly payloadTypes = new Set<number>()
  readonly #codec = codecOf('opus/48000/2')
  readonly #decoder = this.#codec.decoder()
  readonly #frames: Int16Array[] = []
  readonly #out = new Int16Array((this.#codec.spec.sampleRate * 120) / 1000)
  #samples = 0

  take(packet: Uint8Array, opus: number): void {
    this.payloadTypes.add(payloadType(packet))
    if (payloadType(packet) !== opus) return
    const at = payloadOffset(packet)
    const count = this.#decoder.decode(packet.subarray(at, at + payloadLength(packet)), this.#out)
    this.#frames.push(this.#out.slice(0, count))
    this.#samples += count
  }

  get seconds(): number {
    return this.#samples / this.#codec.spec.sampleRate
  }

  get heard(): Sound {
    return { rate: this.#codec.spec.sampleRate, samples: Int16Array.from(this.#frames.flatMap((frame) => [...frame])) }
  }
}

function codecOf(name: string): Codec {
  const codec = codecNamed(name)
  if (!codec) throw new Error(`no ${name} here`)
  return codec
}
