import t from 'tap'
import { contacts, parseAuth, tokens } from '../../../src/sip/message/fields.ts'
import { parseMessage } from '../../../src/sip/message/parse.ts'
import { fromUtf8 } from '../../../src/sip/message/text.ts'
import { unescapeUser } from '../../../src/sip/message/uri.ts'
import { corpusMessage, corpusNames } from '../../support/corpus.ts'
import { requestOf, responseOf } from './wire.ts'

/** `taken`: well-formed. `answered`: malformed, with the status to answer. `dropped`: malformed, no answer. */
type Outcome = 'taken' | 'dropped' | { answered: number }

const badRequest: Outcome = { answered: 400 }

/**
 * Each message with its section, what that says of it, and what it asks of a parser that received it over UDP. Where the
 * RFC leaves a choice between an answer of 400 and a guess, the last column says which was chosen.
 */
const messages: readonly (readonly [section: string, name: string, says: string, outcome: Outcome])[] = [
  ['3.1.1.1', 'wsinv', 'valid: folding, white space, compact forms, escapes, any case', 'taken'],
  ['3.1.1.2', 'intmeth', 'valid: every kind of character in method, URI, names and values', 'taken'],
  ['3.1.1.3', 'esc01', 'valid: percent escapes in users and URI parameters', 'taken'],
  ['3.1.1.4', 'escnull', 'valid: escaped NULs in URIs', 'taken'],
  ['3.1.1.5', 'esc02', 'valid: percent signs that are no escapes', 'taken'],
  ['3.1.1.6', 'lwsdisp', 'valid: no white space between display name and <', 'taken'],
  ['3.1.1.7', 'longreq', 'valid: long values, many Vias', 'taken'],
  ['3.1.1.8', 'dblreq', 'valid: the octets beyond Content-Length are to be dropped', 'taken'],
  ['3.1.1.9', 'semiuri', 'valid: the semicolon belongs to the user part', 'taken'],
  ['3.1.1.10', 'transports', 'valid: known and unknown transports in Via', 'taken'],
  ['3.1.1.11', 'mpart01', 'valid: multipart body with binary content', 'taken'],
  ['3.1.1.12', 'unreason', 'valid: a reason phrase in UTF-8', 'taken'],
  ['3.1.1.13', 'noreason', 'valid: no reason phrase', 'taken'],
  ['3.1.2.1', 'badinv01', 'separators without anything between them in Via and Contact: 400', badRequest],
  ['3.1.2.2', 'clerr', 'Content-Length beyond the datagram: 400', badRequest],
  ['3.1.2.3', 'ncl', 'negative Content-Length: an error', badRequest],
  ['3.1.2.4', 'scalar02', 'CSeq, Max-Forwards and expiries too large: 400 because of CSeq', badRequest],
  ['3.1.2.5', 'scalarlg', 'a response with CSeq and Retry-After too large: to be discarded', 'dropped'],
  ['3.1.2.6', 'quotbal', 'quote without end in To: 400', badRequest],
  ['3.1.2.7', 'ltgtruri', 'Request-URI in angle brackets: 400 is reasonable, guessing allowed', badRequest],
  ['3.1.2.8', 'lwsruri', 'white space in the Request-URI: 400 is reasonable, guessing allowed', badRequest],
  ['3.1.2.9', 'lwsstart', 'several spaces in the Request-Line: 400 is reasonable, guessing allowed', badRequest],
  ['3.1.2.10', 'trws', 'spaces after the version: 400 is reasonable, guessing allowed', badRequest],
  ['3.1.2.11', 'escruri', 'headers in the Request-URI: 400 is reasonable, ignoring them allowed', badRequest],
  ['3.1.2.12', 'baddate', 'Date not in GMT: 400 is reasonable, ignoring it allowed where Date is not used', 'taken'],
  ['3.1.2.13', 'regbadct', 'Contact with a ? but no angle brackets: 400 is reasonable, guessing allowed', badRequest],
  ['3.1.2.14', 'badaspec', 'spaces in an addr-spec: 400 is reasonable, ignoring them allowed', badRequest],
  ['3.1.2.15', 'baddn', 'display names with a comma and no quotes: 400, or the quotes inferred', 'taken'],
  ['3.1.2.16', 'badvers', 'SIP/7.0: 505', { answered: 505 }],
  ['3.1.2.17', 'mismatch01', 'method and CSeq differ: 400', badRequest],
  ['3.1.2.18', 'mismatch02', 'unknown method and CSeq differ: 400 or 501', badRequest],
  ['3.1.2.19', 'bigcode', 'a response with a status beyond 699: to be dropped', 'dropped'],
  ['3.2.1', 'badbranch', 'a branch that is the magic cookie alone: must not break a parser', 'taken'],
  ['3.3.1', 'insuf', 'no Call-ID, From and To: 400', badRequest],
  ['3.3.2', 'unkscm', 'well-formed, unknown scheme in the Request-URI: 416 from who routes it', 'taken'],
  ['3.3.3', 'novelsc', 'well-formed, unusual scheme in the Request-URI: 416 from who routes it', 'taken'],
  ['3.3.4', 'unksm2', 'well-formed, schemes in To, From and Contact that a registrar refuses', 'taken'],
  ['3.3.5', 'bext01', 'well-formed, extensions required that nobody has: 420 from the user agent', 'taken'],
  ['3.3.6', 'invut', 'well-formed, body of unknown type: 415 from the user agent', 'taken'],
  ['3.3.7', 'regaut01', 'well-formed, unknown authorization scheme: a registrar challenges', 'taken'],
  ['3.3.8', 'multi01', 'two Call-IDs, Tos, Froms, CSeqs and Max-Forwards: 400', badRequest],
  ['3.3.9', 'mcl01', 'two Content-Lengths that differ: an error', badRequest],
  ['3.3.10', 'bcast', 'a response with a broadcast address in its second Via: well-formed', 'taken'],
  ['3.3.11', 'zeromf', 'Max-Forwards 0: well-formed', 'taken'],
  ['3.3.12', 'cparam01', 'a parameter that belongs to Contact, not to its URI', 'taken'],
  ['3.3.13', 'cparam02', 'a parameter that belongs to the URI, not to Contact', 'taken'],
  ['3.3.14', 'regescrt', 'a Contact URI with a header of its own: well-formed', 'taken'],
  ['3.3.15', 'sdp01', 'Accept of an unknown type: 406 from the user agent', 'taken'],
  ['3.4.1', 'inv2543', 'RFC 2543: no Max-Forwards, tag, branch or Content-Length; should be accepted', 'taken'],
  ['archive', 'test', 'not in the text: no SIP-Version, no Via, so nowhere to answer', 'dropped'],
]

