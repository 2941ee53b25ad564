import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { SrtpKeys } from '../../src/rtp/srtp/srtpKeys.ts'
import { fingerprintOf } from '../../src/webrtc/dtls/certificate.ts'
import type { DtlsPeer, Handshake } from '../../src/webrtc/dtls/handshakes.ts'
import { createHandshakes } from '../../src/webrtc/dtls/localHandshakes.ts'
import { type Child, startChild } from '../support/child.ts'
import { within } from '../support/deadline.ts'
import { freePort } from '../support/freePort.ts'
import { unless } from '../support/tools.ts'

// OpenSSL's DTLS at the other end: another implementation of all that we check and of all that werift writes.

const skip = unless('openssl')
const patience = 10_000
const handshakes = await createHandshakes()
t.teardown(() => handshakes.close())

const dtls = ['-dtls1_2', '-use_srtp', 'SRTP_AES128_CM_SHA1_80']
const exported = ['-keymatexport', 'EXTRACTOR-dtls_srtp', '-keymatexportlen', '60']

const kinds = {
  ecdsa: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  rsa: ['rsa:2048'],
} as const

function identity(dir: string, kind: keyof typeof kinds) {
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
  const made = ['-nodes', '-keyout', key, '-out', cert, '-subj', '/CN=peer', '-days', '2']
  execFileSync('openssl', ['req', '-x509', '-newkey', ...kinds[kind], ...made], { stdio: 'ignore' })
  const fingerprint = fingerprintOf(new X509Certificate(readFileSync(cert)).raw)
  return { fingerprint, args: ['-cert', cert, '-key', key] }
}

/** A socket with one of our handshakes behind it; it answers whoever spoke last. */
async function ourEnd(t: Test, peer: DtlsPeer, port?: number) {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  let remote = port
  let handshake: Handshake | null = null
  const events = { closed: () => {} }
  const ended = new Promise<SrtpKeys | string>((resolve) => {
    handshake = handshakes.begin(peer, {
      send: (datagram) => remote !== undefined && socket.send(datagram, remote, '127.0.0.1'),
      done: resolve,
      failed: resolve,
      closed: () => events.closed(),
    })
  })
  const closed = new Promise<void>((resolve) => {
    events.closed = resolve
  })
  socket.on('message', (datagram, from) => {
    remote = from.port
    handshake?.take(datagram)
  })
  t.teardown(() => {
    handshake?.close()
    socket.close()
  })
  const outcome = within(patience, 'the end of the handshake', ended)
  return { outcome, closed, port: socket.address().port, handshake: () => handshake }
}

/** The keying material that openssl printed, as RFC 5764 §4.2 cuts it. */
async function material(child: Child): Promise<string> {
  const found = () => /Keying material: ([0-9A-F]{120})/.exec(child.output())?.[1]?.toLowerCase()
  return within(
    patience,
    'keying material',
    new Promise((resolve) => {
      const look = () => {
        const hex = found()
        if (hex !== undefined) resolve(hex)
      }
      child.onLine(look)
      look()
    }),
  )
}

/** Client's key, server's key, client's salt, server's salt. */
function flat(keys: SrtpKeys, role: DtlsPeer['role']): string {
  const [client, server] = role === 'client' ? [keys.local, keys.remote] : [keys.remote, keys.local]
  return Buffer.concat([client.key, server.key, client.salt, server.salt]).toString('hex')
}

for (const kind of ['ecdsa', 'rsa'] as const) {
  for (const asks of [true, false]) {
    t.test(
      `we are the client of openssl with ${kind}, which asks for ${asks ? 'our' : 'no'} certificate`,
      { skip },
      async (t) => {
        const { fingerprint, args } = identity(t.testdir(), kind)
        const port = await freePort()
        const more = asks ? ['-verify', '1'] : []
        const server = await startChild('openssl', [
          's_server',
          ...dtls,
          ...exported,
          ...args,
          '-port',
          `${port}`,
          ...more,
        ])
        t.teardown(() => server.stop())
        await within(
          patience,
          'ACCEPT',
          new Promise<void>((resolve) => server.onLine((line) => line === 'ACCEPT' && resolve())),
        )
        const us = await ourEnd(t, { role: 'client', fingerprints: [fingerprint] }, port)
        const keys = await us.outcome
        if (typeof keys === 'string') return t.fail(keys)
        t.equal(flat(keys, 'client'), await material(server))
      },
    )
  }

  t.test(`we are the server of openssl with ${kind}`, { skip }, async (t) => {
    const { fingerprint, args } = identity(t.testdir(), kind)
    const us = await ourEnd(t, { role: 'server', fingerprints: [fingerprint] })
    const client = await startChild('openssl', [
      's_client',
      ...dtls,
      ...exported,
      ...args,
      '-connect',
      `127.0.0.1:${us.port}`,
    ])
    t.teardown(() => client.stop())
    const keys = await us.outcome
    if (typeof keys === 'string') return t.fail(keys)
    t.equal(flat(keys, 'server'), await material(client))
    if (kind === 'rsa') {
      client.write('Q\n')
      return within(patience, 'its close_notify', us.closed)
    }
    us.handshake()?.close()
    t.equal(await within(patience, 'the end of openssl', client.exited), 0, 'our close_notify ends it')
  })
}

t.test('openssl as a client without a certificate is refused, and told so', { skip }, async (t) => {
  const us = await ourEnd(t, { role: 'server', fingerprints: [handshakes.fingerprint] })
  const client = await startChild('openssl', ['s_client', ...dtls, '-connect', `127.0.0.1:${us.port}`])
  t.teardown(() => client.stop())
  t.equal(await us.outcome, 'the peer presented no certificate')
  t.equal(await within(patience, 'the end of openssl', client.exited), 1)
})

t.test('openssl with a certificate that its SDP does not name', { skip }, async (t) => {
  const { args } = identity(t.testdir(), 'ecdsa')
  const us = await ourEnd(t, { role: 'server', fingerprints: [handshakes.fingerprint] })
  const client = await startChild('openssl', ['s_client', ...dtls, ...args, '-connect', `127.0.0.1:${us.port}`])
  t.teardown(() => client.stop())
  t.equal(await us.outcome, "the peer's certificate does not have the fingerprint of its SDP")
})

t.test('openssl with a small MTU: its messages come in pieces', { skip }, async (t) => {
  const { fingerprint, args } = identity(t.testdir(), 'rsa')
  const us = await ourEnd(t, { role: 'server', fingerprints: [fingerprint] })
  const small = ['-mtu', '300']
  const client = await startChild('openssl', [
    's_client',
    ...dtls,
    ...exported,
    ...args,
    ...small,
    '-connect',
    `127.0.0.1:${us.port}`,
  ])
  t.teardown(() => client.stop())
  const keys = await us.outcome
  if (typeof keys === 'string') return t.fail(keys)
  t.equal(flat(keys, 'server'), await material(client))
})
