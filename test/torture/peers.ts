import { createSocket } from 'node:dgram'
import { connect, type Socket } from 'node:net'
import type { Endpoint } from '../../src/platform/network.ts'
import { StreamFramer } from '../../src/sip/transport/framing.ts'
import { within } from '../support/deadline.ts'
import { answersProbe, probe, type Seen, see } from './seen.ts'

/** However busy the machine, nobody waits longer than this for an answer. */
const ANSWERED_WITHIN = 5_000

/** Someone who sends the server octets and sees what comes back. */
export interface Peer {
  readonly local: Endpoint
  readonly open: boolean
  send(bytes: Uint8Array): void
  /** What came since the last look. */
  taken(): Seen[]
  /** The next message that fits, without those that came before it. */
  next(what: string, fits: (seen: Seen) => boolean): Promise<Seen>
  /**
   * What the server answers at once. Shown by an OPTIONS sent behind `bytes`: when that is answered, whatever was to be
   * answered before it is here. On a connection that the server closes, what came until then.
   */
  exchange(bytes: Uint8Array): Promise<Seen[]>
  close(): void
}

/** A UDP socket on the server's own host. */
export async function udpPeer(server: Endpoint): Promise<Peer> {
  const socket = createSocket({ type: server.address.includes(':') ? 'udp6' : 'udp4', recvBufferSize: 1 << 20 })
  await new Promise<void>((resolve) => socket.bind(0, server.address, resolve))
  const inbox = new Inbox()
  socket.on('message', (bytes) => inbox.take(see(bytes)))
  socket.on('error', () => {})
  const { address, port } = socket.address()
  return peer('UDP', server, inbox, {
    local: { address, port },
    send: (bytes) => socket.send(bytes, server.port, server.address),
    close: () => socket.close(),
  })
}

/** A TCP connection. */
export async function tcpPeer(server: Endpoint): Promise<Peer> {
  const socket = await connected(server)
  const inbox = new Inbox()
  const framer = new StreamFramer()
  socket.on('close', () => inbox.end())
  socket.on('data', (chunk) => {
    for (const piece of framer.push(new Uint8Array(chunk))) if (piece.kind === 'message') inbox.take(see(piece.bytes))
  })
  return peer('TCP', server, inbox, {
    local: { address: socket.localAddress ?? '', port: socket.localPort ?? 0 },
    send: (bytes) => void socket.write(bytes),
    close: () => socket.destroy(),
  })
}

/** A bare connection, for those who do not speak SIP on it. */
export function connected({ address, port }: Endpoint): Promise<Socket> {
  const socket = connect({ host: address, port, noDelay: true })
  const done = new Promise<Socket>((resolve, reject) => {
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
  socket.on('error', () => {})
  return within(ANSWERED_WITHIN, 'a connection', done)
}

/** What has come and was not yet looked at; one who waits at a time. */
class Inbox {
  readonly #seen: Seen[] = []
  #wake: () => void = () => {}
  open = true

  take(seen: Seen): void {
    this.#seen.push(seen)
    this.#wake()
  }

  /** Nothing more will come. */
  end(): void {
    this.open = false
    this.#wake()
  }

  /** Everything there is. */
  all(): Seen[] {
    return this.#seen.splice(0)
  }

  /** Waits for the first message that fits and takes all up to it; all there is if nothing more can come. */
  upTo(what: string, fits: (seen: Seen) => boolean): Promise<Seen[]> {
    const found = async (): Promise<Seen[]> => {
      for (let looked = 0; ; ) {
        const at = this.#seen.findIndex((seen, index) => index >= looked && fits(seen))
        if (at >= 0) return this.#seen.splice(0, at + 1)
        if (!this.open) return this.all()
        looked = this.#seen.length
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
    return within(ANSWERED_WITHIN, what, found())
  }
}

interface Wire {
  readonly local: Endpoint
  send(bytes: Uint8Array): void
  close(): void
}

function peer(transport: 'UDP' | 'TCP', server: Endpoint, inbox: Inbox, wire: Wire): Peer {
  return {
    ...wire,
    get open() {
      return inbox.open
    },
    taken: () => inbox.all(),
    async next(what, fits) {
      const found = (await inbox.upTo(what, fits)).at(-1)
      if (found && fits(found)) return found
      throw new Error(`the connection was closed before ${what}`)
    },
    async exchange(bytes) {
      const { bytes: options, callId } = probe(transport, server.address)
      const answers = (seen: Seen): boolean => answersProbe(seen, callId)
      wire.send(bytes)
      wire.send(options)
      return (await inbox.upTo('an answer to OPTIONS', answers)).filter((seen) => !answers(seen))
    },
  }
}
