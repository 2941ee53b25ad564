import t from 'tap'
import { parseAuth } from '../../src/sip/message/fields.ts'
import type { HeaderLine } from '../../src/sip/message/headers.ts'
import type { SipRequest } from '../../src/sip/message/message.ts'
import { forward, rule } from '../dialplan/plans.ts'
import {
  ABROAD,
  allOut,
  bringing,
  brings,
  challenge,
  challenges,
  MAIN,
  OTHER_PROVIDER,
  OUT_THERE,
  type Outside,
  outside,
  PROVIDER,
  type ProviderPhone,
  provider,
  STRANGER,
  trunkAt,
} from '../support/virtual/outside.ts'
import type { VirtualPhone } from '../support/virtual/phone.ts'
import { ringsReliably } from '../support/virtual/reliable.ts'

const ACCOUNT = { username: 'acme', password: 'secret' }

/** Trunks `one` and `two`, of two providers: calls go over the first that takes them. */
async function twoTrunks(
  t: Parameters<typeof outside>[0],
  one: Parameters<typeof trunkAt>[2] = {},
): Promise<Outside & { readonly second: ProviderPhone }> {
  const all = await outside(t, {
    phoneNetwork: { trunks: [trunkAt('one', PROVIDER, one), trunkAt('two', OTHER_PROVIDER)] },
  })
  const second = await provider(all, { address: OTHER_PROVIDER })
  await all.clock.advance(20_000)
  return Object.assign(all, { second })
}

async function talk(alice: VirtualPhone, itsp: VirtualPhone): Promise<void> {
  itsp.answers()
  await alice.talks()
  await itsp.sees('ACK')
  alice.says('hello')
  await itsp.hears('hello')
  itsp.says('good day')
  await alice.hears('good day')
}

async function hangUp(alice: VirtualPhone, itsp: VirtualPhone): Promise<void> {
  await alice.hangsUp()
  await itsp.isHungUpOn()
}

function credentialsOf({ headers }: SipRequest, name = 'authorization') {
  return parseAuth(headers.first(name) ?? '')?.params ?? null
}

/** The next request of this kind, within a second; null: there is none, or there were 40. */
async function comes(at: VirtualPhone, method: string): Promise<SipRequest | null> {
  if (at.received.length > 100) return null
  return at.seesRequest(method, 1_000).catch(() => null)
}

t.test('a call out: who calls whom stands in its INVITE, and both talk', async (t) => {
  const { alice, itsp, records, nothingIsLeft } = await outside(t)
  await alice.calls('030987654')
  const invite = await itsp.rings()
  t.equal(invite.uri.text, `sip:${OUT_THERE}@203.0.113.5`)
  t.equal(invite.to.uri.text, `sip:${OUT_THERE}@203.0.113.5`)
  t.equal(invite.from.uri.text, 'sip:+4930123451@203.0.113.5')
  t.equal(invite.headers.first('p-asserted-identity'), '<sip:+4930123451@203.0.113.5>')
  t.notOk(invite.headers.has('privacy'))
  t.notOk(invite.headers.has('diversion'))
  t.equal(invite.maxForwards, 69)
  await alice.sees('180 INVITE')
  await talk(alice, itsp)
  await hangUp(alice, itsp)
  t.match((await records())[0], {
    ...{ from: '101', to: '030987654', answeredBy: 'trunk:one', outcome: 'answered', endedBy: 'caller' },
    uses: ['trunk:one', 'user:101'],
  })
  await nothingIsLeft(t)
})

t.test('what a phone says of itself does not reach the provider', async (t) => {
  const { alice, itsp, nothingIsLeft } = await outside(t)
  await alice.calls(OUT_THERE, {
    headers: [
      ['P-Asserted-Identity', '<sip:+491155@evil.example>'],
      ['Remote-Party-ID', '<sip:+491155@evil.example>;party=calling'],
      ['P-Preferred-Identity', '<sip:+491155@evil.example>'],
      ['Diversion', '<sip:+491155@evil.example>;reason=user-busy'],
      ['History-Info', '<sip:+491155@evil.example>;index=1'],
      ['Route', '<sip:198.51.100.66;lr>'],
    ],
  })
  const invite = await itsp.rings()
  t.notMatch([...invite.headers].join('\n'), /491155|198\.51\.100\.66/)
  alice.cancels()
  await alice.sees('487 INVITE')
  itsp.answersTo(await itsp.seesRequest('CANCEL'), 200)
  itsp.responds(487)
  await nothingIsLeft(t)
})

t.test('a caller that withholds its number: nobody in From, and the provider is asked to tell nobody', async (t) => {
  const { alice, itsp, nothingIsLeft } = await outside(t)
  await alice.calls(OUT_THERE, { headers: [['Privacy', 'id']] })
  const invite = await itsp.rings()
  t.equal(invite.from.uri.text, 'sip:anonymous@anonymous.invalid')
  t.equal(invite.headers.first('privacy'), 'id')
  t.equal(invite.headers.first('p-asserted-identity'), '<sip:+4930123451@203.0.113.5>')
  itsp.responds(486)
  await alice.sees('486 INVITE')
  await nothingIsLeft(t)
})

