import t from 'tap'
import { CurrentCertificate } from '../../src/certificates/certificate.ts'
import { WebServer } from '../../src/http/webServer.ts'
import type { Endpoint } from '../../src/platform/network.ts'
import type { Handshake, Identity, WebHandlers, WebNetwork } from '../../src/platform/webNetwork.ts'
import { silentLog } from '../support/silentLog.ts'

/** Ports that only note what is done with them. */
class FakeWeb implements WebNetwork {
  readonly open = new Map<string, Identity>()
  /** Addresses that cannot be bound, and why. */
  readonly broken = new Map<string, string>()
  handlers: WebHandlers | null = null

  async listenHttps(at: Endpoint, identity: Identity, handlers: WebHandlers) {
    const code = this.broken.get(at.address)
    if (code) throw Object.assign(new Error(code), { code })
    this.handlers = handlers
    const local = { address: at.address, port: at.port === 0 ? 45678 : at.port }
    this.open.set(local.address, identity)
    return {
      local,
      show: (next: Identity) => void this.open.set(local.address, next),
      close: () => void this.open.delete(local.address),
    }
  }
}

async function bench() {
  const web = new FakeWeb()
  const certificate = new CurrentCertificate({ chain: 'first', key: '' })
  const banned = new Set<string>()
  const server = await WebServer.create({
    ...{ web, log: silentLog, routes: [], isPublic: () => false },
    certificate: {
      ...close(),
      onChanged: (run) => certificate.onChanged(run),
      get current() {
        return certificate.current
      },
    },
    origins: [],
    admits: (address) => !banned.has(address),
    isLocal: (address) => address.startsWith('10.'),
    accept: () => {},
  })
  return { web, certificate, banned, server }
}

const close = () => ({ close() {} })

const handshake: Handshake = {
  remote: { address: '203.0.113.7', port: 50000 },
  local: { address: '10.0.0.1', port: 8443 },
  path: '/sip',
  origin: 'https://pbx.example:8443',
  host: 'pbx.example:8443',
  protocols: ['sip'],
}

t.test('one port of all addresses, and of those that come later', async (t) => {
  const { web, server } = await bench()
  t.equal(await server.listen(['10.0.0.1', '::1'], 0), 45678)
  t.same([...web.open.keys()], ['10.0.0.1', '::1'])
  await server.follow(['10.0.0.1', '10.0.0.2'])
  t.same(server.endpoints, [
    { address: '10.0.0.1', port: 45678 },
    { address: '10.0.0.2', port: 45678 },
  ])
  web.broken.set('10.0.0.3', 'EADDRINUSE')
  await server.follow(['10.0.0.1', '10.0.0.3'])
  t.same([...web.open.keys()], ['10.0.0.1'], 'one that cannot be had is left out')
  await server.close()
  t.equal(web.open.size, 0)
  await server.follow(['10.0.0.1'])
  t.equal(web.open.size, 0, 'what is closed stays so')
})

t.test('a port that is in use lets go of all; an address that is not there yet is left out', async (t) => {
  const { web, server } = await bench()
  web.broken.set('::1', 'EADDRINUSE')
  await t.rejects(server.listen(['10.0.0.1', '::1'], 8443), { code: 'EADDRINUSE' })
  t.equal(web.open.size, 0)
  web.broken.set('::1', 'EADDRNOTAVAIL')
  t.equal(await server.listen(['10.0.0.1', '::1'], 8443), 8443)
  await server.follow([])
  await t.rejects(server.listen(['::1'], 8443), { code: 'EADDRNOTAVAIL' }, 'unless there is no other')
})

t.test('a new certificate is shown on every port', async (t) => {
  const { web, server, certificate } = await bench()
  await server.listen(['10.0.0.1', '10.0.0.2'], 8443)
  certificate.replace({ chain: 'second', key: '' })
  t.same(
    [...web.open.values()].map(({ chain }) => chain),
    ['second', 'second'],
  )
  await server.follow(['10.0.0.1', '10.0.0.2', '10.0.0.3'])
  t.equal(web.open.get('10.0.0.3')?.chain, 'second')
  await server.close()
  certificate.replace({ chain: 'third', key: '' })
  t.equal(web.open.size, 0)
})

t.test('who may open a WebSocket', async (t) => {
  const { web, server, banned } = await bench()
  await server.listen(['10.0.0.1'], 8443)
  const judge = (how: Partial<Handshake>) => web.handlers?.judge({ ...handshake, ...how })
  t.same(judge({}), { protocol: 'sip' })
  t.same(judge({ protocols: ['xmpp', 'sip'], origin: null }), { protocol: 'sip' })
  t.match(judge({ path: '/' }), { status: 404, reason: /\/sip/ })
  t.match(judge({ protocols: [''] }), { status: 400, reason: /subprotocol sip/ })
  t.match(judge({ origin: 'https://evil.example' }), { status: 403, reason: /evil\.example/ })
  banned.add('203.0.113.7')
  t.match(judge({}), { status: 403 })
})

t.test('who is banned, or is there too often, is not talked to at all', async (t) => {
  const { web, server, banned } = await bench()
  await server.listen(['10.0.0.1'], 8443)
  const admit = (address: string) => web.handlers?.admit(address)
  const leaves = Array.from({ length: 200 }, () => admit('203.0.113.7'))
  t.equal(admit('203.0.113.7'), null)
  t.ok(admit('10.0.0.9'))
  t.equal(server.connections, 201)
  for (const leave of leaves) leave?.()
  t.equal(server.connections, 1)
  banned.add('10.0.0.9')
  t.equal(admit('10.0.0.9'), null)
})
