import { isRtcp } from '../../src/rtp/packet.ts'
import type { Handshakes } from '../../src/webrtc/dtls/handshakes.ts'
import { createHandshakes } from '../../src/webrtc/dtls/localHandshakes.ts'
import { openBrowser } from './browser.ts'
import { callees } from './callees.ts'
import { callers } from './callers.ts'
import { bound } from './phoneSocket.ts'
import type { Credentials } from './sipText.ts'
import { Spoken } from './spoken.ts'

/** How long each of their calls is up, ms. */
export const upFor = 1000
const ptime = 20
const HEADER = 12

/** What one call took, ms: the answer since the INVITE, the others since the answer; null: never, or there is none. */
export interface Setup {
  answer: number | null
  /** Until there are keys. */
  keys: number | null
  /** Until the caller hears the first packet. */
  media: number | null
}

export interface NewcomersOptions {
  readonly server: number
  readonly caller: Credentials
  readonly callee: Credentials
  /** The callers are browsers. */
  readonly secure: boolean
}

/**
 * Those who call while others talk: callers of Opus alone, who say nothing, to phones of PCMU that speak from when they have
 * answered. `loadOpus` must have been. Each call of the function places one, which is over a second after its answer.
 */
export async function newcomers({ server, caller, callee, secure }: NewcomersOptions) {
  const talker = await talkingPhone()
  await callees(server, [callee], (relay) => talker.talkTo(relay), 'pcmu')
  const { place } = await callers(server)
  const open = secure ? browsers(await createHandshakes()) : plainPhone
  return async (over: (setup: Setup) => void): Promise<void> => {
    const setup: Setup = { answer: null, keys: null, media: null }
    let answeredAt = 0
    const since = () => performance.now() - answeredAt
    const media = await open({
      packet(packet) {
        if (packet.length > HEADER && !isRtcp(packet)) setup.media ??= since()
      },
      secured() {
        setup.keys = since()
      },
    })
    place({
      ...{ who: caller, to: callee.user, rtpPort: media.port, codec: 'opus', offer: media.offer },
      answered(time, _serverPort, hangUp, answer) {
        answeredAt = performance.now()
        setup.answer = time
        media.answered(answer)
        setTimeout(hangUp, upFor)
      },
      ended() {
        media.close()
        over(setup)
      },
    })
  }
}

interface Hears {
  packet(packet: Buffer): void
  secured(): void
}

interface Media {
  readonly port: number
  readonly offer?: string
  answered(sip: string): void
  close(): void
}

function browsers(handshakes: Handshakes): (hears: Hears) => Promise<Media> {
  return async (hears) => ({ port: 0, ...(await openBrowser(handshakes, hears)) })
}

async function plainPhone({ packet }: Hears): Promise<Media> {
  const socket = await bound()
  socket.on('message', packet)
  return { port: socket.address().port, answered() {}, close: () => socket.close() }
}

/** One socket that speaks for all that are called, to each for as long as its call is up. */
async function talkingPhone() {
  const socket = await bound()
  const relays = new Map<number, number>()
  const spoken = new Spoken('pcmu')
  let frame = 0
  setInterval(() => {
    frame++
    const now = performance.now()
    for (const [relay, until] of relays) {
      if (now > until) relays.delete(relay)
      else socket.send(spoken.packet(relay, frame), relay, '127.0.0.1')
    }
  }, ptime)
  return {
    talkTo(relay: number): number {
      relays.set(relay, performance.now() + upFor)
      return socket.address().port
    },
  }
}