for (const status of [401, 407]) {
  t.test(`a provider that asks for a proof (${status}): INVITE, ACK, re-INVITE and BYE carry it`, async (t) => {
    const name = status === 401 ? 'authorization' : 'proxy-authorization'
    const { alice, itsp, nothingIsLeft } = await outside(t, { trunk: ACCOUNT })
    await alice.calls(OUT_THERE)
    const bare = await itsp.seesRequest('INVITE')
    t.notOk(credentialsOf(bare, name), 'none before it is asked')
    challenges(itsp, 'n1', { status })
    await itsp.sees('ACK')
    const invite = await itsp.rings()
    const params = credentialsOf(invite, name)
    t.equal(params?.get('username'), 'acme')
    t.equal(params?.get('nc'), '00000001')
    t.equal(params?.get('uri'), invite.uri.text)
    t.equal(invite.callId, bare.callId)
    t.equal(invite.from.tag, bare.from.tag)
    t.equal(invite.cSeq.number, bare.cSeq.number + 1)
    itsp.answers()
    await alice.talks()
    t.equal(credentialsOf(await itsp.seesRequest('ACK'), name)?.get('response'), params?.get('response'))

    alice.asks('INVITE', { sdp: alice.sdp({ lines: ['a=sendonly'] }) })
    await itsp.seesRequest('INVITE')
    challenges(itsp, 'n2', { status })
    await itsp.sees('ACK')
    t.equal(credentialsOf(await itsp.seesRequest('INVITE'), name)?.get('nonce'), 'n2')
    itsp.answers({ sdp: itsp.sdp({ lines: ['a=recvonly'] }) })
    alice.acknowledges(await alice.seesResponse('200 INVITE'))
    t.equal(credentialsOf(await itsp.seesRequest('ACK'), name)?.get('nonce'), 'n2')

    alice.asks('BYE')
    const bye = await itsp.seesRequest('BYE')
    itsp.answersTo(bye, status, { headers: [challenge('n3', { status })] })
    const again = await itsp.seesRequest('BYE')
    t.equal(credentialsOf(again, name)?.get('nonce'), 'n3')
    itsp.answersTo(again, 200)
    await alice.sees('200 BYE')
    await nothingIsLeft(t)
  })
}

t.test('both a proxy and a server of the provider ask: the last INVITE carries both proofs', async (t) => {
  const { alice, itsp, nothingIsLeft } = await outside(t, { trunk: ACCOUNT })
  await alice.calls(OUT_THERE)
  await itsp.seesRequest('INVITE')
  challenges(itsp, 'p', { status: 407 })
  await itsp.seesRequest('INVITE')
  challenges(itsp, 's', { status: 401 })
  const invite = await itsp.rings()
  t.equal(credentialsOf(invite, 'proxy-authorization')?.get('nonce'), 'p')
  t.equal(credentialsOf(invite)?.get('nonce'), 's')
  await talk(alice, itsp)
  await hangUp(alice, itsp)
  await nothingIsLeft(t)
})

t.test('a nonce that has gone stale under way is answered anew', async (t) => {
  const { alice, itsp, nothingIsLeft } = await outside(t, { trunk: ACCOUNT })
  await alice.calls(OUT_THERE)
  await itsp.seesRequest('INVITE')
  challenges(itsp, 'n1')
  await itsp.seesRequest('INVITE')
  challenges(itsp, 'n2', { more: ', qop="auth", stale=true' })
  t.equal(credentialsOf(await itsp.rings())?.get('nonce'), 'n2')
  await talk(alice, itsp)
  await hangUp(alice, itsp)
  await nothingIsLeft(t)
})

t.test('a wrong password: two INVITEs, then the next trunk takes the call', async (t) => {
  const { alice, itsp, second, nothingIsLeft } = await twoTrunks(t, ACCOUNT)
  await alice.calls(OUT_THERE)
  await itsp.seesRequest('INVITE')
  challenges(itsp, 'n1')
  await itsp.seesRequest('INVITE')
  challenges(itsp, 'n2')
  await second.rings()
  t.notOk(itsp.hasSeen('INVITE'), 'no third one')
  await talk(alice, second)
  await hangUp(alice, second)
  await nothingIsLeft(t)
})

t.test(
  'a wrong password and no other trunk: the caller hears that there is no way, not that it is to log in',
  async (t) => {
    const { alice, itsp, records, nothingIsLeft } = await outside(t, { trunk: ACCOUNT })
    await alice.calls(OUT_THERE)
    await itsp.seesRequest('INVITE')
    challenges(itsp, 'n1')
    await itsp.seesRequest('INVITE')
    challenges(itsp, 'n2')
    const refusal = await alice.seesResponse('502 INVITE')
    t.notOk(refusal.headers.has('www-authenticate'))
    t.match((await records())[0], { outcome: 'failed', reason: 'trunk one refused with 401 Unauthorized' })
    await nothingIsLeft(t)
  },
)

