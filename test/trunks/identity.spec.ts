import fc from 'fast-check'
import t from 'tap'
import { createRequest } from '../../src/sip/message/create.ts'
import { Headers } from '../../src/sip/message/headers.ts'
import { parseNameAddr, parseNameAddrs } from '../../src/sip/message/nameAddr.ts'
import { parseMessage } from '../../src/sip/message/parse.ts'
import { fromUtf8 } from '../../src/sip/message/text.ts'
import { unescapeUser } from '../../src/sip/message/uri.ts'
import { writeMessage } from '../../src/sip/message/write.ts'
import { type DiversionReason, diversionReason } from '../../src/trunks/forwarding.ts'
import { type Identity, identityOf, type OutgoingCall, type WriteNumber } from '../../src/trunks/identity.ts'
import type { TrunkSettings } from '../../src/trunks/trunk.ts'
import { runs } from '../support/runs.ts'
import { trunk } from './trunks.ts'

/** As the dial plan would write numbers at home in Germany. */
const write: WriteNumber = (e164, format) => {
  if (format === 'plain') return e164.slice(1)
  return format === 'national' ? e164.replace(/^\+49/, '0').replace(/^\+/, '00') : e164
}

const alice: OutgoingCall = {
  number: { raw: '030 5678', e164: '+49305678' },
  callerId: '+49301234',
  callerName: 'Alice Meier',
  divertedBy: [],
  withheld: false,
}

const forwarded: OutgoingCall = {
  ...alice,
  callerId: '+15551230000',
  callerName: null,
  divertedBy: [
    { number: '+49301111', reason: 'no-answer' },
    { number: '+49301234', reason: 'unconditional' },
  ],
}

