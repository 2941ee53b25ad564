import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { WebFile } from '../webFiles.ts'

const MISSING = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Offhook</title>
<p>The phone page was not built: run <code>npm run build</code> and start the server again.</p>
</html>
`

/** The phone page. `files` by their path; null: it was not built, which the page then says. */
export function pages(files: ReadonlyMap<string, WebFile> | null): FastifyPluginAsync {
  return async (app) => {
    const index = files?.get('/index.html')
    app.get('/', (request, reply) => {
      return index ? send(request, reply, index) : reply.type('text/html; charset=utf-8').send(MISSING)
    })
    for (const [path, file] of files ?? []) app.get(path, (request, reply) => send(request, reply, file))
  }
}

function send({ headers }: FastifyRequest, reply: FastifyReply, file: WebFile): FastifyReply {
  reply.header('etag', file.etag)
  reply.header('cache-control', file.hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
  if (headers['if-none-match'] === file.etag) return reply.code(304).send()
  return reply.type(file.type).send(file.content)
}