t.test('challenges for ever, each with a new nonce, realm or staleness, come to an end', async (t) => {
  for (const challengeOf of [
    (tries: number) => `realm="r", nonce="n${tries}"`,
    (tries: number) => `realm="r", nonce="n${tries}", stale=true`,
    (tries: number) => `realm="r${tries}", nonce="n${tries}"`,
  ]) {
    const { alice, itsp, nothingIsLeft } = await outside(t, { trunk: ACCOUNT })
    const ask = (tries: number): HeaderLine[] => [['WWW-Authenticate', `Digest ${challengeOf(tries)}, qop="auth"`]]
    await alice.calls(OUT_THERE)
    let tries = 0
    for (; await comes(itsp, 'INVITE'); tries++) itsp.responds(401, { headers: ask(tries) })
    t.ok(tries <= 6, `${tries} INVITEs for ${challengeOf(0)}`)
    await alice.sees('502 INVITE')
    // So it is with a BYE.
    await alice.calls(OUT_THERE)
    await itsp.rings()
    itsp.answers()
    await alice.talks()
    await itsp.sees('ACK')
    alice.asks('BYE')
    let byes = 0
    for (let bye = await comes(itsp, 'BYE'); bye !== null; bye = await comes(itsp, 'BYE'), byes++)
      itsp.answersTo(bye, 401, { headers: ask(100 + byes) })
    t.ok(byes <= 6, `${byes} BYEs for ${challengeOf(0)}`)
    await nothingIsLeft(t)
  }
})

t.test('an algorithm that we do not know, and a challenge that cannot be read: the next trunk', async (t) => {
  for (const value of [
    'Digest realm="r", nonce="n", algorithm=SHA-512-256',
    'Basic realm="r"',
    'Digest',
    '\u00ff,,=',
  ]) {
    const { alice, itsp, second, nothingIsLeft } = await twoTrunks(t, ACCOUNT)
    await alice.calls(OUT_THERE)
    await itsp.seesRequest('INVITE')
    itsp.responds(401, { headers: [['WWW-Authenticate', value]] })
    await second.rings()
    t.notOk(itsp.hasSeen('INVITE'), value)
    await talk(alice, second)
    await hangUp(alice, second)
    await nothingIsLeft(t)
  }
})

t.test('who has no password for a provider that wants one goes on to the next trunk', async (t) => {
  const { alice, itsp, second, nothingIsLeft } = await twoTrunks(t)
  await alice.calls(OUT_THERE)
  await itsp.seesRequest('INVITE')
  challenges(itsp)
  await second.rings()
  await talk(alice, second)
  await hangUp(alice, second)
  await nothingIsLeft(t)
})

t.test('credentials go to the trunk alone: a user’s phone that asks for them gets none', async (t) => {
  const { alice, phone, itsp, nothingIsLeft } = await outside(t, { trunk: ACCOUNT })
  const bob = await phone('102')
  await bob.registers()
  await alice.calls('102')
  await bob.seesRequest('INVITE')
  challenges(bob)
  await alice.sees('480 INVITE')
  t.notOk(bob.hasSeen('INVITE'))
  // Nor does who brings a call over the trunk: its challenge to our BYE is answered, a stranger's is not.
  await alice.calls(OUT_THERE)
  await itsp.rings()
  await talk(alice, itsp)
  await hangUp(alice, itsp)
  await nothingIsLeft(t)
})

t.test('an answer whose Contact is elsewhere: what follows goes to the provider all the same', async (t) => {
  const { alice, itsp, phone, nothingIsLeft } = await outside(t, { trunk: ACCOUNT })
  const stranger = await phone('stranger', { address: STRANGER })
  await alice.calls(OUT_THERE)
  const invite = await itsp.rings()
  itsp.answersTo(invite, 200, { headers: [['Contact', `<sip:x@${STRANGER}>`]], sdp: itsp.sdp() })
  await alice.talks()
  t.equal((await itsp.seesRequest('ACK')).uri.text, `sip:x@${STRANGER}`)
  await alice.hangsUp()
  itsp.answersTo(await itsp.seesRequest('BYE'), 200)
  t.same(stranger.received, [])
  await nothingIsLeft(t)
})

t.test('somebody who has overheard the call speaks in it from elsewhere: its challenge gets no proof', async (t) => {
  const { alice, itsp, phone, clock, nothingIsLeft } = await outside(t, { trunk: ACCOUNT })
  const stranger = await phone('stranger', { address: STRANGER })
  await alice.calls(OUT_THERE)
  await itsp.seesRequest('INVITE')
  challenges(itsp)
  t.ok((await itsp.rings()).headers.has('authorization'), 'the provider gets one')
  itsp.answers()
  await alice.talks()
  await itsp.sees('ACK')
  stranger.dialog = itsp.dialog
  stranger.asks('OPTIONS')
  await stranger.sees('200 OPTIONS')
  await alice.hangsUp()
  stranger.answersTo(await stranger.seesRequest('BYE'), 401, { headers: [challenge('bait')] })
  await clock.advance(5_000)
  t.notOk(stranger.hasSeen('BYE'), 'it is not asked again')
  t.notMatch(stranger.received.map(({ headers }) => [...headers].join('\n')).join('\n'), /authorization|bait/i)
  await nothingIsLeft(t)
})

