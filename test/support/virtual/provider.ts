import { createHash } from 'node:crypto'
import type { Clock } from '../../../src/platform/clock.ts'
import type { Endpoint, TcpConnection, UdpSocket } from '../../../src/platform/network.ts'
import { createResponse, receivedFrom } from '../../../src/sip/message/create.ts'
import { contacts, type Params, parseAuth } from '../../../src/sip/message/fields.ts'
import { type HeaderLine, Headers } from '../../../src/sip/message/headers.ts'
import type { SipRequest } from '../../../src/sip/message/message.ts'
import { parseMessage } from '../../../src/sip/message/parse.ts'
import { writeMessage } from '../../../src/sip/message/write.ts'
import type { VirtualNetwork } from './network.ts'

export const REALM = 'provider.example'

/** What a provider answers: a status and headers, `to` an older request; octets as they are; null: nothing. */
export type Reply =
  | { readonly status: number; readonly headers?: readonly HeaderLine[]; readonly to?: SipRequest }
  | string
  | null

/** How it takes each request. */
export type Manner = (request: SipRequest, provider: Provider) => Reply | readonly Reply[]

/** A provider on the virtual network, as good or as bad as the test wants it. It knows nothing of our own digest. */
export class Provider {
  readonly at: Endpoint
  readonly clock: Clock
  /** Every request that came, with when it did, ms. */
  readonly got: { readonly at: number; readonly request: SipRequest }[] = []
  /** Contacts by the address they were registered for, with when each ends, ms. */
  readonly bindings = new Map<string, number>()
  /** Accounts and their passwords. */
  readonly accounts = new Map<string, string>([['acme', 'secret']])
  manner: Manner = registrar()
  nonces = 0
  readonly #network: VirtualNetwork
  #socket: UdpSocket | null = null
  readonly #connections = new Set<TcpConnection>()
  #unlisten = (): void => {}
  #seen = 0

  constructor(network: VirtualNetwork, clock: Clock, at: Endpoint) {
    this.#network = network
    this.clock = clock
    this.at = at
  }

