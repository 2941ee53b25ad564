import type { Socket } from 'node:dgram'
import { nodeNetwork } from '../../src/platform/nodeNetwork.ts'
import { hexToken, systemRandom } from '../../src/platform/random.ts'
import { systemClock } from '../../src/platform/systemClock.ts'
import { SrtpSession } from '../../src/rtp/srtp/srtpSession.ts'
import { parseDescription } from '../../src/sdp/parse.ts'
import type { Handshakes } from '../../src/webrtc/dtls/handshakes.ts'
import { hostPriority } from '../../src/webrtc/ice/candidate.ts'
import { SecureTransport } from '../../src/webrtc/secureTransport.ts'
import { bareKeys } from './bareKeys.ts'
import { bound } from './phoneSocket.ts'
import { secureSdp } from './sipText.ts'

/** The media of one WebRTC phone. */
export interface Browser {
  /** A new one; Opus alone. */
  readonly offer: string
  /** Takes the answer in `sip`, a 200 OK. */
  answered(sip: string): void
  /** Sends a packet of RTP, once there is a way. */
  send(packet: Uint8Array): void
  close(): void
}

/** What it tells: packets of RTP and RTCP that came, decrypted, and that the keys are there. */
export interface BrowserEvents {
  packet(packet: Buffer): void
  secured?(): void
}

/** One that finds its way by ICE and agrees on keys by DTLS, as real ones do. It offers, so it is the one that chooses the way. */
export async function openBrowser(handshakes: Handshakes, events: BrowserEvents): Promise<Browser> {
  const way: { transport: SecureTransport | null } = { transport: null }
  const socket = await nodeNetwork.bindUdp({ address: '127.0.0.1', port: 0 }, (datagram, from) =>
    way.transport?.take(socket, datagram, from),
  )
  const local = { ufrag: hexToken(systemRandom, 4), password: hexToken(systemRandom, 16) }
  const transport = new SecureTransport({
    clock: systemClock,
    random: systemRandom,
    handshakes: telling(handshakes, events),
    bases: { sockets: [socket], close: () => socket.close() },
    ...{ local, role: 'controlling', mayBePeer: () => true },
    failed: (reason) => console.error(`a browser: ${reason}`),
  })
  way.transport = transport
  transport.deliverTo({ onRtp: (packet) => events.packet(asBuffer(packet)), onRtcp() {}, onRefused() {} })
  const { port } = socket.local
  return {
    offer: secureSdp({ port, priority: hostPriority(0), ...local, fingerprint: handshakes.fingerprint }),
    answered(sip) {
      const description = parseDescription(Buffer.from(sip.slice(sip.indexOf('\r\n\r\n') + 4), 'latin1'))
      const secure = description.kind === 'description' ? description.media[0]?.secure : null
      if (!secure) throw new Error(`an answer that is not one of WebRTC: ${sip}`)
      const role = secure.setup === 'passive' ? 'client' : 'server'
      transport.agree({ local, ice: secure.ice, dtls: { role, fingerprints: secure.fingerprints } })
    },
    send: (packet) => transport.send(packet),
    close: () => transport.close(),
  }
}

/** One that has its keys already, and knows where the floor has its port. */
export async function bareBrowser(relay: () => number, events: BrowserEvents): Promise<Browser> {
  const socket: Socket = await bound()
  const srtp = new SrtpSession(bareKeys('browser'))
  socket.on('message', (datagram) => {
    const packet = srtp.unprotect(datagram)
    if (typeof packet !== 'string') events.packet(asBuffer(packet))
  })
  return {
    offer: '',
    answered() {},
    // The session writes the next packet over it, and the system may take it later.
    send: (packet) => socket.send(Buffer.from(srtp.protect(packet)), relay(), '127.0.0.1'),
    close: () => socket.close(),
  }
}

/** Those that say when there are keys. */
function telling(handshakes: Handshakes, { secured }: BrowserEvents): Handshakes {
  if (!secured) return handshakes
  return {
    fingerprint: handshakes.fingerprint,
    begin: (peer, events) =>
      handshakes.begin(peer, {
        send: (datagram) => events.send(datagram),
        done: (keys) => {
          events.done(keys)
          secured()
        },
        failed: (reason) => events.failed(reason),
        closed: () => events.closed(),
      }),
    close: () => handshakes.close(),
  }
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length)
}
