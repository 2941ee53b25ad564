import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyPluginAsync } from 'fastify'
import t from 'tap'
import { makeAuthority } from '../../src/certificates/issue.ts'
import { application } from '../../src/http/application.ts'
import { authority } from '../../src/http/routes/authority.ts'
import { health } from '../../src/http/routes/health.ts'
import { pages } from '../../src/http/routes/pages.ts'
import { loadWebFiles } from '../../src/http/webFiles.ts'
import { seededRandom } from '../support/virtual/random.ts'

async function app(routes: readonly FastifyPluginAsync[], isPublic = false) {
  const failures: string[] = []
  const made = await application({
    routes,
    isPublic: () => isPublic,
    failed: (url, error) => failures.push(`${url} ${error.message}`),
  })
  return { failures, get: (url: string, headers = {}) => made.inject({ method: 'GET', url, headers }), made }
}

t.test('health', async (t) => {
  const domains = (host: string, local: string): string => (host === 'pbx.example' ? host : local)
  const { get } = await app([health('1.2.3', domains)])
  const answer = await get('/api/health', { host: 'PBX.example:8443' })
  t.same(answer.json(), { status: 'ok', version: '1.2.3', domain: 'pbx.example' })
  const byRouter = await app([health('1.2.3', () => '2001:db8::7')])
  const other = await byRouter.get('/api/health', { host: 'homeserver.lan:8443' })
  t.match(other.json(), { domain: '[2001:db8::7]' }, 'a name that is none of ours: the address that was reached')
  t.equal(answer.headers['cache-control'], 'no-cache')
})

t.test('what there is not is told in plain words', async (t) => {
  const { get } = await app([])
  const answer = await get('/../../etc/passwd?x=1')
  t.match(answer, { statusCode: 404, headers: { 'content-type': /^text\/plain/ } })
  t.match(answer.body, /^There is nothing at .*; the phone is at \/\n$/)
})

t.test('an error of ours is logged, and says nothing of itself', async (t) => {
  const { get, failures } = await app([
    async (routes) => {
      routes.get('/broken', async () => {
        throw new Error('the secret is 42')
      })
    },
  ])
  const answer = await get('/broken')
  t.equal(answer.statusCode, 500)
  t.notMatch(answer.body, /42/)
  t.same(failures, ['/broken the secret is 42'])
})

t.test('every answer says what a page may do; only a public certificate is insisted on', async (t) => {
  for (const isPublic of [false, true]) {
    const { get } = await app([health('1', (host) => host)], isPublic)
    for (const url of ['/api/health', '/nothing']) {
      const { headers } = await get(url)
      t.match(headers, {
        'content-security-policy': /^default-src 'self'; connect-src 'self' wss:;/,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'permissions-policy': /microphone=\(self\)/,
      })
      t.notMatch(headers['content-security-policy'], /unsafe|\*/)
      t.equal('strict-transport-security' in headers, isPublic)
    }
  }
})

t.test('the phone page', async (t) => {
  const directory = t.testdir({ 'index.html': '<!doctype html>hello', 'app.webmanifest': '{}' })
  mkdirSync(join(directory, 'assets'))
  writeFileSync(join(directory, 'assets', 'index-Ab12.js'), 'let a')
  const { get } = await app([pages(await loadWebFiles(directory))])
  const index = await get('/')
  t.match(index, { statusCode: 200, body: '<!doctype html>hello' })
  t.match(index.headers, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' })
  t.equal((await get('/index.html')).body, index.body)
  t.match(await get('/', { 'if-none-match': index.headers.etag }), { statusCode: 304, body: '' })
  t.match((await get('/assets/index-Ab12.js')).headers, {
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
  })
  t.match((await get('/app.webmanifest')).headers, { 'content-type': /^application\/manifest\+json/ })
  for (const url of ['/assets/', '/assets/../../package.json', '/%2e%2e/package.json']) {
    t.equal((await get(url)).statusCode, 404, url)
  }
})

t.test('a page that was not built says so', async (t) => {
  const files = await loadWebFiles(join(t.testdirName, 'none'))
  t.equal(files, null)
  const { get } = await app([pages(files)])
  t.match((await get('/')).body, /The phone page was not built: run <code>npm run build<\/code>/)
})

t.test('the authority: the steps, its fingerprint, and the certificate itself', async (t) => {
  const now = new Date('2026-06-01T00:00:00Z')
  const { chain } = await makeAuthority('Offhook on test', ['localhost'], now, seededRandom(1))
  const { get } = await app([authority(chain)])
  const page = await get('/ca')
  t.match(page.headers['content-type'], /^text\/html/)
  for (const system of ['Windows', 'macOS', 'iPhone', 'Android', 'Firefox', 'Linux']) t.match(page.body, system)
  t.match(page.body, /([0-9A-F]{2}:){31}[0-9A-F]{2}/)
  t.notMatch(page.body, /<style|<script|style=/, 'its policy allows none')
  const file = await get('/ca.crt')
  t.match(file.headers, { 'content-type': 'application/x-x509-ca-cert', 'content-disposition': /offhook-ca\.crt/ })
  t.equal(file.rawPayload[0], 0x30, 'DER')
  t.match((await get('/ca.css')).headers['content-type'], /^text\/css/)
})

t.test('no authority of our own: nothing to install', async (t) => {
  const { get } = await app([authority(null)])
  t.match((await get('/ca')).body, /Nothing to install/)
  t.equal((await get('/ca.crt')).statusCode, 404)
})
