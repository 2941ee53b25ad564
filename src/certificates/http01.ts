import type { PlainHttp, PlainListener, PlainRequest, PlainResponse } from '../platform/plainHttp.ts'
import { systemCode } from '../platform/systemError.ts'
import { AcmeFailure, type Challenges } from './challenges.ts'

const PROOFS = '/.well-known/acme-challenge/'

export interface Http01Options {
  readonly http: PlainHttp
  /** null: every address. */
  readonly address: string | null
  readonly port: number
  /** Where the pages are, to which everybody else is sent. */
  readonly httpsPort: () => number
}

/** Proofs by HTTP, RFC 8555 §8.3. What is no question for one is sent on to HTTPS. */
export function http01({ http, address, port, httpsPort }: Http01Options): Challenges {
  const proofs = new Map<string, string>()
  let listening: Promise<PlainListener> | null = null
  let closed = false
  return {
    type: 'http-01',
    async ready() {
      if (closed) return
      listening ??= http.listen({ address, port }, (request) => answer(request, proofs, httpsPort()))
      try {
        await listening
      } catch (cause) {
        // The next attempt tries again.
        listening = null
        throw unusable(port, cause)
      }
    },
    async show(_name, token, proof) {
      proofs.set(token, proof)
    },
    async withdraw(_name, token) {
      proofs.delete(token)
    },
    mend: (name) =>
      `see that the DNS has ${name} at this host and that its port 80 reaches our port ${port} from the internet, or set acme-dns-hook`,
    close() {
      closed = true
      listening?.then((listener) => listener.close()).catch(() => {})
    },
  }
}

/** What is answered to a request, with these proofs by their tokens. */
export function answer(request: PlainRequest, proofs: ReadonlyMap<string, string>, httpsPort: number): PlainResponse {
  const { method, target, host } = request
  if (method !== 'GET' && method !== 'HEAD') return text(405, 'Only GET is answered here.', { Allow: 'GET, HEAD' })
  if (target.startsWith(PROOFS)) {
    const proof = proofs.get(target.slice(PROOFS.length))
    return proof === undefined ? text(404, 'There is no such challenge.') : text(200, proof)
  }
  const secure = secureUrl(host, target, httpsPort)
  return secure === null ? text(400, 'The request names no host.') : text(308, `See ${secure}\n`, { Location: secure })
}

function secureUrl(host: string | null, target: string, port: number): string | null {
  const [, name] = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/i.exec(host ?? '') ?? []
  if (name === undefined || !target.startsWith('/')) return null
  const path = /^[\x21-\x7e]*$/.test(target) ? target : '/'
  return `https://${name}${port === 443 ? '' : `:${port}`}${path}`
}

function text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): PlainResponse {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers }, body }
}

function unusable(port: number, cause: unknown): AcmeFailure {
  const code = systemCode(cause)
  const other = 'choose another with acme-http-port and forward port 80 to it, or set acme-dns-hook'
  if (code === 'EACCES') return new AcmeFailure(`port ${port} is not ours to take`, other, { cause })
  if (code === 'EADDRINUSE')
    return new AcmeFailure(`port ${port} is in use`, `stop what uses it; or ${other}`, { cause })
  return new AcmeFailure(`port ${port} cannot be listened on (${code ?? String(cause)})`, other, { cause })
}
