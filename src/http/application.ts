import type { FastifyInstance, FastifyPluginAsync, FastifyReply } from 'fastify'
import { secureHeaders } from './secureHeaders.ts'

/** Octets that a request may bring. */
const MOST_BODY_OCTETS = 65_536

export interface ApplicationOptions {
  readonly routes: readonly FastifyPluginAsync[]
  /** Whether browsers may be told to come by HTTPS alone, for a year. */
  readonly isPublic: () => boolean
  /** Hears of requests that ran into an error of ours. */
  readonly failed: (url: string, error: Error) => void
}

/** The routes of the web port, without the port: `routing` takes a request. */
export async function application({ routes, isPublic, failed }: ApplicationOptions): Promise<FastifyInstance> {
  const { fastify } = await import('fastify')
  const app = fastify({ logger: false, bodyLimit: MOST_BODY_OCTETS, trustProxy: false })
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(secureHeaders(isPublic()))
  })
  app.setNotFoundHandler((request, reply) => {
    return say(reply, 404, `There is nothing at ${request.url.replace(/\?.*/, '')}; the phone is at /`)
  })
  app.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
    const status = error.statusCode ?? 500
    if (status < 500) return say(reply, status, error.message)
    failed(request.url, error)
    return say(reply, 500, 'The server failed at this; its log says why')
  })
  for (const plugin of routes) await app.register(plugin)
  await app.ready()
  return app
}

function say(reply: FastifyReply, status: number, sentence: string): FastifyReply {
  return reply.code(status).type('text/plain; charset=utf-8').send(`${sentence}\n`)
}
