import fc from 'fast-check'
import t from 'tap'
import type { SipRequest } from '../../src/sip/message/message.ts'
import { parseMessage } from '../../src/sip/message/parse.ts'
import type { Protocol } from '../../src/sip/transport/flow.ts'
import { inboundForms, recognise } from '../../src/trunks/inbound.ts'
import type { TrunkEntry } from '../../src/trunks/trunk.ts'
import { runs } from '../support/runs.ts'
import { trunk } from './trunks.ts'

const SECRET = 'k3V9-unguessable'
const PROVIDER = '203.0.113.5'
const STRANGER = '198.51.100.66'

interface Written {
  readonly uri?: string
  readonly to?: string
  readonly from?: string
  readonly more?: readonly string[]
}

/** An INVITE as it comes. */
function invite({
  uri = 'sip:+4930111@10.0.0.1',
  to = 'sip:+4930111@10.0.0.1',
  from,
  more = [],
}: Written = {}): SipRequest {
  const lines = [
    `INVITE ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP ${PROVIDER};branch=z9hG4bK1`,
    `From: ${from ?? '<sip:+15551234567@provider.example>'};tag=1`,
    `To: <${to}>`,
    'Call-ID: 1',
    'CSeq: 1 INVITE',
    'Max-Forwards: 70',
    `Contact: <sip:${PROVIDER}>`,
    ...more,
    'Content-Length: 0',
  ]
  const message = parseMessage(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8'), 'datagram')
  if (message.kind !== 'request') throw new Error(JSON.stringify(message))
  return message
}

function known(preset: string, contactUser: string | null, given: Partial<TrunkEntry> = {}, addresses = [PROVIDER]) {
  const name = given.name ?? preset
  const settings = trunk(preset, { username: 'acme', password: 'x', ...given, name })
  return { settings, contactUser, isAllowed: (address: string) => addresses.includes(address) }
}

const from = (address = PROVIDER, protocol: Protocol = 'udp') => ({ address, protocol })
const registering = known('sipgate', SECRET)
const byIp = known('twilio', null)

function told(
  request: SipRequest,
  trunks: readonly ReturnType<typeof known>[],
  at = from(),
  owner?: (n: string) => string | null,
) {
  const call = recognise(request, at, trunks, owner)
  return call && `${call.trunk.settings.name} ${call.called}`
}

t.test('a trunk that registers is told by its Contact and by where it comes from, both', async (t) => {
  const toContact = invite({ uri: `sip:${SECRET}@10.0.0.1:5060` })
  t.equal(told(toContact, [registering]), 'sipgate +4930111', 'the number is in To')
  t.equal(told(toContact, [registering], from('::ffff:203.0.113.5')), 'sipgate +4930111')
  t.equal(told(toContact, [registering], from(STRANGER)), null, 'one that has seen the Contact')
  t.equal(told(invite({ uri: 'sip:acme@10.0.0.1' }), [registering]), null, 'the account’s name is no secret')
  t.equal(told(invite({ uri: `sip:${SECRET}X@10.0.0.1` }), [registering]), null)
  t.equal(told(invite({ uri: `sip:%6B3V9-unguessable@10.0.0.1` }), [registering]), 'sipgate +4930111', 'escaped')
  t.equal(told(toContact, [byIp, registering], from(STRANGER)), null)
  const other = known('twilio', null, {}, [STRANGER])
  t.equal(told(toContact, [other, registering], from(STRANGER)), null, 'nor does it become another trunk’s')
})

t.test('one that does not register is told by where it comes from alone', async (t) => {
  t.equal(told(invite(), [byIp]), 'twilio +4930111')
  t.equal(told(invite(), [byIp], from(STRANGER)), null)
  const lies = invite({
    from: '<sip:+15551234567@acme.pstn.twilio.com>',
    more: [`P-Asserted-Identity: <sip:1@${PROVIDER}>`],
  })
  t.equal(told(lies, [byIp], from(STRANGER)), null, 'whatever From, To and Via say')
  t.equal(told(invite({ uri: 'sip:10.0.0.1' }), [byIp]), 'twilio +4930111', 'the number may stand elsewhere')
  t.equal(told(invite({ uri: 'tel:+49-30-222' }), [byIp]), 'twilio +4930222')
  t.equal(told(invite({ uri: 'sip:10.0.0.1' }), [registering]), null)
})

t.test('a registering trunk whose provider writes the number over the Contact', async (t) => {
  const voipms = known('voipms', SECRET)
  t.equal(told(invite({ uri: 'sip:4930111@10.0.0.1', to: 'sip:acme@10.0.0.1' }), [voipms]), 'voipms 4930111')
  t.equal(told(invite({ uri: `sip:${SECRET}@10.0.0.1`, to: 'sip:4930222@10.0.0.1' }), [voipms]), 'voipms 4930222')
  t.equal(told(invite(), [voipms], from(STRANGER)), null)
})

t.test('a browser is no trunk, and one that wants TLS takes nothing else', async (t) => {
  for (const protocol of ['ws', 'wss'] as const) t.equal(told(invite(), [byIp], from(PROVIDER, protocol)), null)
  const secure = known('twilio', null, { transport: 'tls' })
  t.equal(told(invite(), [secure], from(PROVIDER, 'udp')), null)
  t.equal(told(invite(), [secure], from(PROVIDER, 'tcp')), null)
  t.equal(told(invite(), [secure], from(PROVIDER, 'tls')), 'twilio +4930111')
})

t.test('two trunks of one address', async (t) => {
  const one = known('sipgate', 'secret-one', { name: 'one' })
  const two = known('sipgate', 'secret-two', { name: 'two' })
  t.equal(told(invite({ uri: 'sip:secret-two@10.0.0.1' }), [one, two]), 'two +4930111', 'by their Contacts')
  const [first, second] = [known('twilio', null, { name: 'first' }), known('twilio', null, { name: 'second' })]
  t.equal(told(invite(), [first, second]), 'first +4930111', 'the first')
  const owner = (number: string) => (number === '+4930111' ? 'second' : null)
  t.equal(told(invite(), [first, second], from(), owner), 'second +4930111', 'or whose number it is')
  t.equal(
    told(invite(), [first, known('twilio', null, { name: 'second' }, [STRANGER])], from(), owner),
    'first +4930111',
  )
})

t.test('where the called number stands', async (t) => {
  const written = {
    uri: 'sip:+491@10.0.0.1',
    to: 'sip:+492@10.0.0.1',
    more: ['P-Called-Party-ID: <sip:+493@10.0.0.1>'],
  }
  const called = (where: 'request-uri' | 'to' | 'p-called-party-id', request = invite(written)) =>
    told(request, [{ ...byIp, settings: { ...byIp.settings, calledNumberIn: where } }])
  t.equal(called('request-uri'), 'twilio +491')
  t.equal(called('to'), 'twilio +492')
  t.equal(called('p-called-party-id'), 'twilio +493')
  t.equal(called('p-called-party-id', invite({ ...written, more: [] })), 'twilio +491')
  t.equal(called('request-uri', invite({ uri: 'sip:+49-30.111;npdi;rn=5@10.0.0.1;user=phone' })), 'twilio +4930111')
  t.equal(called('to', invite({ to: 'tel:030-111;phone-context=+49' })), 'twilio 030111')
  t.equal(called('request-uri', invite({ uri: `sip:${'1'.repeat(100)}@10.0.0.1`, to: 'sip:10.0.0.1' })), 'twilio ')
})

t.test('who calls', async (t) => {
  const caller = (written: Written, callerIn = ['pai', 'rpid', 'from'] as readonly ('pai' | 'rpid' | 'from')[]) => {
    const call = recognise(invite(written), from(), [{ ...byIp, settings: { ...byIp.settings, callerIn } }])
    return call && `${call.caller.name} ${call.caller.number}`
  }
  const pai = 'P-Asserted-Identity: "Zoë" <sip:+49307@p.example>, <tel:+49307>'
  const rpid = 'Remote-Party-ID: "Rolf" <sip:+49308@p.example>;party=calling;privacy=off'
  t.equal(caller({ more: [pai, rpid] }), 'Zoë +49307')
  t.equal(caller({ more: [pai, rpid] }, ['from']), 'null +15551234567')
  t.equal(caller({ more: [rpid], from: '"Fritz" <sip:+49309@p.example>' }), 'Rolf +49308')
  t.equal(caller({ more: ['Remote-Party-ID: <sip:1@p.example>;party=called'] }), 'null +15551234567')
  t.equal(caller({ more: ['P-Asserted-Identity: <tel:+49-30-7>'] }), 'null +49307')
  t.equal(caller({ more: ['P-Asserted-Identity: broken <<'] }), 'null +15551234567')
  for (const privacy of ['id', 'ID;critical', 'header; id', 'user', 'full'])
    t.equal(caller({ more: [pai, `Privacy: ${privacy}`] }), 'null null', privacy)
  t.equal(caller({ more: [pai, 'Privacy: none'] }), 'Zoë +49307')
  t.equal(caller({ more: [pai], from: '"Anonymous" <sip:anonymous@anonymous.invalid>' }), 'null null')
  t.equal(caller({ from: '<sip:Anonymous@10.0.0.1>' }), 'null null')
  t.equal(caller({ from: '<sip:10.0.0.1>' }), 'null null')
  t.equal(caller({ from: '"a\u0000b\u202e" <sip:+49309@p.example>' }), 'a b +49309')
})

t.test('who sent it on', async (t) => {
  const sender = (more: readonly string[]) => recognise(invite({ more }), from(), [byIp])?.diversion ?? null
  t.equal(sender([]), null)
  t.strictSame(sender(['Diversion: <sip:+491@p.example>;reason=user-busy, <sip:+492@p.example>;reason=no-answer']), {
    number: '+491',
    reason: 'user-busy',
  })
  t.strictSame(
    sender([
      'History-Info: <sip:+491@p.example>;index=1, <sip:+492@p.example;cause=486>;index=1.1;mp=1',
      'History-Info: <sip:+493@p.example;cause=408>;index=1.1.1;mp=1.1, <sip:+493@10.0.0.1>;index=1.1.1.1;rc=1.1.1',
    ]),
    { number: '+492', reason: 'no-answer' },
  )
  for (const more of [['Diversion: ;;'], ['History-Info: <'], ['Diversion: <sip:p.example>']])
    t.equal(sender(more), null)
})

t.test('what a number may mean', async (t) => {
  t.strictSame(inboundForms('4930123456789', 'plain'), ['+4930123456789', '4930123456789'])
  t.strictSame(inboundForms('15551234567', 'plain'), ['+15551234567', '15551234567'])
  t.strictSame(inboundForms('5551234567', 'plain'), ['5551234567', '+5551234567'])
  t.strictSame(inboundForms('15551234567', 'e164'), ['15551234567'])
  for (const raw of ['', '112', '030111', '+4930111', 'acme', '9'.repeat(40)])
    t.strictSame(inboundForms(raw, 'plain'), [raw])
})

t.test('nothing that a stranger writes makes it a trunk’s', async (t) => {
  const token = fc.stringMatching(/^[a-z0-9+%;=@.-]{0,20}$/)
  fc.assert(
    fc.property(token, token, token, (uri, to, caller) => {
      const lines = `INVITE sip:${uri} SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nFrom: <sip:${caller}>;tag=1\r\nTo: <sip:${to}>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\nContact: <sip:a>\r\nP-Asserted-Identity: <sip:${caller}>\r\nHistory-Info: <sip:${to}>;index=1\r\n\r\n`
      const request = parseMessage(Buffer.from(lines), 'datagram')
      if (request.kind !== 'request') return true
      recognise(request, from(), [byIp, registering])
      return recognise(request, from(STRANGER), [byIp, registering]) === null
    }),
    { numRuns: runs(2000), seed: 6 },
  )
  t.pass('2000 INVITEs')
})
