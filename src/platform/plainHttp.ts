import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** Whoever is slower than this to ask is no browser and no authority, ms. */
const ASKED_WITHIN = 10_000
/** How often those who are too slow are looked for, ms. */
const LOOK_EVERY = 2_000
const MOST_CONNECTIONS = 200
const MOST_HEADERS = 8 * 1024

export interface PlainRequest {
  readonly method: string
  /** As it was asked for, with its query. */
  readonly target: string
  /** The Host header; null: there is none. */
  readonly host: string | null
}

export interface PlainResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface PlainListener {
  readonly port: number
  close(): void
}

/** HTTP without TLS, a request a connection. */
export interface PlainHttp {
  /** Listens on `address`, null: on every one. Rejects with the system's error (EADDRINUSE, EACCES). */
  listen(
    at: { readonly address: string | null; readonly port: number },
    answer: (request: PlainRequest) => PlainResponse,
  ): Promise<PlainListener>
}

/** That of the operating system. */
export const nodePlainHttp: PlainHttp = {
  listen(at, answer) {
    const limits = { maxHeaderSize: MOST_HEADERS, headersTimeout: ASKED_WITHIN, requestTimeout: ASKED_WITHIN }
    const server = createServer({ ...limits, connectionsCheckingInterval: LOOK_EVERY }, (request, response) =>
      respond(request, response, answer),
    )
    server.maxConnections = MOST_CONNECTIONS
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ port: at.port, ...(at.address === null ? {} : { host: at.address }) }, () => {
        server.removeListener('error', reject)
        // As when no more connections can be accepted: those who come later may still get in.
        server.on('error', () => {})
        const bound = server.address()
        resolve({
          port: typeof bound === 'object' && bound !== null ? bound.port : at.port,
          close() {
            server.close()
            server.closeAllConnections()
          },
        })
      })
    })
  },
}

function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: PlainRequest) => PlainResponse,
): void {
  const { method = '', url = '', headers } = request
  const { status, headers: fields, body } = answer({ method, target: url, host: headers.host ?? null })
  response.writeHead(status, { ...fields, 'Content-Length': Buffer.byteLength(body), Connection: 'close' })
  response.end(method === 'HEAD' ? '' : body)
}
