import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { Registerer, RegistererState, type SessionDescriptionHandler, UserAgent } from 'sip.js'
import { WebSocket } from 'ws'
import { within } from '../deadline.ts'
import type { SippUser } from './sipp.ts'

/** A browser's phone without a browser: SIP.js over WSS, with a voice that is a bare RTP socket. */
export interface SipJsPhone {
  readonly agent: UserAgent
  /** Whether its registration is up. */
  readonly registered: boolean
  registers(): Promise<void>
  unregisters(): Promise<void>
  /** Loses its connection without a word, as when the network is gone. */
  loses(): void
  /** Connects anew. */
  reconnects(): Promise<void>
  stop(): Promise<void>
}

export interface SipJsOptions extends SippUser {
  /** As in `wss://127.0.0.1:8443/sip`. */
  readonly url: string
  /** The authority to trust, PEM. */
  readonly authority: string
  /** The instance, an UUID, and its reg-id: outbound. Left out: a random instance. */
  readonly instance?: string
  /** Makes its SDP, and has its media; left out: PCMU on a bare RTP socket. */
  readonly voice?: () => SessionDescriptionHandler
}

const PATIENCE = 10_000

/** Connects; nothing is registered yet. */
export async function startSipJs(options: SipJsOptions): Promise<SipJsPhone> {
  const { user, password, url, authority, instance } = options
  const sockets: WebSocket[] = []
  // SIP.js takes the browser's own.
  class Trusting extends WebSocket {
    constructor(address: string, protocol: string) {
      super(address, protocol, { ca: authority })
      sockets.push(this)
    }
  }
  Object.assign(globalThis, { WebSocket: Trusting })
  const agent = new UserAgent({
    uri: UserAgent.makeURI(`sip:${user}@${new URL(url).hostname}`),
    authorizationUsername: user,
    authorizationPassword: password,
    transportOptions: { server: url, connectionTimeout: 5, keepAliveInterval: 1 },
    logBuiltinEnabled: false,
    sessionDescriptionHandlerFactory: () => (options.voice ?? bareVoice)(),
    ...(instance === undefined ? {} : { instanceId: instance, instanceIdAlwaysAdded: true }),
  })
  const registerer = new Registerer(agent, {
    expires: 600,
    ...(instance === undefined ? {} : { regId: 1, instanceId: instance }),
  })
  const becomes = (wanted: RegistererState): Promise<void> => {
    const changed = new Promise<void>((resolve) => {
      if (registerer.state === wanted) resolve()
      registerer.stateChange.addListener((state) => state === wanted && resolve())
    })
    return within(PATIENCE, `${user} to be ${wanted}`, changed)
  }
  await within(PATIENCE, 'the connection', agent.start())
  return {
    agent,
    get registered() {
      return registerer.state === RegistererState.Registered
    },
    async registers() {
      await registerer.register()
      await becomes(RegistererState.Registered)
    },
    async unregisters() {
      await registerer.unregister()
      await becomes(RegistererState.Unregistered)
    },
    loses: () => sockets.at(-1)?.terminate(),
    reconnects: () => within(PATIENCE, 'a new connection', agent.reconnect()),
    stop: () => agent.stop(),
  }
}

// What SIP.js asks of whoever makes its SDP: PCMU on a port that is its own.
function bareVoice(): SessionDescriptionHandler {
  const socket = createSocket('udp4')
  const bound = once(socket.bind(0, '127.0.0.1'), 'listening')
  const description = async () => {
    await bound
    const lines = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0']
    const body = [...lines, `m=audio ${socket.address().port} RTP/AVP 0`, 'a=rtpmap:0 PCMU/8000', 'a=sendrecv', '']
    return { body: body.join('\r\n'), contentType: 'application/sdp' }
  }
  return {
    close: () => socket.close(),
    getDescription: description,
    hasDescription: (type) => type === 'application/sdp',
    rollbackDescription: async () => {},
    setDescription: async () => {},
    sendDtmf: () => false,
  }
}