/** The lines of the INVITE, as they would stand in it. */
function lines(settings: TrunkSettings, call: OutgoingCall): string[] {
  const identity = identityOf(settings, call, write)
  if (identity === null) return []
  const { requestUri, from, to, headers } = identity
  return [
    `INVITE ${requestUri.text}`,
    `From: ${from}`,
    `To: ${to}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ]
}

t.test('Twilio: E.164, the caller in From and P-Asserted-Identity', async (t) => {
  const twilio = trunk('twilio', { host: 'acme.pstn.twilio.com' })
  const to = ['INVITE sip:+49305678@acme.pstn.twilio.com', 'To: <sip:+49305678@acme.pstn.twilio.com>']
  t.strictSame(lines(twilio, alice), [
    to[0],
    'From: "Alice Meier" <sip:+49301234@acme.pstn.twilio.com>',
    to[1],
    'P-Asserted-Identity: "Alice Meier" <sip:+49301234@acme.pstn.twilio.com>',
  ])
  t.strictSame(lines(twilio, { ...alice, withheld: true }), [
    to[0],
    'From: "Anonymous" <sip:anonymous@anonymous.invalid>',
    to[1],
    'P-Asserted-Identity: <sip:+49301234@acme.pstn.twilio.com>',
    'Privacy: id',
  ])
  t.strictSame(lines(twilio, forwarded), [
    to[0],
    'From: <sip:+15551230000@acme.pstn.twilio.com>',
    to[1],
    'P-Asserted-Identity: <sip:+15551230000@acme.pstn.twilio.com>',
    'Diversion: <sip:+49301234@acme.pstn.twilio.com>;reason=unconditional;counter=1',
    'Diversion: <sip:+49301111@acme.pstn.twilio.com>;reason=no-answer;counter=1',
  ])
})

t.test('Telnyx', async (t) => {
  t.strictSame(lines(trunk('telnyx', { host: 'sip.telnyx.com', username: 'acme', password: 'x' }), alice), [
    'INVITE sip:+49305678@sip.telnyx.com',
    'From: "Alice Meier" <sip:+49301234@sip.telnyx.com>',
    'To: <sip:+49305678@sip.telnyx.com>',
    'P-Asserted-Identity: "Alice Meier" <sip:+49301234@sip.telnyx.com>',
  ])
})

t.test('VoIP.ms: From is the account, the caller in Remote-Party-ID, numbers without a plus', async (t) => {
  const voipms = trunk('voipms', { host: 'paris.voip.ms', username: '123456_pbx', password: 'x' })
  const usual = [
    'INVITE sip:49305678@paris.voip.ms',
    'From: <sip:123456_pbx@paris.voip.ms>',
    'To: <sip:49305678@paris.voip.ms>',
  ]
  t.strictSame(lines(voipms, alice), [
    ...usual,
    'Remote-Party-ID: "Alice Meier" <sip:49301234@paris.voip.ms>;party=calling;screen=yes;privacy=off',
  ])
  t.strictSame(lines(voipms, { ...alice, withheld: true }), [
    ...usual,
    'Remote-Party-ID: <sip:49301234@paris.voip.ms>;party=calling;screen=yes;privacy=full',
    'Privacy: id',
  ])
})

t.test('sipgate: From is the account whatever happens, the number in P-Preferred-Identity', async (t) => {
  const sipgate = trunk('sipgate', { host: 'sipconnect.sipgate.de', username: '1234567t0', password: 'x' })
  const usual = [
    'INVITE sip:49305678@sipconnect.sipgate.de',
    'From: <sip:1234567t0@sipconnect.sipgate.de>',
    'To: <sip:49305678@sipconnect.sipgate.de>',
  ]
  t.strictSame(lines(sipgate, alice), [
    ...usual,
    'P-Preferred-Identity: "Alice Meier" <sip:49301234@sipconnect.sipgate.de>',
  ])
  t.strictSame(lines(sipgate, { ...alice, withheld: true }), [
    ...usual,
    'P-Preferred-Identity: <sip:49301234@sipconnect.sipgate.de>',
    'Privacy: id',
  ])
  t.strictSame(lines({ ...sipgate, callerIdHeader: 'pai' }, forwarded).slice(3), [
    'P-Asserted-Identity: <sip:15551230000@sipconnect.sipgate.de>',
    'Diversion: <sip:49301234@sipconnect.sipgate.de>;reason=unconditional;counter=1',
    'Diversion: <sip:49301111@sipconnect.sipgate.de>;reason=no-answer;counter=1',
  ])
})

t.test('Deutsche Telekom: the number is the account, and says that it is a number', async (t) => {
  t.strictSame(lines(trunk('telekom', { host: 'tel.t-online.de', username: '+49301234', password: 'x' }), forwarded), [
    'INVITE sip:+49305678@tel.t-online.de;user=phone',
    'From: <sip:+49301234@tel.t-online.de;user=phone>',
    'To: <sip:+49305678@tel.t-online.de;user=phone>',
    'P-Preferred-Identity: <sip:+15551230000@tel.t-online.de;user=phone>',
  ])
})

t.test('a FRITZ!Box is dialled like by a phone of its own', async (t) => {
  const box = trunk('fritzbox', { host: 'fritz.box', username: 'offhook', password: 'x' })
  t.strictSame(lines(box, { ...alice, number: { raw: '**610', e164: null } }), [
    'INVITE sip:**610@fritz.box',
    'From: <sip:offhook@fritz.box>',
    'To: <sip:**610@fritz.box>',
  ])
  t.equal(lines(box, alice)[0], 'INVITE sip:0305678@fritz.box', 'as it was dialled')
})

t.test('any provider: History-Info, a port, IPv6, national numbers', async (t) => {
  const own = trunk('generic', { host: '2001:db8::1', port: 5070, numberFormat: 'national' })
  t.strictSame(lines({ ...own, diversion: 'history-info' }, forwarded), [
    'INVITE sip:0305678@[2001:db8::1]:5070',
    'From: <sip:0015551230000@[2001:db8::1]>',
    'To: <sip:0305678@[2001:db8::1]>',
    'P-Asserted-Identity: <sip:0015551230000@[2001:db8::1]>',
    'History-Info: <sip:0301111@[2001:db8::1]>;index=1, <sip:0301234@[2001:db8::1];cause=408>;index=1.1;mp=1, ' +
      '<sip:0305678@[2001:db8::1];cause=302>;index=1.1.1;mp=1.1',
  ])
  t.strictSame(lines({ ...own, diversion: 'none', domain: 'acme.example' }, forwarded).slice(0, 1), [
    'INVITE sip:0305678@acme.example',
  ])
  t.equal(lines(own, { ...alice, number: { raw: '112', e164: null } })[0], 'INVITE sip:112@[2001:db8::1]:5070')
})

t.test('whose number is shown where the caller has none', async (t) => {
  const none: OutgoingCall = { ...alice, callerId: null, callerName: null }
  const from = (settings: TrunkSettings, call = none) =>
    lines(settings, call).filter((line) => !/^(INVITE|To:)/.test(line))
  t.strictSame(from(trunk('generic', { callerId: '+4930999' })), [
    'From: <sip:+4930999@sip.example.com>',
    'P-Asserted-Identity: <sip:+4930999@sip.example.com>',
  ])
  t.strictSame(from(trunk('generic', { username: 'acme' })), ['From: <sip:acme@sip.example.com>'])
  t.strictSame(from(trunk('generic')), ['From: "Anonymous" <sip:anonymous@anonymous.invalid>'])
  t.strictSame(from(trunk('generic', { callerIdHeader: 'from' }), { ...alice, withheld: true }), [
    'From: "Anonymous" <sip:anonymous@anonymous.invalid>',
    'Privacy: id',
  ])
  const endless = { ...alice, callerId: '1'.repeat(5000), callerName: null }
  t.match(from(trunk('generic', { callerId: '+4930999' }), endless)[0], /\+4930999/, 'one that is no number')
})

t.test('names are written in UTF-8, on one line and quoted', async (t) => {
  const shown = (callerName: string) => fromUtf8(lines(trunk('generic'), { ...alice, callerName })[1] ?? '')
  const rest = '<sip:+49301234@sip.example.com>'
  t.equal(shown('Zoë "the boss" \\o/ 李'), `From: "Zoë \\"the boss\\" \\\\o/ 李" ${rest}`)
  t.equal(shown('Eve\r\nX-Evil: 1\t\u0085\u2028\u202e!'), `From: "Eve X-Evil: 1 !" ${rest}`)
  t.equal(shown(' \r\n '), `From: ${rest}`)
  t.equal(shown('x'.repeat(500)), `From: "${'x'.repeat(64)}" ${rest}`)
})

t.test('numbers that are none of ours to judge are escaped; what is no number is not called', async (t) => {
  const dialled = (raw: string) => lines(trunk('generic'), { ...alice, number: { raw, e164: null } })[0]
  t.equal(dialled('*31#@evil;x=1\r\n<>'), 'INVITE sip:*31%23%40evil%3Bx=1%0D%0A%3C%3E@sip.example.com')
  for (const raw of ['112', '1-1-2', 'tel:112', ' 1(1) 2 '])
    t.equal(dialled(raw), 'INVITE sip:112@sip.example.com', raw)
  t.equal(dialled('tel:alice-b'), 'INVITE sip:tel%3Aalice-b@sip.example.com')
  t.equal(dialled(''), undefined)
  t.equal(dialled('1'.repeat(128)), `INVITE sip:${'1'.repeat(128)}@sip.example.com`)
  t.equal(dialled('1'.repeat(129)), undefined)
})

t.test('of many who sent a call on, the first and the last are told', async (t) => {
  const divertedBy = Array.from({ length: 300 }, (_, at) => ({
    number: `+49${1000 + at}`,
    reason: 'user-busy' as const,
  }))
  const told = lines(trunk('generic'), { ...alice, divertedBy }).filter((line) => line.startsWith('Diversion'))
  t.strictSame(
    told.map((line) => /\+49(\d+)/.exec(line)?.[1]),
    ['1299', '1298', '1297', '1296', '1295', '1000'],
  )
})

t.test('why a call was sent on', async (t) => {
  const causes = [null, 'busy', 'no-answer', 'offline', 'unavailable'] as const
  t.strictSame(causes.map(diversionReason), ['unconditional', 'user-busy', 'no-answer', 'unavailable', 'unavailable'])
})

const reasons: readonly DiversionReason[] = ['unconditional', 'user-busy', 'no-answer', 'unavailable', 'unknown']
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ maxLength: 80 }),
  fc.constantFrom('\r\nX: y', '">\r\n', '\ud800', '\0'),
)
const maybe = fc.option(anyText, { nil: null })
const anyCall: fc.Arbitrary<OutgoingCall> = fc.record({
  number: fc.record({ raw: anyText, e164: fc.option(fc.stringMatching(/^\+[1-9]\d{2,14}$/), { nil: null }) }),
  callerId: maybe,
  callerName: maybe,
  divertedBy: fc.array(fc.record({ number: anyText, reason: fc.constantFrom(...reasons) }), { maxLength: 8 }),
  withheld: fc.boolean(),
})
const anyTrunk = fc.record({
  callerId: maybe,
  username: maybe,
  callerIdHeader: fc.constantFrom('pai', 'ppi', 'rpid', 'from'),
  fromAccount: fc.boolean(),
  diversion: fc.constantFrom('diversion', 'history-info', 'none'),
  numberFormat: fc.constantFrom('e164', 'plain', 'national', 'raw'),
  userPhone: fc.boolean(),
})

/** The INVITE as the provider reads it. */
function sent({ requestUri: uri, from, to, headers }: Identity) {
  const own = Headers.of([
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1'],
    ['From', `${from};tag=1`],
    ['To', to],
    ['Call-ID', 'x'],
    ['CSeq', '1 INVITE'],
    ['Max-Forwards', '70'],
    ['Contact', '<sip:192.0.2.1>'],
    ...headers,
  ])
  return parseMessage(writeMessage(createRequest({ method: 'INVITE', uri, headers: own })), 'datagram')
}

t.test('whatever names and numbers there are, what is sent can be read, and says no more than it should', async (t) => {
  const known = [
    'P-Asserted-Identity',
    'P-Preferred-Identity',
    'Remote-Party-ID',
    'Privacy',
    'Diversion',
    'History-Info',
  ]
  fc.assert(
    fc.property(anyTrunk, anyCall, (settings, call) => {
      const identity = identityOf({ ...trunk('generic'), ...settings }, call, write)
      if (identity === null) return
      const message = sent(identity)
      if (message.kind !== 'request') throw new Error(`${message.kind}: ${JSON.stringify(identity)}`)
      const count = [...message.headers].length
      // Content-Length is writeMessage's.
      if (count !== 8 + identity.headers.length) throw new Error(`${count} headers`)
      if (message.uri.kind !== 'sip' || message.uri.host !== 'sip.example.com') throw new Error('called elsewhere')
      for (const [name, value] of identity.headers) {
        if (!known.includes(name)) throw new Error(`a header ${name}`)
        if (name === 'Privacy') continue
        const addresses = parseNameAddrs(Headers.of([[name, value]]), name.toLowerCase())
        if (addresses === null || addresses.length === 0) throw new Error(`${name}: ${value}`)
        for (const { uri } of addresses)
          if (uri.kind !== 'sip' || uri.host !== 'sip.example.com' || unescapeUser(uri.user ?? '%') === null)
            throw new Error(`${name}: ${value}`)
      }
      if (call.withheld && !settings.fromAccount && !identity.from.includes('anonymous.invalid'))
        throw new Error('shown')
      if (parseNameAddr(identity.from) === null) throw new Error(identity.from)
    }),
    { numRuns: runs(2000), seed: 6 },
  )
  t.pass('2000 calls')
})
