import t from 'tap'
import { dns01 } from '../../src/certificates/dns01.ts'
import { answer, http01 } from '../../src/certificates/http01.ts'
import type { Ended } from '../../src/platform/command.ts'
import { silentLog } from '../support/silentLog.ts'

const TOKEN = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA'
const PROOF = `${TOKEN}.thumbprint`
const asks = (target: string, how: { method?: string; host?: string | null; port?: number } = {}) =>
  answer(
    { target, method: how.method ?? 'GET', host: how.host === undefined ? 'pbx.example.com' : how.host },
    new Map([[TOKEN, PROOF]]),
    how.port ?? 8443,
  )

t.test('RFC 8555 §8.3: the proof stands under its token, and nothing else does', async (t) => {
  t.match(asks(`/.well-known/acme-challenge/${TOKEN}`), { status: 200, body: PROOF })
  t.match(asks(`/.well-known/acme-challenge/${TOKEN}`, { host: null }), { status: 200 })
  for (const other of ['', 'x', `${TOKEN}?x`, `${TOKEN}/`, '../../etc/passwd', '__proto__', 'constructor']) {
    t.match(asks(`/.well-known/acme-challenge/${other}`), { status: 404 }, other)
  }
})

t.test('everybody else is sent to HTTPS', async (t) => {
  const location = (target: string, host: string | null = 'pbx.example.com', port = 8443) =>
    asks(target, { host, port }).headers.Location
  t.equal(location('/'), 'https://pbx.example.com:8443/')
  t.equal(location('/ca?x=1', 'pbx.example.com:80'), 'https://pbx.example.com:8443/ca?x=1')
  t.equal(location('/', 'pbx.example.com', 443), 'https://pbx.example.com/')
  t.equal(location('/', '[2001:db8::1]:80'), 'https://[2001:db8::1]:8443/')
  t.equal(location('/a\r\nSet-Cookie: x'), 'https://pbx.example.com:8443/', 'no line of the asker’s making')
  t.equal(asks('/').status, 308)
  for (const host of [null, '', 'a b', 'x@evil', 'a/b', 'a\r\nb'])
    t.match(asks('/', { host }), { status: 400 }, String(host))
  t.match(asks('http://elsewhere.example/'), { status: 400 }, 'we are no proxy')
  t.match(asks('/', { method: 'POST' }), { status: 405 })
})

t.test('a port that cannot be had is named with the mend, and tried again', async (t) => {
  let tries = 0
  const fails = (code: string) =>
    http01({
      http: {
        listen: async () => {
          tries++
          throw Object.assign(new Error(code), { code })
        },
      },
      ...{ address: null, port: 80, httpsPort: () => 8443 },
    })
  await t.rejects(fails('EACCES').ready(), { message: 'port 80 is not ours to take', mend: /acme-http-port/ })
  await t.rejects(fails('EADDRINUSE').ready(), { message: 'port 80 is in use', mend: /^stop what uses it/ })
  const again = fails('EACCES')
  tries = 0
  await t.rejects(again.ready())
  await t.rejects(again.ready())
  t.equal(tries, 2)
})

t.test('a listener that comes up after the end is closed', async (t) => {
  let closed = 0
  const http = { listen: async () => ({ port: 80, close: () => void closed++ }) }
  const challenges = http01({ http, address: null, port: 80, httpsPort: () => 8443 })
  const ready = challenges.ready()
  challenges.close()
  await ready
  t.ok(closed > 0)
})

function hook(...ends: Ended[]) {
  const runs: (readonly string[])[] = []
  const warned: string[] = []
  const log = { ...silentLog, warn: (_: object, message: string) => warned.push(message) }
  const run = async (program: string, args: readonly string[]): Promise<Ended> => {
    runs.push([program, ...args])
    return ends.shift() ?? { status: 0, problem: null, output: '' }
  }
  return { runs, warned, challenges: dns01('/etc/hook', run, log) }
}

t.test('RFC 8555 §8.4: the hook is run with the name of the record, the proof and what to do', async (t) => {
  const { runs, challenges } = hook()
  await challenges.show('pbx.example.com', TOKEN, '-proof')
  await challenges.withdraw('pbx.example.com', TOKEN, '-proof')
  t.same(runs, [
    ['/etc/hook', '_acme-challenge.pbx.example.com', '-proof', 'add'],
    ['/etc/hook', '_acme-challenge.pbx.example.com', '-proof', 'remove'],
  ])
})

t.test('a hook that fails', async (t) => {
  const ends: [Ended, string][] = [
    [{ status: 3, problem: null, output: 'no\nkey' }, 'has failed with 3, saying: no key'],
    [{ status: 1, problem: null, output: '' }, 'has failed with 1'],
    [{ status: null, problem: 'ENOENT', output: '' }, 'cannot be run (ENOENT)'],
    [{ status: null, problem: null, output: '' }, 'was ended after 10 minutes'],
  ]
  for (const [end, words] of ends) {
    const { challenges } = hook(end)
    await t.rejects(challenges.show('pbx.example.com', TOKEN, PROOF), {
      message: `the acme-dns-hook /etc/hook ${words}`,
      mend: 'run it by hand, as in: /etc/hook _acme-challenge.pbx.example.com test add',
    })
  }
  const { challenges, warned } = hook({ status: 1, problem: null, output: '' })
  await challenges.withdraw('pbx.example.com', TOKEN, PROOF)
  t.match(warned[0], /the TXT record of _acme-challenge\.pbx\.example\.com may have stayed$/)
})