const octets = (name: string) => corpusMessage('rfc4475', name)

t.test('RFC 4475: every message has its outcome', async (t) => {
  for (const [section, name, says, outcome] of messages) {
    const message = parseMessage(octets(name), 'datagram')
    const found =
      message.kind !== 'malformed' ? 'taken' : message.status === null ? 'dropped' : { answered: message.status }
    t.strictSame(found, outcome, `§${section} ${name}: ${says}`)
  }
  t.strictSame(corpusNames('rfc4475'), messages.map(([, name]) => name).sort(), 'the table is complete')
})

t.test('§3.1.1.1 wsinv: white space and folding fall away', async (t) => {
  const request = requestOf(octets('wsinv'))
  t.match(request.via, { transport: 'UDP', host: '192.0.2.2', branch: '390skdjuw' })
  t.match(request.from, { displayName: 'J Rosenberg \\"', tag: '98asjd8' })
  t.match(request.to, { displayName: null, tag: '1918181833n' })
  t.strictSame(request.cSeq, { number: 9, method: 'INVITE' })
  t.equal(request.maxForwards, 68)
  t.equal(request.headers.list('via').length, 3)
  t.equal(request.headers.first('subject'), '')
  t.equal(request.headers.first('newfangledheader'), 'newfangled value continued newfangled value')
  t.equal(request.headers.first('unknownheaderwithunusualvalue'), ';;,,;;,;')
  const [contact] = contacts(request.headers)
  t.match(contact, { displayName: 'Quoted string ""' })
  t.equal(typeof contact === 'object' && contact.params.get('newparam'), 'newvalue')
  t.equal(typeof contact === 'object' && contact.params.get('q'), '0.33')
  t.equal(request.body.length, 150)
})

t.test('§3.1.1.2 intmeth: each character is where it was', async (t) => {
  const request = requestOf(octets('intmeth'))
  t.equal(request.method, "!interesting-Method0123456789_*+`.%indeed'~")
  t.match(request.uri, {
    user: "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
    password: "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)",
    host: 'example.com',
  })
  t.equal(request.to.displayName, 'BEL:\x07 NUL:\0 DEL:\x7f')
  t.equal(fromUtf8(request.from.params.get("fromparam''~+*_!.-%") ?? ''), 'работающий')
  t.equal(request.from.tag, "_token~1'+`*%!-.")
  t.equal(fromUtf8(request.headers.first("extensionheader-!.%*+_`'~") ?? ''), '\ufeff大停電')
})

