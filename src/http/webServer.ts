import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import type { Certificate, CertificateSource } from '../certificates/certificate.ts'
import type { Log } from '../platform/log.ts'
import type { Endpoint } from '../platform/network.ts'
import { listenOnOnePort } from '../platform/onePort.ts'
import { systemCode } from '../platform/systemError.ts'
import type {
  Handshake,
  HandshakeRefusal,
  WebHandlers,
  WebListener,
  WebNetwork,
  WebSocketConnection,
} from '../platform/webNetwork.ts'
import { application } from './application.ts'
import { admitsOrigin } from './origin.ts'
import { Visitors } from './visitors.ts'

/** Where SIP phones open their WebSocket, and the subprotocol they name (RFC 7118 §4.1). */
const SIP_PATH = '/sip'
const SIP_PROTOCOL = 'sip'

/** Strangers choose what origins there are. */
const MOST_TOLD = 100

export interface WebServerOptions {
  readonly web: WebNetwork
  readonly log: Log
  readonly certificate: CertificateSource
  /** Whether that certificate is of an authority that browsers know. */
  readonly isPublic: () => boolean
  /** Each file of routes is a plugin of fastify, made with the ports that it needs. */
  readonly routes: readonly FastifyPluginAsync[]
  /** Origins whose pages may connect besides our own, as in `https://phones.example.com`. */
  readonly origins: readonly string[]
  /** Whether to hear this address at all. */
  readonly admits: (address: string) => boolean
  /** Whether an address is of our own networks, where many phones may share one. */
  readonly isLocal: (address: string) => boolean
  /** Takes a SIP phone's WebSocket. */
  readonly accept: (connection: WebSocketConnection) => void
}

/** The HTTPS port: pages, routes and the WebSockets of SIP phones, on several addresses. */
export class WebServer {
  readonly #options: WebServerOptions
  readonly #application: FastifyInstance
  readonly #visitors = new Visitors()
  readonly #listeners = new Map<string, WebListener>()
  readonly #handlers: WebHandlers
  readonly #unsubscribe: () => void
  /** Origins that were refused, told of once each. */
  readonly #told = new Set<string>()
  #port = 0
  #closed = false

  private constructor(options: WebServerOptions, application: FastifyInstance) {
    this.#options = options
    this.#application = application
    this.#handlers = {
      admit: (address) => this.#admit(address),
      request: (request, response) => this.#application.routing(request, response),
      judge: (handshake) => this.#judge(handshake),
      socket: (connection) => options.accept(connection),
    }
    this.#unsubscribe = options.certificate.onChanged((certificate) => this.#show(certificate))
  }

  /** Makes the server; it listens when it is told to. */
  static async create(options: WebServerOptions): Promise<WebServer> {
    const { routes, isPublic, log } = options
    const failed = (url: string, { stack }: Error): void => log.error({ url, stack }, 'a request could not be answered')
    return new WebServer(options, await application({ routes, isPublic, failed }))
  }

  get endpoints(): readonly Endpoint[] {
    return [...this.#listeners.values()].map(({ local }) => local)
  }

  /** Open connections, pages' and phones'. */
  get connections(): number {
    return this.#visitors.size
  }

  /**
   * Listens on one port of all `addresses`; 0 takes any that is free on the first, and on the others, too. Gives the port.
   * Rejects with the system's error, everything closed again.
   */
  async listen(addresses: readonly string[], port: number): Promise<number> {
    this.#port = await listenOnOnePort(addresses, port, {
      listenAt: (address, wanted) => this.#listenAt({ address, port: wanted }),
      closeAll: () => this.#closeListening(),
      unavailable: (address) => this.#options.log.warn({ address }, 'an address cannot be listened on for HTTPS'),
    })
    return this.#port
  }

  /** Listens on these addresses from now on; one that cannot be bound is told of in the log and left out. */
  async follow(addresses: readonly string[]): Promise<void> {
    for (const address of this.#listeners.keys()) if (!addresses.includes(address)) this.#stopAt(address)
    for (const address of addresses) {
      if (this.#closed || this.#listeners.has(address)) continue
      await this.#listenAt({ address, port: this.#port }).catch((error: unknown) => {
        this.#options.log.warn({ address, code: systemCode(error) }, 'an address cannot be listened on for HTTPS')
      })
    }
    if (this.#closed) this.#closeListening()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#unsubscribe()
    this.#closeListening()
    await this.#application.close()
  }

  async #listenAt(at: Endpoint): Promise<number> {
    const { web, certificate } = this.#options
    const listener = await web.listenHttps(at, certificate.current, this.#handlers)
    this.#listeners.set(at.address, listener)
    return listener.local.port
  }

  #stopAt(address: string): void {
    this.#listeners.get(address)?.close()
    this.#listeners.delete(address)
  }

  #closeListening(): void {
    for (const address of this.#listeners.keys()) this.#stopAt(address)
  }

  #show(certificate: Certificate): void {
    try {
      for (const listener of this.#listeners.values()) listener.show(certificate)
    } catch (error) {
      this.#options.log.warn({ error: String(error) }, 'a new certificate cannot be used; the one before is kept')
    }
  }

  #admit(address: string): (() => void) | null {
    const { admits, isLocal } = this.#options
    return admits(address) ? this.#visitors.enter(address, !isLocal(address)) : null
  }

  #judge({ path, origin, host, protocols, remote }: Handshake): { readonly protocol: string } | HandshakeRefusal {
    const { admits, origins, log } = this.#options
    if (!admits(remote.address)) return { status: 403, reason: 'This address is not heard for now.' }
    if (path !== SIP_PATH) return { status: 404, reason: `There is no WebSocket here; SIP phones open ${SIP_PATH}.` }
    if (!protocols.includes(SIP_PROTOCOL)) {
      return { status: 400, reason: `A SIP phone names the subprotocol ${SIP_PROTOCOL} (RFC 7118).` }
    }
    if (admitsOrigin(origin, host, origins)) return { protocol: SIP_PROTOCOL }
    if (origin !== null && this.#told.size < MOST_TOLD && !this.#told.has(origin)) {
      this.#told.add(origin)
      const mend = 'if it may, add it to allowed-origins in offhook.yaml'
      log.warn({ origin, host, from: remote.address }, `a page of another origin was not let connect; ${mend}`)
    }
    return { status: 403, reason: `Pages of ${origin} may not connect here.` }
  }
}