t.test('early media (183 with SDP) is heard before the answer', async (t) => {
  const { alice, itsp, nothingIsLeft } = await outside(t)
  await alice.calls(OUT_THERE)
  await itsp.seesRequest('INVITE')
  itsp.responds(183, { sdp: itsp.sdp() })
  const early = await alice.seesResponse('183 INVITE')
  t.ok(early.body.length > 0)
  itsp.says('the number you have dialled')
  await alice.hears('the number you have dialled')
  await talk(alice, itsp)
  await hangUp(alice, itsp)
  await nothingIsLeft(t)
})

t.test('after an announcement the provider refuses: the caller is told what it said', async (t) => {
  const { alice, itsp, second, nothingIsLeft } = await twoTrunks(t)
  await alice.calls(OUT_THERE)
  await itsp.seesRequest('INVITE')
  itsp.responds(183, { sdp: itsp.sdp() })
  await alice.sees('183 INVITE')
  itsp.says('no longer in service')
  await alice.hears('no longer in service')
  itsp.responds(404, { headers: [['Reason', 'Q.850;cause=1;text="Unallocated number"']] })
  const refusal = await alice.seesResponse('404 INVITE')
  t.match(refusal.headers.first('reason'), /^Q\.850;cause=1/)
  t.notOk(second.hasSeen('INVITE'))
  await nothingIsLeft(t)
})

t.test('early media of the second trunk are heard where the first sent 100 alone, and failed', async (t) => {
  const { alice, itsp, second, nothingIsLeft } = await twoTrunks(t)
  await alice.calls(OUT_THERE)
  await itsp.seesRequest('INVITE')
  itsp.responds(100)
  await alice.sees('100 INVITE').catch(() => null)
  itsp.responds(503)
  await itsp.sees('ACK')
  await second.seesRequest('INVITE')
  second.responds(183, { sdp: second.sdp() })
  await alice.sees('183 INVITE')
  second.says('ringing')
  await alice.hears('ringing')
  await talk(alice, second)
  await hangUp(alice, second)
  await nothingIsLeft(t)
})

t.test('a busy trunk’s announcement, then another number: its early media are heard instead', async (t) => {
  const { alice, itsp, second, nothingIsLeft } = await outside(t, {
    phoneNetwork: {
      trunks: [trunkAt('one', PROVIDER), trunkAt('two', OTHER_PROVIDER)],
      routes: [rule('out', '[+0].*', ['trunk:one'], { busy: 'trunk:two' })],
    },
  }).then(async (all) => Object.assign(all, { second: await provider(all, { address: OTHER_PROVIDER }) }))
  await alice.calls(OUT_THERE)
  await itsp.seesRequest('INVITE')
  itsp.responds(183, { sdp: itsp.sdp() })
  const first = await alice.seesResponse('183 INVITE')
  itsp.says('beep beep')
  await alice.hears('beep beep')
  itsp.responds(486)
  await second.seesRequest('INVITE')
  second.responds(183, { sdp: second.sdp() })
  const next = await alice.seesResponse('183 INVITE')
  t.equal(String(next.body), String(first.body), 'what the caller was told stands')
  second.says('welcome')
  await alice.hears('welcome')
  await talk(alice, second)
  await hangUp(alice, second)
  await nothingIsLeft(t)
})

for (const status of [500, 502, 503, 504, 580]) {
  t.test(`${status}: the next trunk takes the call`, async (t) => {
    const { alice, itsp, second, records, nothingIsLeft } = await twoTrunks(t)
    await alice.calls(OUT_THERE)
    await itsp.seesRequest('INVITE')
    itsp.responds(status)
    await second.rings()
    await talk(alice, second)
    await hangUp(alice, second)
    t.match((await records())[0], { answeredBy: 'trunk:two', uses: ['trunk:two', 'user:101'] })
    await nothingIsLeft(t)
  })
}

for (const status of [403, 404, 410, 484, 486, 600, 603, 604]) {
  t.test(`${status} is an answer: no other trunk is asked`, async (t) => {
    const { alice, itsp, second, nothingIsLeft } = await twoTrunks(t)
    await alice.calls(OUT_THERE)
    await itsp.seesRequest('INVITE')
    itsp.responds(status)
    await alice.sees(`${status} INVITE`)
    t.notOk(second.hasSeen('INVITE'))
    await nothingIsLeft(t)
  })
}

