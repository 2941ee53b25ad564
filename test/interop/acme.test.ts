import { execFile } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { promisify } from 'node:util'
import { axios } from 'acme-client'
import t, { type Test } from 'tap'
import { type AcmeParts, acmeCertificates } from '../../src/certificates/acme.ts'
import { type Certificate, CurrentCertificate } from '../../src/certificates/certificate.ts'
import { runCommand } from '../../src/platform/command.ts'
import { nodePlainHttp } from '../../src/platform/plainHttp.ts'
import { nodeTextFiles } from '../../src/platform/textFiles.ts'
import { startChild } from '../support/child.ts'
import { until, within } from '../support/deadline.ts'
import { freePort } from '../support/freePort.ts'
import { startOffhook } from '../support/offhook.ts'
import { silentLog } from '../support/silentLog.ts'
import { unless } from '../support/tools.ts'
import { VirtualClock } from '../support/virtual/clock.ts'

const run = promisify(execFile)
const skip = unless('pebble', 'pebble-challtestsrv', 'openssl')
const DAY = 24 * 3600 * 1000
const OWN: Certificate = { chain: 'own', key: 'own' }

/** A real ACME server (pebble, of Let's Encrypt) and its name server, on this host, whose names are all 127.0.0.1. */
async function pebble(t: Test) {
  const directory = t.testdir({})
  const port = await freePort(5)
  const [acme, management, httpPort, dns, dnsManagement] = [port, port + 1, port + 2, port + 3, port + 4]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
  const to = { certificate: join(directory, 'ca.pem'), privateKey: join(directory, 'ca.key') }
  await run('openssl', [
    'req',
    '-x509',
    '-nodes',
    ...curve,
    ...subject,
    '-keyout',
    to.privateKey,
    '-out',
    to.certificate,
  ])
  const config = {
    ...to,
    listenAddress: `127.0.0.1:${acme}`,
    managementListenAddress: `127.0.0.1:${management}`,
    httpPort,
    tlsPort: 1,
  }
  writeFileSync(join(directory, 'pebble.json'), JSON.stringify({ pebble: config }))
  const names = await startChild('pebble-challtestsrv', [
    ...['-dns01', `127.0.0.1:${dns}`, '-management', `127.0.0.1:${dnsManagement}`, '-defaultIPv6', ''],
    ...['-http01', '', '-https01', '', '-tlsalpn01', ''],
  ])
  t.teardown(() => names.stop())
  // Proofs are asked for at once, and never remembered: each order must prove anew.
  const env = { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_AUTHZREUSE: '0' }
  const options = ['-config', join(directory, 'pebble.json'), '-dnsserver', `127.0.0.1:${dns}`]
  const server = await startChild('pebble', options, { env })
  t.teardown(() => server.stop())
  axios.defaults.httpsAgent = new Agent({ ca: readFileSync(to.certificate) })
  axios.defaults.proxy = false
  await within(10_000, 'pebble to listen', saysListening(server))
  const authority = to.certificate
  return {
    authority,
    url: `https://127.0.0.1:${acme}/dir`,
    httpPort,
    dnsManagement: `http://127.0.0.1:${dnsManagement}`,
    server,
  }
}

function saysListening(server: Awaited<ReturnType<typeof startChild>>): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (server.output().includes('ACME directory available')) resolve()
    }
    server.onLine(look)
    look()
  })
}

interface Setup {
  readonly url: string
  readonly httpPort: number
  readonly names?: readonly string[]
  readonly dnsHook?: string
}

/** Our end: on a clock that a test moves, so that a certificate's months take no time. */
async function ours(t: Test, { url, httpPort, names = ['pbx.example.test'], dnsHook }: Setup) {
  const clock = new VirtualClock()
  const warned: string[] = []
  const directory = join(t.testdirName, 'ours')
  const own = new CurrentCertificate(OWN)
  const fallback = {
    current: OWN,
    onChanged: (changed: (certificate: Certificate) => void) => own.onChanged(changed),
    close() {},
  }
  const parts: AcmeParts = {
    acme: { names, email: 'admin@example.test', directory: url, httpPort, dnsHook: dnsHook ?? null },
    log: { ...silentLog, warn: (_: object, message: string) => warned.push(message) },
    ...{ clock, directory, fallback, files: nodeTextFiles, http: nodePlainHttp, run: runCommand },
    ...{ address: '127.0.0.1', httpsPort: () => 8443 },
  }
  const source = await acmeCertificates(parts)
  t.teardown(() => source.close())
  const next = () => within(60_000, 'a certificate', new Promise<Certificate>((resolve) => source.onChanged(resolve)))
  const kept = join(directory, new URL(url).host.replace(':', '_'))
  return { clock, source, next, warned, kept }
}

const namesOf = ({ chain }: Certificate) => new X509Certificate(chain).subjectAltName

