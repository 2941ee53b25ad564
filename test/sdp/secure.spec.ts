import fc from 'fast-check'
import t from 'tap'
import { isIP } from '../../src/platform/address.ts'
import type { SessionDescription } from '../../src/sdp/description.ts'
import { parseDescription } from '../../src/sdp/parse.ts'
import type { SecureDescription } from '../../src/sdp/secure.ts'
import { baresipDtls, firefox, munged, SHA_256, safari } from './browsers.ts'
import { bytes, described, mediaAt } from './describe.ts'
import { chrome, lines, linphone, yealink } from './phones.ts'

/** The secure side of the first m-line. */
function secureIn(description: SessionDescription): SecureDescription | null {
  return mediaAt(description, 0).secure
}

/** A description whose one m-line has these lines beside what it needs. */
function withLines(...added: string[]): SecureDescription | null {
  const all = [...SESSION, 'm=audio 4000 UDP/TLS/RTP/SAVPF 0', 'a=rtcp-mux', ...WHOLE, ...added]
  return secureIn(described(lines(...all)))
}

const SESSION = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0']
const CREDENTIALS = ['a=ice-ufrag:EsAw', 'a=ice-pwd:bP+XJMM09aR8AiX1jdukzR6Y']
const WHOLE = [...CREDENTIALS, `a=fingerprint:sha-256 ${SHA_256}`]

t.test('what browsers and phones say, wherever and however they say it', async (t) => {
  const fingerprints = [{ algorithm: 'sha-256', value: SHA_256 }]
  t.same(secureIn(described(chrome)), {
    ice: {
      ufrag: 'Vm0H',
      password: 'u+ybMAbYtn7yU6ypiLCYOwYL',
      candidates: [{ address: '192.168.1.33', port: 54609, priority: 2122260223 }],
      lite: false,
    },
    ...{ fingerprints, setup: 'actpass', mid: '0', bundled: true },
  })
  t.same(secureIn(described(firefox)), {
    ice: {
      ufrag: 'f10e8f3a',
      password: '65255873441c59296e82b673959f8c67',
      candidates: [
        { address: '192.168.0.14', port: 44440, priority: 2122252543 },
        { address: 'fd00:0:0:1::14', port: 38073, priority: 2122187007 },
        { address: '203.0.113.9', port: 51022, priority: 1686052863 },
      ],
      lite: false,
    },
    ...{ fingerprints, setup: 'actpass', mid: '0', bundled: true },
  })
  t.match(secureIn(described(safari)), { ice: { candidates: [] }, mid: 'audio', bundled: true })
  t.match(secureIn(described(munged)), { ice: { ufrag: '4G/b', candidates: [{}, { address: '203.0.113.9' }] } })
  t.match(secureIn(described(baresipDtls)), {
    ...{ ice: { ufrag: 'xdHQ9bd', candidates: [{ port: 34586 }] }, fingerprints, setup: 'actpass' },
    ...{ mid: null, bundled: false },
  })
})

t.test('who speaks plain RTP has nothing of it, nor who says half of it', async (t) => {
  for (const phone of [linphone, yealink]) t.equal(secureIn(described(phone)), null)
  for (const missing of WHOLE) {
    const rest = WHOLE.filter((line) => line !== missing)
    const text = lines(...SESSION, 'm=audio 4000 UDP/TLS/RTP/SAVPF 0', ...rest)
    t.equal(secureIn(described(text)), null, missing)
  }
})

t.test('what stands with the session counts for each m-line that does not say it itself', async (t) => {
  const other = SHA_256.replace('5A', '00')
  const text = lines(
    ...SESSION,
    ...['a=ice-lite', 'a=setup:passive', 'a=ice-ufrag:sess', `a=ice-pwd:${'s'.repeat(22)}`],
    `a=fingerprint:sha-256 ${SHA_256}`,
    'm=audio 4000 UDP/TLS/RTP/SAVPF 0',
    'm=audio 4002 UDP/TLS/RTP/SAVPF 0',
    ...['a=setup:active', 'a=ice-ufrag:mine', `a=ice-pwd:${'m'.repeat(22)}`, `a=fingerprint:sha-256 ${other}`],
  )
  const [first, second] = described(text).media
  t.match(first?.secure, { ice: { ufrag: 'sess', lite: true }, setup: 'passive', fingerprints: [{ value: SHA_256 }] })
  t.match(second?.secure, { ice: { ufrag: 'mine', lite: true }, setup: 'active', fingerprints: [{ value: other }] })
  t.equal(second?.secure?.fingerprints.length, 1)
})

