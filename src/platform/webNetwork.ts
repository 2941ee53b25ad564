import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Endpoint, TcpConnection } from './network.ts'

export type WebRequest = IncomingMessage
export type WebResponse = ServerResponse

/** PEM: a chain, the server's own certificate first, and its key. */
export interface Identity {
  readonly chain: string
  readonly key: string
}

/**
 * A WebSocket that a peer opened (RFC 6455), by which messages pass whole: each `write` is one, and `onData` is called with
 * one. A peer that leaves a message unfinished is cut off.
 */
export interface WebSocketConnection extends TcpConnection {
  /** Asks for a sign of life; `onPong` hears of it. */
  ping(): void
  onPong(run: () => void): void
}

/** What a browser asks for when it opens a WebSocket. */
export interface Handshake {
  readonly remote: Endpoint
  readonly local: Endpoint
  /** The path of the URL, without its query. */
  readonly path: string
  /** The Origin header; null: no browser. */
  readonly origin: string | null
  /** The Host header. */
  readonly host: string | null
  /** The subprotocols offered. */
  readonly protocols: readonly string[]
}

/** Why a WebSocket is not let in: an HTTP status and a sentence. */
export interface HandshakeRefusal {
  readonly status: number
  readonly reason: string
}

/** What is done with those who come to an HTTPS port. */
export interface WebHandlers {
  /** Whether to talk to this address at all; asked before TLS begins. Gives what to call at the end; null: no. */
  admit(address: string): (() => void) | null
  request(request: WebRequest, response: WebResponse): void
  /** Judges a WebSocket's handshake; one that is let in talks by the subprotocol that it gives. */
  judge(handshake: Handshake): { readonly protocol: string } | HandshakeRefusal
  /** A WebSocket that was let in. */
  socket(connection: WebSocketConnection): void
}

export interface WebListener {
  readonly local: Endpoint
  /** Shows this certificate to all who come from now on. Throws if it cannot be used. */
  show(identity: Identity): void
  close(): void
}

/** The HTTPS ports of a machine. A bind that fails rejects with the system's error. */
export interface WebNetwork {
  /** Listens on one address; port 0 picks a free one. */
  listenHttps(at: Endpoint, identity: Identity, handlers: WebHandlers): Promise<WebListener>
}