for (const status of [180, 183]) {
  t.test(`a trunk that fails after its ${status} is not followed by another: it has rung there`, async (t) => {
    const { alice, itsp, second, nothingIsLeft } = await twoTrunks(t)
    await alice.calls(OUT_THERE)
    await itsp.seesRequest('INVITE')
    itsp.responds(status)
    await alice.sees(`${status} INVITE`)
    itsp.responds(503)
    await alice.sees('502 INVITE')
    t.notOk(second.hasSeen('INVITE'))
    await nothingIsLeft(t)
  })
}

t.test('4 s without a word: the next trunk; not sooner, and not where 100 came', async (t) => {
  const { alice, itsp, second, clock, nothingIsLeft } = await twoTrunks(t)
  await alice.calls(OUT_THERE)
  await itsp.seesRequest('INVITE')
  await clock.advance(3_900)
  t.notOk(second.hasSeen('INVITE'))
  await clock.advance(200)
  await second.rings()
  await talk(alice, second)
  await hangUp(alice, second)

  const asked = second.incoming
  await alice.calls(OUT_THERE)
  await clock.advance(50)
  const invite = itsp.incoming
  itsp.responds(100)
  await clock.advance(20_000)
  t.equal(second.incoming, asked)
  // What was given up before is still repeated, for its answer may have been lost.
  itsp.incoming = invite
  itsp.responds(486)
  await alice.sees('486 INVITE')
  await nothingIsLeft(t)
})

t.test('a late 200 of a trunk that was given up is acknowledged and hung up', async (t) => {
  const { alice, itsp, second, clock, nothingIsLeft } = await twoTrunks(t)
  await alice.calls(OUT_THERE)
  const invite = await itsp.seesRequest('INVITE')
  await second.rings()
  await talk(alice, second)
  await clock.advance(5_000)
  itsp.incoming = invite
  itsp.answers()
  await itsp.sees('ACK')
  await itsp.isHungUpOn()
  alice.says('still here')
  await second.hears('still here')
  await hangUp(alice, second)
  await nothingIsLeft(t)
})

t.test('a late 100 of a trunk that was given up gets the CANCEL that waited for it', async (t) => {
  const { alice, itsp, second, clock, nothingIsLeft } = await twoTrunks(t)
  await alice.calls(OUT_THERE)
  const invite = await itsp.seesRequest('INVITE')
  await second.rings()
  await clock.advance(1_000)
  itsp.answersTo(invite, 180)
  itsp.answersTo(await itsp.seesRequest('CANCEL'), 200)
  itsp.answersTo(invite, 487)
  await talk(alice, second)
  await hangUp(alice, second)
  await nothingIsLeft(t)
})

t.test('a closed port, or a host that cannot be reached: the next trunk at once', async (t) => {
  const { alice, itsp, second, clock, network, nothingIsLeft } = await twoTrunks(t)
  itsp.close()
  let since = clock.now()
  await alice.calls(OUT_THERE)
  await second.rings()
  t.ok(clock.now() - since < 1_000, `${clock.now() - since} ms`)
  await talk(alice, second)
  await hangUp(alice, second)
  network.noRouteTo.add(PROVIDER)
  since = clock.now()
  await alice.calls(OUT_THERE)
  await second.rings()
  t.ok(clock.now() - since < 1_000, `${clock.now() - since} ms`)
  await talk(alice, second)
  await hangUp(alice, second)
  await nothingIsLeft(t)
})

t.test('a connection that is refused, or never made: the next trunk', async (t) => {
  const { alice, second, clock, network, nothingIsLeft } = await twoTrunks(t, { transport: 'tcp' })
  let since = clock.now()
  await alice.calls(OUT_THERE)
  await second.rings()
  t.ok(clock.now() - since < 500, `${clock.now() - since} ms`)
  await talk(alice, second)
  await hangUp(alice, second)
  network.unreachable.add(PROVIDER)
  since = clock.now()
  await alice.calls(OUT_THERE)
  await second.rings()
  t.ok(clock.now() - since < 5_000, `${clock.now() - since} ms`)
  await talk(alice, second)
  await hangUp(alice, second)
  await nothingIsLeft(t)
})

t.test('where a trunk points to (302) is not followed: the next trunk, and nobody is asked for ever', async (t) => {
  const { alice, itsp, second, phone, nothingIsLeft } = await twoTrunks(t, ACCOUNT)
  const stranger = await phone('stranger', { address: STRANGER })
  await alice.calls(OUT_THERE)
  await itsp.seesRequest('INVITE')
  itsp.responds(302, { headers: [['Contact', `<sip:+491155@${STRANGER}>`]] })
  await second.seesRequest('INVITE')
  second.responds(302, { headers: [['Contact', `<sip:${OUT_THERE}@${PROVIDER}>, <sip:102@10.0.0.1>`]] })
  await alice.sees('502 INVITE')
  t.notOk(itsp.hasSeen('INVITE'))
  t.same(stranger.received, [])
  await nothingIsLeft(t)
})