t.test('§3.1.1.3 esc01, §3.1.1.4 escnull, §3.1.1.5 esc02: escapes only where they are some', async (t) => {
  const { uri, headers } = requestOf(octets('esc01'))
  t.equal(uri.kind === 'sip' && unescapeUser(uri.user ?? ''), 'sips:user@example.com')
  const [contact] = contacts(headers)
  const contactUri = typeof contact === 'object' && contact.uri.kind === 'sip' ? contact.uri : null
  t.equal(contactUri?.user, 'cal%6Cer')
  t.ok(contactUri?.params.has('lr'), 'an escaped parameter name')
  t.equal(contactUri?.params.get('name'), 'v%61lue%25%34%31')

  const nulls = requestOf(octets('escnull'))
  t.equal(nulls.to.uri.kind === 'sip' && unescapeUser(nulls.to.uri.user ?? ''), 'null-\0-null')
  t.equal(nulls.headers.all('contact').length, 2)

  const percent = requestOf(octets('esc02'))
  t.equal(percent.method, 'RE%47IST%45R')
  t.equal(percent.to.displayName, '%Z%45')
  t.equal(percent.via.branch, 'z9hG4bK209%fzsnel234')
  t.equal(percent.headers.list('contact').length, 2, 'C%6Fntact is another header')
  t.equal(percent.headers.first('c%6fntact'), '<sip:alias2@host2.example.com>')
})

t.test('§3.1.1.6 – §3.1.1.10: names, lengths, users and transports', async (t) => {
  t.match(requestOf(octets('lwsdisp')).from, { displayName: 'caller', tag: '323' })
  const long = requestOf(octets('longreq'))
  t.equal(long.headers.list('via').length, 34)
  t.equal(long.via.host, 'sip33.example.com')
  const first = requestOf(octets('dblreq'))
  t.equal(first.method, 'REGISTER')
  t.equal(first.body.length, 0, 'the INVITE behind it is gone')
  t.match(requestOf(octets('semiuri')).uri, { user: 'user;par=u%40example.net', host: 'example.com' })
  t.equal(requestOf(octets('semiuri')).headers.list('accept').length, 6)
  const transports = requestOf(octets('transports'))
    .headers.list('via')
    .map((via) => via.split(/[/ ]/)[2])
  t.strictSame(transports, ['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP'])
})

t.test('§3.1.1.11 – §3.1.1.13: bodies and reason phrases are octets', async (t) => {
  const { body } = requestOf(octets('mpart01'))
  t.equal(body.length, 553)
  t.ok(Buffer.from(body).includes(Buffer.from([0x30, 0x82, 0x01, 0x52])), 'the binary part is untouched')
  t.equal(fromUtf8(responseOf(octets('unreason')).reason), '= 2**3 * 5**2 но сто девяносто девять - простое')
  t.match(responseOf(octets('noreason')), { status: 100, reason: '' })
})

t.test('§3.1.2.15 baddn: the missing quotes are inferred', async (t) => {
  t.equal(requestOf(octets('baddn')).from.displayName, 'Bell, Alexander')
})

t.test('§3.3: what the application layer has to judge can be read', async (t) => {
  t.match(requestOf(octets('unkscm')).uri, { kind: 'other', scheme: 'nobodyknowsthisscheme' })
  t.match(requestOf(octets('novelsc')).uri, { kind: 'other', scheme: 'soap.beep' })
  t.match(requestOf(octets('unksm2')).to.uri, { kind: 'other', scheme: 'isbn' })
  const extended = requestOf(octets('bext01')).headers
  t.strictSame(tokens(extended, 'require'), ['nothingSupportsThis', 'nothingSupportsThisEither'])
  t.equal(requestOf(octets('invut')).headers.first('content-type'), 'application/unknownformat')
  t.equal(parseAuth(requestOf(octets('regaut01')).headers.first('authorization') ?? '')?.scheme, 'NoOneKnowsThisScheme')
  t.equal(responseOf(octets('bcast')).status, 200)
  t.equal(requestOf(octets('zeromf')).maxForwards, 0)
  t.match(contacts(requestOf(octets('cparam01')).headers), [{ uri: { params: { size: 0 } }, params: { size: 1 } }])
  t.match(contacts(requestOf(octets('cparam02')).headers), [{ uri: { params: { size: 1 } }, params: { size: 0 } }])
  t.match(contacts(requestOf(octets('regescrt')).headers), [
    { uri: { headers: [['Route', '%3Csip:sip.example.com%3E']] } },
  ])
  t.match(requestOf(octets('inv2543')), { maxForwards: null, via: { branch: null }, from: { tag: null } })
})
