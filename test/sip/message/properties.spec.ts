import fc from 'fast-check'
import t from 'tap'
import { answerMalformed, createResponse, receivedFrom } from '../../../src/sip/message/create.ts'
import {
  contacts,
  formatNameAddr,
  parseAuth,
  parseExpires,
  parseNameAddr,
  parseParameterized,
  parseQ,
  parseVia,
  routes,
  tokens,
} from '../../../src/sip/message/fields.ts'
import type { SipMessage } from '../../../src/sip/message/message.ts'
import { parseMessage } from '../../../src/sip/message/parse.ts'
import { sameUri } from '../../../src/sip/message/sameUri.ts'
import { escapeUser, parseUri, sipUri, unescapeUser } from '../../../src/sip/message/uri.ts'
import { writeMessage } from '../../../src/sip/message/write.ts'
import { corpusMessage, corpusNames } from '../../support/corpus.ts'
import { cpuTime } from '../../support/cpuTime.ts'
import { options, wire } from './wire.ts'

const corpus = (['rfc4475', 'rfc5118'] as const).flatMap((rfc) =>
  corpusNames(rfc).map((name) => corpusMessage(rfc, name)),
)

const telling = [
  '\r',
  '\n',
  '\r\n ',
  '\0',
  '"',
  '\\',
  '<',
  '>',
  ',',
  ';',
  ':',
  '=',
  '@',
  '%',
  '[',
  ']',
  ' ',
  '\t',
  '*',
  '\xff',
  'SIP/2.0',
]

/** An octet string in which what means something to a parser is frequent. */
const noise = fc
  .array(fc.oneof(fc.constantFrom(...telling), fc.string({ maxLength: 4, unit: 'binary-ascii' })), { maxLength: 30 })
  .map((parts) => parts.join(''))

/** A message that was valid, or was made to torture, with some of its octets replaced. */
const mutated = fc
  .tuple(
    fc.constantFrom(...corpus, Buffer.from(wire(options({ Contact: '"A" <sip:a@h>;q=0.1', Route: '<sip:p;lr>' })))),
    fc.array(fc.tuple(fc.nat(2000), fc.nat(20), noise), { minLength: 1, maxLength: 4 }),
  )
  .map(([bytes, changes]) => {
    let text = bytes.toString('latin1')
    for (const [at, length, put] of changes) text = text.slice(0, at) + put + text.slice(at + length)
    return Buffer.from(text, 'latin1')
  })

const source = { address: '192.0.2.7', port: 4000 }

/** Asks a message everything it can be asked. */
function interrogate(message: SipMessage): void {
  const { headers, via, from, to, cSeq, callId } = message
  if (typeof callId !== 'string' || typeof cSeq.method !== 'string') throw new Error('unread')
  contacts(headers)
  for (const key of ['route', 'record-route'] as const) routes(headers, key)
  tokens(headers, 'supported')
  for (const { value } of headers) for (const read of [parseAuth, parseQ, parseExpires, parseParameterized]) read(value)
  sameUri(from.uri, to.uri)
  if (parseVia(via.text) === null) throw new Error('a Via that cannot be read again')
  if (message.kind !== 'request') return
  const stamped = receivedFrom(message, source)
  const response = parseMessage(writeMessage(createResponse(stamped, 200, { toTag: 'x' })), 'stream')
  if (response.kind !== 'response' || response.via.received !== source.address) throw new Error('no answer')
}

/** Whatever the octets are, they are read in no time, and what they turn out to be keeps its promises. */
function survives(bytes: Uint8Array): boolean {
  const message = parseMessage(bytes, 'datagram')
  if (message.kind === 'request' || message.kind === 'response') interrogate(message)
  if (message.kind === 'malformed') {
    const answer = answerMalformed(message, source, 'x')
    if (answer !== null) writeMessage(answer)
  }
  return cpuTime(() => parseMessage(bytes, 'datagram')) < 50
}

t.test('no octets make the parser throw or stall', async () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), survives), { numRuns: 300 })
  fc.assert(
    fc.property(noise, (text) => survives(Buffer.from(text, 'latin1'))),
    { numRuns: 1000 },
  )
})

t.test('no mutation of a message makes the parser throw or stall', async () => {
  fc.assert(fc.property(mutated, survives), { numRuns: 3000 })
})

t.test('no header value makes the parser throw or stall', async () => {
  const name = fc.constantFrom(
    'Via',
    'From',
    'To',
    'Contact',
    'Route',
    'CSeq',
    'Call-ID',
    'Max-Forwards',
    'Content-Length',
    'X-Any',
  )
  fc.assert(
    fc.property(name, noise, (header, value) => survives(wire(options({ [header]: value })))),
    { numRuns: 2000 },
  )
})

t.test('parse, write, parse: nothing is lost, and the second writing is the first', async () => {
  const stable = (bytes: Uint8Array) => {
    const first = parseMessage(bytes, 'datagram')
    if (first.kind !== 'request' && first.kind !== 'response') return true
    const written = writeMessage(first)
    const second = parseMessage(written, 'stream')
    if (second.kind !== first.kind) return false
    const fields = (message: SipMessage) =>
      JSON.stringify([...message.headers].filter(({ key }) => key !== 'content-length'))
    return (
      fields(first) === fields(second) &&
      Buffer.compare(first.body, second.body) === 0 &&
      Buffer.compare(written, writeMessage(second)) === 0
    )
  }
  for (const bytes of corpus) t.ok(stable(bytes))
  fc.assert(fc.property(mutated, stable), { numRuns: 2000 })
})

/** Any octets but CR and LF. */
const line = fc
  .string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) })
  .map((text) => text.replace(/[\r\n]/g, ''))

t.test('users and display names of any octets survive', async () => {
  fc.assert(
    fc.property(line, line, (user, displayName) => {
      const uri = sipUri({ user: user === '' ? null : escapeUser(user), host: 'example.com' })
      const read = parseNameAddr(formatNameAddr({ displayName, uri }))
      const again = read?.uri.kind === 'sip' ? read.uri.user : null
      return read?.displayName === (displayName || null) && unescapeUser(again ?? '') === user
    }),
    { numRuns: 1000 },
  )
})

t.test('a URI equals itself, and equality has no direction', async () => {
  const uri = fc
    .tuple(
      fc.constantFrom('', 'a@', '%61@', 'A@'),
      fc.constantFrom('h', 'H', '[::1]', '[0::1]'),
      fc.subarray([';lr', ';x=1', ';X=2', ';transport=udp']),
    )
    .map(([user, host, params]) => parseUri(`sip:${user}${host}${params.join('')}`))
  fc.assert(
    fc.property(uri, uri, (a, b) => {
      if (a === null || b === null) return false
      return sameUri(a, a) && sameUri(a, b) === sameUri(b, a)
    }),
  )
})
