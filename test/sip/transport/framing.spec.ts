import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { maxHeadOctets, maxMessageOctets } from '../../../src/sip/message/limits.ts'
import { parseMessage } from '../../../src/sip/message/parse.ts'
import { StreamFramer } from '../../../src/sip/transport/framing.ts'

const head = (length: string) =>
  `OPTIONS sip:bob@h SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=1\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: x\r\n` +
  `CSeq: 1 OPTIONS\r\n${length}\r\n`
const message = (body = '') => `${head(`Content-Length: ${body.length}\r\n`)}${body}`

/** What comes out when `chunks` go in: messages as text, pings, and the reason and status of a break. */
function framed(...chunks: readonly string[]): string[] {
  const framer = new StreamFramer()
  return chunks.flatMap((chunk) => framer.push(Buffer.from(chunk, 'latin1')).map(shown))
}

function shown(piece: ReturnType<StreamFramer['push']>[number]): string {
  if (piece.kind === 'message') return Buffer.from(piece.bytes).toString('latin1')
  return piece.kind === 'ping' ? 'ping' : `broken: ${piece.malformed.status} ${piece.malformed.reason}`
}

t.test('messages are cut by their Content-Length', async (t) => {
  t.strictSame(framed(message()), [message()])
  t.strictSame(framed(message('hello') + message() + message('x')), [message('hello'), message(), message('x')])
  t.strictSame(framed(message('hello').slice(0, -1)), [], 'not whole yet')
  const compact = head('l : 2\r\n').replaceAll('\r\n', '\n')
  t.strictSame(framed(`${compact}ab`), [`${compact}ab`], 'compact form, bare LF')
  const folded = head('Content-Length:\r\n 2\r\n')
  t.strictSame(framed(`${folded}ab`), [`${folded}ab`], 'folded')
  const decoy = `${head('X-Content-Length: 9\r\nContent-Length: 0\r\n')}`
  t.strictSame(framed(decoy), [decoy])
})

t.test('a message over several chunks', async (t) => {
  const text = message('hello')
  t.strictSame(framed(text.slice(0, 30), text.slice(30)), [text])
  t.strictSame(framed(...text), [text], 'octet by octet')
  t.strictSame(framed(`${text}${text.slice(0, 50)}`, text.slice(50, 60), `${text.slice(60)}${text}`), [
    text,
    text,
    text,
  ])
})

t.test('keepalives, RFC 5626 §4.4.1', async (t) => {
  t.strictSame(framed('\r\n\r\n'), ['ping'])
  t.strictSame(framed('\r', '\n', '\r', '\n'), ['ping'])
  t.strictSame(framed('\r\n'), [], 'a pong')
  t.strictSame(framed('\r\n\r\n\r\n\r\n'), ['ping', 'ping'])
  t.strictSame(framed(`\r\n\r\n${message()}\r\n\r\n${message()}`), ['ping', message(), 'ping', message()])
  t.strictSame(framed(`\r\n${message()}\r\n`, `\r\n${message()}`), [message(), 'ping', message()])
  t.strictSame(
    framed(`${message()}\r\n`, message(), '\r\n'),
    [message(), message()],
    'two pongs with a message between',
  )
  t.strictSame(framed('\n\n\0\0', '\r\r\n\n'), [], 'what else is empty is skipped')
})

t.test('where a message ends cannot be told', async (t) => {
  t.strictSame(framed(head('')), ['broken: 400 Missing Content-Length'])
  for (const length of ['-1', 'x', '', '1 2', '0x10']) {
    t.strictSame(framed(head(`Content-Length: ${length}\r\n`)), ['broken: 400 Malformed Content-Length'], length)
  }
  t.strictSame(framed(head('Content-Length: 1\r\nl: 2\r\n')), ['broken: 400 Malformed Content-Length'])
  t.strictSame(
    framed(message(), head(''), message()),
    [message(), 'broken: 400 Missing Content-Length'],
    'nothing after it',
  )
  const response = head('').replace('OPTIONS sip:bob@h SIP/2.0', 'SIP/2.0 200 OK')
  t.strictSame(framed(response), ['broken: null Missing Content-Length'], 'a response is not answered')
})