t.test('HTTP-01: issued, kept, renewed; everybody else is sent to HTTPS', { skip }, async (t) => {
  const authority = await pebble(t)
  const { clock, source, next, warned, kept } = await ours(t, {
    ...authority,
    names: ['pbx.example.test', 'www.example.test'],
  })
  t.equal(source.current, OWN, 'ours until then')
  const first = await next()
  t.equal(namesOf(first), 'DNS:pbx.example.test, DNS:www.example.test')
  t.ok(new X509Certificate(first.chain).checkPrivateKey(createPrivateKey(first.key)))
  t.ok(first.chain.match(/BEGIN CERTIFICATE/g)?.length === 2, 'with what stands above it')
  t.same(warned, [])

  const elsewhere = await fetch(`http://127.0.0.1:${authority.httpPort}/ca`, { redirect: 'manual' })
  t.equal(elsewhere.headers.get('location'), 'https://127.0.0.1:8443/ca')
  const guess = await fetch(`http://127.0.0.1:${authority.httpPort}/.well-known/acme-challenge/guess`)
  t.equal(guess.status, 404)

  const certificate = join(kept, 'certificate.pem')
  await within(5_000, 'it to be kept', keptIn(certificate))
  for (const file of [certificate, join(kept, 'account.key')]) t.equal(statSync(file).mode & 0o777, 0o600, file)
  const { validFrom, validTo } = new X509Certificate(first.chain)
  const life = Date.parse(validTo) - Date.parse(validFrom)
  const renewal = Date.parse(validFrom) + (life * 2) / 3 - clock.wall().getTime()
  await clock.advance(renewal - DAY)
  t.equal(source.current, first, 'not before two thirds of its life')
  const renewed = next()
  await clock.advance(DAY + 1)
  const second = await renewed
  t.not(second.chain, first.chain)
  t.not(second.key, first.key)
  t.equal(namesOf(second), namesOf(first))
  t.match(authority.server.output().match(/There are now 1 accounts/g) ?? [], { length: 1 }, 'by the same account')
})

async function keptIn(file: string): Promise<void> {
  while ((await nodeTextFiles.read(file)) === null) {}
}

t.test(
  'DNS-01: a hook puts the records in place and takes them away, for a name and all below it',
  { skip },
  async (t) => {
    const authority = await pebble(t)
    const dnsHook = join(t.testdirName, 'hook.mjs')
    const calls = join(t.testdirName, 'calls')
    // Tells pebble's name server; its names end with a dot.
    writeFileSync(
      dnsHook,
      `#!${process.execPath}
import { appendFileSync } from 'node:fs'
const [name, value, what] = process.argv.slice(2)
appendFileSync(${JSON.stringify(calls)}, what + ' ' + name + '\\n')
const path = what === 'add' ? '/set-txt' : '/clear-txt'
await fetch(${JSON.stringify(authority.dnsManagement)} + path, { method: 'POST', body: JSON.stringify({ host: name + '.', value }) })
`,
      { mode: 0o700 },
    )
    const names = ['example.test', '*.example.test']
    const { next, warned, kept } = await ours(t, { ...authority, names, dnsHook })
    t.same(
      namesOf(await next())
        ?.split(', ')
        .sort(),
      ['DNS:*.example.test', 'DNS:example.test'],
    )
    t.same(warned, [])
    await within(5_000, 'it to be kept', keptIn(join(kept, 'certificate.pem')))
    const pair = 'add _acme-challenge.example.test\nremove _acme-challenge.example.test\n'
    t.equal(readFileSync(calls, 'utf8'), pair + pair)
  },
)

t.test('refused: the log names the mend, and our own certificate stays', { skip }, async (t) => {
  const authority = await pebble(t)
  // Nobody listens where the authority asks.
  const port = await freePort()
  const { clock, source, warned } = await ours(t, { ...authority, httpPort: port })
  await within(60_000, 'the refusal to be told of', told(warned))
  t.match(
    warned[0],
    /^no certificate yet for pbx\.example\.test: the certificate authority could not see that pbx\.example\.test is ours \(.+\); see that the DNS has pbx\.example\.test at this host and that its port 80 reaches our port \d+ from the internet, or set acme-dns-hook; it is tried again in 5 minutes$/,
  )
  t.equal(source.current, OWN)
  t.ok(clock.timers > 0, 'and it is tried again')
})

t.test('a hook that cannot be run', { skip }, async (t) => {
  const authority = await pebble(t)
  const { warned } = await ours(t, { ...authority, dnsHook: '/nowhere/hook' })
  await within(60_000, 'it to be told of', told(warned))
  t.match(warned[0], /the acme-dns-hook \/nowhere\/hook cannot be run \(ENOENT\); run it by hand, as in: /)
})

async function told(warned: readonly string[]): Promise<void> {
  while (warned.length === 0) await new Promise((resolve) => setImmediate(resolve))
}

t.test('offhook serve', { skip }, async (t) => {
  const { url, httpPort, authority } = await pebble(t)
  const acme = ['--acme-name', 'pbx.example.test', '--acme-directory', url, '--acme-http-port', String(httpPort)]
  // A control socket's path may not be long.
  const data = mkdtempSync(join(tmpdir(), 'offhook-'))
  t.teardown(() => rmSync(data, { recursive: true }))
  const offhook = await startOffhook(data, {
    args: [...acme, '--acme-agree-terms'],
    under: ['env', `NODE_EXTRA_CA_CERTS=${authority}`],
  })
  t.teardown(() => offhook.stop())
  const issuer = () => within(5_000, 'the certificate to be seen', issuerAt(offhook.https))
  const issued = async () => ((await issuer()).includes('Pebble') ? true : undefined)
  t.ok(
    await until(60_000, 'the certificate of the authority', issued),
    'its own at first, then that of the authority, without a restart',
  )
  t.match(offhook.log(), /an authority of our own was made/)
  const page = await fetch(`http://127.0.0.1:${httpPort}/`, { redirect: 'manual' })
  t.equal(page.headers.get('location'), `https://127.0.0.1:${offhook.https}/`)
})

/** Who has issued the certificate that is shown at this port of ours. */
function issuerAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(
      { port, host: '127.0.0.1', servername: 'pbx.example.test', rejectUnauthorized: false },
      () => {
        resolve(socket.getPeerX509Certificate()?.issuer ?? '')
        socket.end()
      },
    )
    socket.once('error', reject)
  })
}