  async start(): Promise<this> {
    const host = this.#network.host(this.at.address)
    const socket = await host.bindUdp(this.at, (bytes, from) =>
      this.#take(bytes, from, (answer) => socket.send(answer, from)),
    )
    this.#socket = socket
    const listener = await host.listenTcp(this.at, (connection) => this.#accept(connection))
    this.#unlisten = () => listener.close()
    return this
  }

  /** Goes down; what it knew of bindings and nonces is lost. */
  stop(): void {
    this.#socket?.close()
    this.#unlisten()
    this.dropConnections()
    this.bindings.clear()
    this.nonces += 1000
  }

  dropConnections(): void {
    for (const connection of this.#connections) connection.close()
    this.#connections.clear()
  }

  /** The requests since the last look. */
  take(): SipRequest[] {
    const requests = this.got.slice(this.#seen).map(({ request }) => request)
    this.#seen = this.got.length
    return requests
  }

  /** The contacts that are registered now. */
  bound(): string[] {
    return [...this.bindings].filter(([, until]) => until > this.clock.now()).map(([contact]) => contact)
  }

  #accept(connection: TcpConnection): void {
    this.#connections.add(connection)
    connection.onData((bytes) => this.#take(bytes, connection.remote, (answer) => connection.write(answer)))
    connection.onClosed(() => this.#connections.delete(connection))
  }

  #take(bytes: Uint8Array, from: Endpoint, send: (bytes: Uint8Array) => void): void {
    const message = parseMessage(bytes, 'datagram')
    if (message.kind !== 'request') return
    const request = receivedFrom(message, from)
    this.got.push({ at: this.clock.now(), request })
    if (request.method === 'ACK') return
    for (const reply of [this.manner(request, this)].flat()) {
      if (reply === null) continue
      send(typeof reply === 'string' ? Buffer.from(reply, 'latin1') : written(reply.to ?? request, reply))
    }
  }
}

function written(request: SipRequest, { status, headers = [] }: Exclude<Reply, string | null>): Uint8Array {
  const toTag = status === 100 ? undefined : 'provider'
  return writeMessage(createResponse(request, status, { toTag, headers: Headers.of(headers) }))
}

export interface RegistrarHow {
  /** What it grants at most, seconds. */
  readonly most?: number
  /** What it grants at least, seconds: less is a 423. */
  readonly least?: number
  /** Of each challenge, after realm and nonce. */
  readonly challenge?: string
  /** Put into each 200. */
  readonly headers?: readonly HeaderLine[]
}

/** A registrar with digest (RFC 3261 §10.3). A nonce serves five times. */
export function registrar(how: RegistrarHow = {}): Manner {
  const { most = 3600, least = 0, challenge = ', algorithm=MD5, qop="auth"', headers = [] } = how
  const uses = new Map<string, number>()
  return (request, provider) => {
    const params = parseAuth(request.headers.first('authorization') ?? '')?.params ?? null
    const nonce = params?.get('nonce') ?? ''
    const known = uses.get(nonce)
    const stale = params !== null && (known === undefined || known >= 5)
    if (params === null || stale || !isRight(params, request.method, provider)) {
      const fresh = `nonce-${++provider.nonces}`
      uses.set(fresh, 0)
      const value = `Digest realm="${REALM}", nonce="${fresh}"${challenge}${stale ? ', stale=true' : ''}`
      return { status: 401, headers: [['WWW-Authenticate', value]] }
    }
    uses.set(nonce, (known ?? 0) + 1)
    if (request.method !== 'REGISTER') return { status: 200 }
    const asked = Number(request.headers.first('expires') ?? 3600)
    if (asked > 0 && asked < least) return { status: 423, headers: [['Min-Expires', String(least)]] }
    return { status: 200, headers: [...bind(request, provider, Math.min(asked, most)), ...headers] }
  }
}

function bind(request: SipRequest, provider: Provider, seconds: number): HeaderLine[] {
  const [contact] = contacts(request.headers)
  if (typeof contact !== 'object') return []
  if (seconds === 0) provider.bindings.delete(contact.uri.text)
  else provider.bindings.set(contact.uri.text, provider.clock.now() + seconds * 1000)
  return provider
    .bound()
    .map(
      (uri): HeaderLine => [
        'Contact',
        `<${uri}>;expires=${Math.round(((provider.bindings.get(uri) ?? 0) - provider.clock.now()) / 1000)}`,
      ],
    )
}

function isRight(params: Params, method: string, provider: Provider): boolean {
  const of = (name: string): string => params.get(name) ?? ''
  const password = provider.accounts.get(of('username'))
  if (password === undefined) return false
  const a1 = md5(`${of('username')}:${of('realm')}:${password}`)
  const middle = `${of('nonce')}:${of('nc')}:${of('cnonce')}:${of('qop')}`
  return of('response') === md5(`${a1}:${middle}:${md5(`${method}:${of('uri')}`)}`)
}

function md5(text: string): string {
  return createHash('md5').update(text, 'latin1').digest('hex')
}

/** Answers everything so. */
export function answers(status: number, ...headers: HeaderLine[]): Manner {
  return () => ({ status, headers })
}

/** Never answers. */
export const silent: Manner = () => null

/** Challenges with a new nonce each time, whatever it gets. */
export function challengesForEver(more = ', qop="auth"'): Manner {
  let nonces = 0
  return () => ({ status: 401, headers: [['WWW-Authenticate', `Digest realm="${REALM}", nonce="${++nonces}"${more}`]] })
}

/** Refuses with `status` whoever has brought credentials, and challenges the others. */
export function challengesThen(status: number): Manner {
  const ask = challengesForEver()
  return (request, provider) => (request.headers.has('authorization') ? { status } : ask(request, provider))
}

/** A registrar that takes calls, too: each INVITE gets these, and a 487 when it is taken back. */
export function switchboard(...statuses: readonly number[]): Manner {
  const well = registrar()
  let invite: SipRequest | undefined
  return (request, provider) => {
    if (request.method === 'REGISTER') return well(request, provider)
    if (request.method === 'CANCEL') return [{ status: 200 }, { status: 487, to: invite }]
    if (request.method !== 'INVITE') return { status: 200 }
    invite = request
    return statuses.map((status) => ({ status }))
  }
}
