import { X509Certificate } from 'node:crypto'
import type { FastifyPluginAsync } from 'fastify'
import { authorityPage, authorityStyle, noAuthorityPage } from './authorityPage.ts'

const HTML = 'text/html; charset=utf-8'

/**
 * `/ca`: how to have a device trust this server, and `/ca.crt`, what to install for it. `authority`: the certificate of our
 * own authority, PEM; null: the server has a certificate of somebody else's.
 */
export function authority(authority: string | null): FastifyPluginAsync {
  return async (app) => {
    app.get('/ca.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(authorityStyle))
    if (authority === null) {
      app.get('/ca', (_request, reply) => reply.type(HTML).send(noAuthorityPage))
      return
    }
    const { raw, fingerprint256, validTo } = new X509Certificate(authority)
    const page = authorityPage(fingerprint256, validTo)
    app.get('/ca', (_request, reply) => reply.type(HTML).send(page))
    app.get('/ca.crt', (_request, reply) => {
      reply.header('content-disposition', 'attachment; filename="offhook-ca.crt"')
      return reply.type('application/x-x509-ca-cert').send(raw)
    })
  }
}
