import type { FastifyPluginAsync } from 'fastify'

/** `GET /api/health`, for whoever watches servers: that it answers is the point. */
export function health(version: string): FastifyPluginAsync {
  return async (app) => {
    app.get('/api/health', async () => ({ status: 'ok', version }))
  }
}