t.test('a break can be answered', async (t) => {
  const [piece] = new StreamFramer().push(Buffer.from(head('')))
  if (piece?.kind !== 'broken') return t.fail('not broken')
  t.match(piece.malformed, { status: 400, method: 'OPTIONS', via: { host: 'a' } })
  t.equal(piece.malformed.headers?.first('call-id'), 'x')
})

t.test('limits', async (t) => {
  const most = maxMessageOctets - head(`Content-Length: ${maxMessageOctets}\r\n`).length
  t.equal(framed(message('x'.repeat(most))).length, 1)
  t.strictSame(framed(message('x'.repeat(most + 1))), ['broken: 513 Message Too Large'])
  t.strictSame(
    framed(head('Content-Length: 99999999999\r\n')),
    ['broken: 513 Message Too Large'],
    'before its body came',
  )
  const long = `OPTIONS sip:h SIP/2.0\r\nVia: SIP/2.0/TCP a\r\n${'X: y\r\n'.repeat(maxHeadOctets)}`
  t.strictSame(framed(long), ['broken: 513 Headers Too Large'])
  t.strictSame(framed(long.slice(0, maxHeadOctets), 'x'), ['broken: 513 Headers Too Large'], 'at the very octet')
  t.strictSame(framed(long.slice(0, maxHeadOctets)), [])
})

const corpus = ['wsinv', 'intmeth', 'longreq', 'mpart01', 'unreason'].map((name) =>
  readFileSync(new URL(`../../fixtures/rfc4475/${name}.dat`, import.meta.url), 'latin1'),
)

t.test('the chunks make no difference', async () => {
  const stream = fc.array(
    fc.constantFrom(...corpus, message(), message('\r\n\r\nbody'), '\r\n', '\r\n\r\n', 'nonsense\r\n\r\n'),
    { maxLength: 8 },
  )
  fc.assert(
    fc.property(stream, fc.array(fc.nat(6000)), (parts, cuts) => {
      const text = parts.join('')
      const ends = [...cuts.filter((cut) => cut < text.length), text.length].sort((a, b) => a - b)
      const chunks = ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end))
      return JSON.stringify(framed(...chunks)) === JSON.stringify(framed(text))
    }),
    { numRuns: 300 },
  )
})

t.test('what is framed is read as it was sent', async (t) => {
  const pieces = new StreamFramer().push(Buffer.from(corpus.join('\r\n'), 'latin1'))
  t.strictSame(pieces.map(shown), corpus)
  for (const piece of pieces) t.not(piece.kind === 'message' && parseMessage(piece.bytes, 'stream').kind, 'malformed')
})

t.test('time is linear in the octets, even one by one', async (t) => {
  const feed = (octets: Uint8Array) => {
    const framer = new StreamFramer()
    let pieces = 0
    const started = performance.now()
    for (let at = 0; at < octets.length; at++) pieces += framer.push(octets.subarray(at, at + 1)).length
    t.equal(pieces, 1)
    return performance.now() - started
  }
  const best = (text: string) => Math.min(...[1, 2, 3].map(() => feed(Buffer.from(text))))
  // Copying what is held at each octet would move 1.8 GB, searching it again would look at 450 million octets.
  const body = best(message('\r\n'.repeat(30_000)))
  t.ok(body < 150, `a large body: ${body.toFixed(1)} ms`)
  const lines = best(`${head('').slice(0, -2)}${'X: y\r\n'.repeat(5000)}Content-Length: 0\r\n\r\n`)
  t.ok(lines < 150, `many lines: ${lines.toFixed(1)} ms`)
})
