import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { plainAddress } from '../../platform/address.ts'

/**
 * `GET /api/health`, for whoever watches servers: that it answers is the point. And for the phone page, `domain`: the host that
 * stands in its SIP addresses, which must be one of ours whatever name the browser has for us. `domainFor` gives it for the
 * host that was asked for and the address of ours that was reached.
 */
export function health(version: string, domainFor: (host: string, local: string) => string): FastifyPluginAsync {
  return async (app) => {
    app.get('/api/health', async (request) => ({ status: 'ok', version, domain: domain(request, domainFor) }))
  }
}

function domain({ headers, socket }: FastifyRequest, domainFor: (host: string, local: string) => string): string {
  const asked = `https://${headers.host ?? ''}`
  const host = URL.canParse(asked) ? plainAddress(new URL(asked).hostname) : ''
  const found = domainFor(host, plainAddress(socket.localAddress ?? ''))
  return found.includes(':') ? `[${found}]` : found
}