t.test('the caller gives up: before any answer, while it rings, and between two trunks', async (t) => {
  const { alice, itsp, second, clock, records, nothingIsLeft } = await twoTrunks(t)
  await alice.calls(OUT_THERE)
  await itsp.rings()
  alice.cancels()
  await alice.sees('487 INVITE')
  itsp.answersTo(await itsp.seesRequest('CANCEL'), 200)
  itsp.responds(487)
  t.match((await records())[0], { outcome: 'cancelled' })

  await alice.calls(OUT_THERE)
  await itsp.seesRequest('INVITE')
  await clock.advance(2_000)
  alice.cancels()
  await alice.sees('487 INVITE')
  await clock.advance(10_000)
  t.notOk(second.hasSeen('INVITE'), 'nobody else is asked')
  t.notOk(itsp.hasSeen('CANCEL'), 'RFC 3261 §9.1: not before a provisional answer')
  await nothingIsLeft(t)
})

t.test('an answer that crosses the caller’s giving up is acknowledged and hung up', async (t) => {
  const { alice, itsp, nothingIsLeft } = await outside(t)
  await alice.calls(OUT_THERE)
  await itsp.rings()
  alice.cancels()
  itsp.answers()
  await alice.sees('487 INVITE')
  itsp.answersTo(await itsp.seesRequest('CANCEL'), 200)
  await itsp.sees('ACK')
  await itsp.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('nobody answers out there: after the rule’s time the call is taken back', async (t) => {
  const { alice, itsp, clock, records, nothingIsLeft } = await outside(t, {
    phoneNetwork: { routes: [{ ...allOut('one'), after: 20 }] },
  })
  await alice.calls(OUT_THERE)
  await itsp.rings()
  await clock.advance(19_000)
  t.notOk(itsp.hasSeen('CANCEL'))
  itsp.answersTo(await itsp.seesRequest('CANCEL', 2_000), 200)
  itsp.responds(487)
  await alice.sees('480 INVITE')
  t.match((await records())[0], { outcome: 'no-answer' })
  await nothingIsLeft(t)
})

t.test('servers that SRV records name are tried in their order, and the rest when one is silent', async (t) => {
  const all = await outside(t, { trunk: { host: 'sip.provider.example' } })
  const { alice, names, itsp, clock, changes, nothingIsLeft } = all
  names.set('_sip._udp.sip.provider.example', {
    services: [
      { priority: 20, weight: 0, target: 'b.provider.example', port: 5070 },
      { priority: 10, weight: 0, target: 'a.provider.example', port: 5060 },
    ],
    ttl: 300_000,
  })
  names.set('a.provider.example', { addresses: [PROVIDER] })
  names.set('b.provider.example', { addresses: [OTHER_PROVIDER] })
  const backup = await provider(all, { address: OTHER_PROVIDER, port: 5070 })
  // The names were asked for before they were there.
  changes({ trunks: [] })
  changes({ trunks: [trunkAt('one', 'sip.provider.example', ACCOUNT)] })
  await clock.advance(40_000)
  await alice.calls(OUT_THERE)
  const first = await itsp.seesRequest('INVITE')
  t.equal(first.uri.text, `sip:${OUT_THERE}@sip.provider.example`)
  await backup.seesRequest('INVITE')
  challenges(backup)
  const again = await backup.rings()
  t.equal(credentialsOf(again)?.get('username'), 'acme', 'the second is the trunk’s, too')
  await talk(alice, backup)
  await hangUp(alice, backup)
  // The one that was silent comes last for a while.
  const asked = itsp.incoming
  await alice.calls(OUT_THERE)
  await backup.rings()
  t.equal(itsp.incoming, asked)
  backup.responds(486)
  await alice.sees('486 INVITE')
  await nothingIsLeft(t)
})

t.test('a name that loses an address, or has none any more', async (t) => {
  const all = await outside(t, { trunk: { host: 'sip.provider.example', port: 5060 } })
  const { alice, names, itsp, clock, changes, nothingIsLeft } = all
  names.set('sip.provider.example', { addresses: [PROVIDER], ttl: 30_000 })
  changes({ trunks: [] })
  changes({ trunks: [trunkAt('one', 'sip.provider.example', { port: 5060 })] })
  await clock.advance(8_000)
  await alice.calls(OUT_THERE)
  await itsp.rings()
  itsp.responds(486)
  await alice.sees('486 INVITE')
  const backup = await provider(all, { address: OTHER_PROVIDER })
  names.set('sip.provider.example', { addresses: [OTHER_PROVIDER], ttl: 30_000 })
  await clock.advance(60_000)
  await alice.calls(OUT_THERE)
  await backup.rings()
  t.notOk(itsp.hasSeen('INVITE'))
  backup.responds(486)
  await alice.sees('486 INVITE')
  names.silent = true
  await clock.advance(600_000)
  await alice.calls(OUT_THERE)
  await backup.rings()
  backup.responds(486)
  await alice.sees('486 INVITE')
  await nothingIsLeft(t)
})

t.test(
  'as many calls at once as the trunk takes: one more goes over the next, and comes back when there is room',
  async (t) => {
    const all = await twoTrunks(t, { maxCalls: 1 })
    const { alice, itsp, second, phone, nothingIsLeft } = all
    const bob = await phone('102')
    await alice.calls(OUT_THERE)
    await itsp.rings()
    await talk(alice, itsp)
    await bob.calls(ABROAD)
    await second.rings()
    second.responds(486)
    await bob.sees('486 INVITE')
    await hangUp(alice, itsp)
    await bob.calls(ABROAD)
    await itsp.rings()
    itsp.responds(486)
    await bob.sees('486 INVITE')
    await nothingIsLeft(t)
  },
)

t.test('calls a second', async (t) => {
  const { alice, itsp, second, clock, nothingIsLeft } = await twoTrunks(t, { callsPerSecond: 2 })
  await clock.advance(5_000)
  for (const at of [itsp, itsp, second, second]) {
    await alice.calls(OUT_THERE)
    await at.seesRequest('INVITE')
    at.responds(486)
    await alice.sees('486 INVITE')
  }
  await clock.advance(1_000)
  await alice.calls(OUT_THERE)
  await itsp.seesRequest('INVITE')
  itsp.responds(486)
  await alice.sees('486 INVITE')
  await nothingIsLeft(t)
})

t.test('a trunk’s own codecs: those alone are offered, and what the caller speaks is turned into them', async (t) => {
  const { alice, itsp, nothingIsLeft } = await outside(t, {
    trunk: { codecs: ['PCMA'] },
    itsp: { codecs: ['8 PCMA/8000'] },
  })
  await alice.calls(OUT_THERE, { sdp: alice.sdp({ codecs: ['0 PCMU/8000'] }) })
  const invite = await itsp.rings()
  t.match(String(invite.body), /m=audio \d+ RTP\/AVP 8( \d+)?\r\n/)
  itsp.answers()
  t.match(String((await alice.talks()).body), /m=audio \d+ RTP\/AVP 0/)
  await itsp.sees('ACK')
  await hangUp(alice, itsp)
  await nothingIsLeft(t)
})

t.test('488 of a trunk: the next may speak the codec', async (t) => {
  const { alice, itsp, second, nothingIsLeft } = await twoTrunks(t)
  await alice.calls(OUT_THERE)
  await itsp.seesRequest('INVITE')
  itsp.responds(488)
  await second.rings()
  second.responds(486)
  await alice.sees('486 INVITE')
  // That one call had the wrong codec says nothing of the server.
  await alice.calls(OUT_THERE)
  await itsp.rings()
  itsp.responds(486)
  await alice.sees('486 INVITE')
  await nothingIsLeft(t)
})

t.test('488 of one of two servers says nothing of the server: the next call goes there first again', async (t) => {
  const all = await outside(t, { trunk: { servers: [OTHER_PROVIDER] } })
  const { alice, itsp, nothingIsLeft } = all
  const second = await provider(all, { address: OTHER_PROVIDER })
  for (const status of [488, 486, 488]) {
    await alice.calls(OUT_THERE)
    await itsp.seesRequest('INVITE')
    itsp.responds(status)
    await alice.sees(`${status} INVITE`)
  }
  t.notOk(second.hasSeen('INVITE'))
  await alice.calls(OUT_THERE)
  await itsp.seesRequest('INVITE')
  itsp.responds(503)
  await second.rings()
  second.responds(486)
  await alice.sees('486 INVITE')
  await alice.calls(OUT_THERE)
  await second.rings()
  second.responds(486)
  await alice.sees('486 INVITE')
  await nothingIsLeft(t)
})

t.test('a trunk that carries a call is up, though it did not answer when it was asked', async (t) => {
  const { alice, itsp, clock, pbx, nothingIsLeft } = await outside(t, { phoneNetwork: { trunks: [] } }).then((all) => {
    all.itsp.automatic = () => null
    all.changes({ trunks: [trunkAt('one', PROVIDER)], routes: [allOut('one')] })
    return all
  })
  await clock.advance(6_000)
  t.match(pbx.outside.trunks[0], { state: 'unknown', problem: /does not answer/ })
  await alice.calls(OUT_THERE)
  await clock.advance(50)
  itsp.responds(180)
  await talk(alice, itsp)
  t.match(pbx.outside.trunks[0], { state: 'up', problem: null })
  await hangUp(alice, itsp)
  await nothingIsLeft(t)
})

t.test('a caller without an offer: the provider’s is passed on', async (t) => {
  const { alice, itsp, nothingIsLeft } = await outside(t)
  await alice.calls(OUT_THERE, { sdp: null })
  const invite = await itsp.rings()
  t.equal(invite.body.length, 0)
  itsp.answers()
  await alice.talks({ sdp: alice.sdp() })
  await itsp.sees('ACK')
  alice.says('hello')
  await itsp.hears('hello')
  await hangUp(alice, itsp)
  await nothingIsLeft(t)
})

t.test(
  'a user sends its calls on to the outside: the provider hears by whom (Diversion), and it is the user’s call',
  async (t) => {
    const { itsp, records, nothingIsLeft } = await outside(t, {
      phoneNetwork: { forwards: [forward('102', { always: `number:${ABROAD}` })] },
    })
    await brings(itsp, MAIN)
    const invite = await itsp.rings()
    t.equal(invite.uri.text, `sip:${ABROAD}@203.0.113.5`)
    t.equal(invite.from.uri.text, `sip:${OUT_THERE}@203.0.113.5`, 'who called us is shown')
    t.match(invite.headers.all('diversion')[0], /^<sip:\+4930123452@203\.0\.113\.5>;reason=\w+/)
    itsp.responds(486)
    await itsp.sees('486 INVITE')
    t.match((await records())[0], { from: OUT_THERE, outcome: 'busy', uses: ['user:102'] })
    await nothingIsLeft(t)
  },
)

t.test('a forward on busy, and a second one behind it: both are named, the latest first', async (t) => {
  const { itsp, phone, nothingIsLeft } = await outside(t, {
    phoneNetwork: {
      forwards: [forward('102', { busy: 'user:101' }), forward('101', { offline: `number:${ABROAD}` })],
    },
  })
  const bob = await phone('102')
  await bob.registers()
  const carol = await phone('103')
  await carol.calls('102')
  await bob.rings()
  bob.responds(486)
  const invite = await itsp.seesRequest('INVITE')
  t.same(
    invite.headers.all('diversion').map((value) => /\+\d+/.exec(value)?.[0]),
    ['+4930123451', '+4930123452'],
  )
  itsp.responds(486)
  await carol.sees('486 INVITE')
  await nothingIsLeft(t)
})

t.test('the provider hangs up, holds, and says why', async (t) => {
  const { alice, itsp, nothingIsLeft } = await outside(t)
  await alice.calls(OUT_THERE)
  await itsp.rings()
  await talk(alice, itsp)
  itsp.asks('INVITE', { sdp: itsp.sdp({ lines: ['a=sendonly'] }) })
  await alice.seesRequest('INVITE')
  alice.answers({ sdp: alice.sdp({ lines: ['a=recvonly'] }) })
  itsp.acknowledges(await itsp.seesResponse('200 INVITE'))
  await alice.sees('ACK')
  itsp.asks('BYE', { headers: [['Reason', 'Q.850;cause=16']] })
  t.match((await alice.isHungUpOn()).headers.first('reason'), /Q\.850;cause=16/)
  await itsp.sees('200 BYE')
  await nothingIsLeft(t)
})

t.test('reliable provisional answers of a provider', async (t) => {
  const { alice, itsp, nothingIsLeft } = await outside(t)
  await alice.calls(OUT_THERE)
  await itsp.seesRequest('INVITE')
  ringsReliably(itsp, 183, 1, itsp.sdp())
  itsp.answersTo(await itsp.seesRequest('PRACK'), 200)
  await alice.sees('183 INVITE')
  itsp.says('ringing')
  await alice.hears('ringing')
  await talk(alice, itsp)
  await hangUp(alice, itsp)
  await nothingIsLeft(t)
})

t.test('calls that nobody allows go nowhere: the dial plan says no, and the provider hears nothing', async (t) => {
  const { alice, itsp, phone, changes, nothingIsLeft } = await outside(t)
  changes({ routes: [] })
  await alice.calls(OUT_THERE, { sees: '403 INVITE' })
  const stranger = await phone('stranger', { address: STRANGER })
  stranger.sends(bringing(stranger, OUT_THERE, { caller: '101' }))
  await stranger.sees('401 INVITE')
  t.notOk(itsp.hasSeen('INVITE'))
  await nothingIsLeft(t)
})

t.test('keys to a trunk that is told them by INFO, and from it', async (t) => {
  const { alice, itsp, clock, nothingIsLeft } = await outside(t, { trunk: { dtmf: 'info' } })
  await alice.calls(OUT_THERE)
  const invite = await itsp.rings()
  t.notMatch(Buffer.from(invite.body).toString(), /telephone-event/, 'no events are offered')
  itsp.answers({ sdp: itsp.sdp({ codecs: ['0 PCMU/8000'] }) })
  await alice.talks()
  await itsp.sees('ACK')
  const began = alice.audio.timestamp
  for (const [code, end, duration] of [
    [5, 0, 160],
    [5, 0, 320],
    [5, 0x80, 480],
    [5, 0x80, 480],
    [5, 0x80, 480],
  ] as const) {
    alice.says(String.fromCharCode(code, end | 10, duration >> 8, duration & 0xff), 101, began)
    await clock.advance(20)
  }
  const told = await itsp.seesRequest('INFO')
  t.match(Buffer.from(told.body).toString(), /Signal=5/)
  itsp.answersTo(told, 200)
  await clock.advance(1_000)
  t.notOk(itsp.hasSeen('INFO'), 'once')
  await hangUp(alice, itsp)
  await nothingIsLeft(t)
})