t.test('a fingerprint has to prove something', async (t) => {
  const weak = `a=fingerprint:sha-1 ${Array(20).fill('AB').join(':')}`
  const strong = `a=fingerprint:SHA-512 ${Array(64).fill('cd').join(':')}`
  t.same(withLines(weak, strong)?.fingerprints, [
    { algorithm: 'sha-256', value: SHA_256 },
    { algorithm: 'sha-512', value: Array(64).fill('CD').join(':') },
  ])
  const text = lines(...SESSION, 'm=audio 4000 UDP/TLS/RTP/SAVPF 0', ...CREDENTIALS, weak)
  t.equal(secureIn(described(text)), null)
})

t.test('attributes that are malformed are left out, and the rest is taken', async (t) => {
  const longer = (name: string): string => `a=${name}:${'x'.repeat(257)}`
  for (const line of [
    'a=ice-ufrag:abc',
    'a=ice-ufrag:with space',
    longer('ice-ufrag'),
    'a=ice-pwd:tooshort',
    longer('ice-pwd'),
    'a=fingerprint:sha-256',
    'a=fingerprint:sha-256 5A0B4C',
    'a=fingerprint:sha-256 5A:0B:ZZ',
    'a=setup:whatever',
    'a=setup:',
    'a=mid:',
    `a=mid:${'m'.repeat(33)}`,
    'a=mid:two words',
    'a=candidate:',
    'a=candidate:1 1 udp',
    'a=candidate:1 1 udp 99999999999 192.0.2.9 4000 typ host',
    'a=candidate:1 1 udp 4294967296 192.0.2.9 4000 typ host',
    'a=candidate:1 1 udp 1 192.0.2.9 0 typ host',
    'a=candidate:1 1 udp 1 192.0.2.9 65536 typ host',
    'a=candidate:1 1 udp 1 300.0.2.9 4000 typ host',
    'a=candidate:1 1 udp 1 fe80::1%eth0 4000 typ host',
    'a=candidate:1 1 udp 1 name.example.com 4000 typ host',
    'a=candidate:1 1 udp 1 192.0.2.9 4000 typ other',
    'a=candidate:1 1 tcp 1 192.0.2.9 4000 typ host',
    'a=candidate:1 2 udp 1 192.0.2.9 4000 typ host',
    'a=group:BUNDLE',
    'a=ice-lite:yes',
  ]) {
    t.same(withLines(line), withLines(), line)
  }
})

t.test('names do not decide where packets go, and a peer names so many places and no more', async (t) => {
  const many = Array.from({ length: 100 }, (_, at) => `a=candidate:${at} 1 udp ${at} 192.0.2.9 ${4000 + at} typ host`)
  t.equal(withLines(...many)?.ice.candidates.length, 32)
  t.same(withLines('a=candidate:1 1 udp 7 ::ffff:192.0.2.9 4000 typ host')?.ice.candidates, [
    { address: '192.0.2.9', port: 4000, priority: 7 },
  ])
})

const value = fc.string({ maxLength: 40 }).map((text) => text.replace(/[\x00-\x1f]/g, ' '))
const line = fc.oneof(
  fc
    .tuple(fc.constantFrom(...'ice-ufrag ice-pwd fingerprint setup mid candidate group ice-lite'.split(' ')), value)
    .map(([name, text]) => `a=${name}:${text}`),
  fc
    .record({
      component: fc.integer({ min: 0, max: 3 }),
      priority: fc.integer({ min: -1, max: 2 ** 33 }),
      address: fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain(), value),
      port: fc.integer({ min: -1, max: 70_000 }),
    })
    .map(({ component, priority, address, port }) => {
      return `a=candidate:1 ${component} udp ${priority} ${address} ${port} typ host`
    }),
  fc.constantFrom(...WHOLE, 'a=setup:actpass', 'a=mid:0', 'a=rtcp-mux', 'm=video 9 UDP/TLS/RTP/SAVPF 96'),
)

t.test('whatever stands there: nothing throws, and what is read has its shape', async () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (added) => {
      const read = parseDescription(bytes(lines(...SESSION, 'm=audio 4000 UDP/TLS/RTP/SAVPF 0', ...added)))
      if (read.kind !== 'description') return
      for (const { secure } of read.media) if (secure !== null) checkShape(secure)
    }),
    { numRuns: 2000 },
  )
})

function checkShape({ ice, fingerprints, mid, bundled }: SecureDescription): void {
  if (!/^[\w+/=-]{4,256}$/.test(ice.ufrag) || !/^[\w+/=-]{22,256}$/.test(ice.password)) throw new Error('credentials')
  if (fingerprints.length === 0) throw new Error('no fingerprint')
  for (const { algorithm, value } of fingerprints) {
    if (!/^sha-(256|384|512)$/.test(algorithm) || !/^[\dA-F]{2}(:[\dA-F]{2})+$/.test(value))
      throw new Error('fingerprint')
  }
  for (const { address, port, priority } of ice.candidates) {
    if (!isIP(address) || port < 1 || port > 65_535 || priority < 0 || priority >= 2 ** 32) throw new Error('candidate')
  }
  if (bundled && mid === null) throw new Error('bundled without a name')
}
