import t from 'tap'
import { bodyOf } from '../support/virtual/body.ts'
import { talking, twoPhones } from '../support/virtual/people.ts'

const timer = (expires: string, ...more: (readonly [string, string])[]) => ({
  headers: [['Supported', 'timer'], ['Session-Expires', expires], ...more] as (readonly [string, string])[],
})
const ALLOWS_UPDATE = ['Allow', 'INVITE, ACK, BYE, CANCEL, UPDATE'] as const

t.test('neither phone knows session timers: none runs', async (t) => {
  const { alice, bob, clock, nothingIsLeft } = await talking(t)
  t.equal(bob.incoming?.headers.first('session-expires'), '1800', 'we would like to')
  await clock.advance(50_000)
  t.notOk(alice.hasSeen('INVITE') || bob.hasSeen('INVITE') || alice.hasSeen('UPDATE') || bob.hasSeen('UPDATE'))
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('RFC 4028 §6: too short a session is 422 with Min-SE, before it rings anywhere', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.authenticated(alice.invitation('102', timer('60')), '422 INVITE')
  const refusal = alice.received.at(-1)
  t.equal(refusal?.headers.first('min-se'), '90')
  t.notOk(bob.hasSeen('INVITE'))
  await nothingIsLeft(t)
})

t.test('the caller refreshes, by UPDATE or re-INVITE; the other leg knows nothing of it', async (t) => {
  const { alice, bob, clock, nothingIsLeft } = await twoPhones(t)
  const said = alice.sdp()
  await alice.calls('102', { ...timer('100'), sdp: said })
  await bob.rings()
  bob.answers()
  const answer = await alice.talks()
  await bob.sees('ACK')
  t.equal(answer.headers.first('session-expires'), '100;refresher=uac')
  t.equal(answer.headers.first('require'), 'timer')
  for (let turn = 0; turn < 4; turn++) {
    await clock.advance(50_000)
    // So that nobody is taken to be gone.
    alice.says(`a${turn}`)
    bob.says(`b${turn}`)
    if (turn % 2 === 0) {
      alice.asks('UPDATE', timer('100;refresher=uac'))
      t.equal((await alice.seesResponse('200 UPDATE')).headers.first('session-expires'), '100;refresher=uac')
    } else {
      alice.asks('INVITE', { ...timer('100;refresher=uac'), sdp: said })
      const again = await alice.seesResponse('200 INVITE')
      t.equal(again.headers.first('session-expires'), '100;refresher=uac')
      alice.acknowledges(again)
    }
  }
  t.notOk(bob.hasSeen('INVITE') || bob.hasSeen('UPDATE') || bob.hasSeen('BYE'))
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('RFC 4028 §10: a caller that does not refresh is hung up on before the time is over', async (t) => {
  const { alice, bob, clock, records, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102', timer('90'))
  await bob.rings()
  bob.answers()
  await alice.talks()
  await bob.sees('ACK')
  const since = clock.now()
  await alice.isHungUpOn()
  t.equal(Math.round((clock.now() - since) / 1000), 60, '90 s less a third of it')
  await bob.isHungUpOn()
  t.match((await records())[0]?.reason, /not refreshed/)
  await nothingIsLeft(t)
})

t.test(
  'the caller leaves the refreshing to us: UPDATE if it takes such, else a re-INVITE that changes nothing',
  async (t) => {
    for (const method of ['UPDATE', 'INVITE'] as const) {
      const { alice, bob, clock, nothingIsLeft } = await twoPhones(t)
      const allow = method === 'UPDATE' ? [ALLOWS_UPDATE] : []
      await alice.calls('102', timer('120;refresher=uas', ...allow))
      await bob.rings()
      bob.answers()
      const answer = await alice.talks()
      await bob.sees('ACK')
      t.equal(answer.headers.first('session-expires'), '120;refresher=uas')
      const version = /o=.*/.exec(bodyOf(answer))?.[0]
      for (let turn = 0; turn < 2; turn++) {
        const since = clock.now()
        const refresh = await alice.seesRequest(method, 70_000)
        t.equal(Math.round((clock.now() - since) / 1000), 60)
        t.equal(refresh.headers.first('session-expires'), '120;refresher=uac')
        t.match(refresh.headers.first('supported'), /timer/)
        if (method === 'INVITE') t.equal(/o=.*/.exec(bodyOf(refresh))?.[0], version)
        alice.answersTo(refresh, 200, {
          headers: [
            ['Contact', alice.contact],
            ['Session-Expires', '120;refresher=uac'],
          ],
          sdp: method === 'INVITE' ? alice.sdp() : null,
        })
        alice.says(`a${turn}`)
        bob.says(`b${turn}`)
      }
      t.notOk(bob.hasSeen('INVITE') || bob.hasSeen('UPDATE'))
      await alice.hangsUp()
      await bob.isHungUpOn()
      await nothingIsLeft(t)
    }
  },
)

t.test('RFC 4028 §9: a proxy asks for a timer that its phone does not know: the refreshing is ours', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102', { headers: [['Session-Expires', '200']] })
  await bob.rings()
  bob.answers()
  const answer = await alice.talks()
  t.equal(answer.headers.first('session-expires'), '200;refresher=uas')
  t.equal(answer.headers.first('require'), null)
  await bob.sees('ACK')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('only who is called knows timers, and refreshes or has it done', async (t) => {
  for (const refresher of ['uas', 'uac'] as const) {
    const { alice, bob, clock, nothingIsLeft } = await twoPhones(t)
    await alice.calls('102')
    await bob.rings()
    bob.answers({ headers: [['Session-Expires', `90;refresher=${refresher}`], ['Require', 'timer'], ALLOWS_UPDATE] })
    await alice.talks()
    await bob.sees('ACK')
    if (refresher === 'uac') {
      const refresh = await bob.seesRequest('UPDATE', 50_000)
      t.equal(refresh.headers.first('session-expires'), '90;refresher=uac')
      t.equal(refresh.headers.first('contact')?.includes('10.0.0.1'), true)
      bob.answersTo(refresh, 200, { headers: [['Session-Expires', '90;refresher=uac']] })
      await alice.hangsUp()
      await bob.isHungUpOn()
    } else {
      await clock.advance(40_000)
      bob.asks('UPDATE', timer('90;refresher=uac'))
      t.equal((await bob.seesResponse('200 UPDATE')).headers.first('session-expires'), '90;refresher=uac')
      alice.says('still here')
      bob.says('me too')
      await clock.advance(59_000)
      t.notOk(bob.hasSeen('BYE'))
      await bob.isHungUpOn()
      await alice.isHungUpOn()
    }
    await nothingIsLeft(t)
  }
})

t.test('RFC 4028 §7.3: a phone whose Min-SE is longer gets the INVITE again with it', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  const first = await bob.seesRequest('INVITE')
  bob.responds(422, { headers: [['Min-SE', '3600']] })
  await bob.sees('ACK')
  const second = await bob.seesRequest('INVITE')
  t.equal(second.callId, first.callId)
  t.equal(second.from.tag, first.from.tag)
  t.equal(second.cSeq.number, first.cSeq.number + 1)
  t.not(second.via.branch, first.via.branch)
  t.equal(second.headers.first('session-expires'), '3600')
  t.equal(second.headers.first('min-se'), '3600')
  t.same(second.body, first.body)
  bob.answers({ headers: [['Session-Expires', '3600;refresher=uas']] })
  await alice.talks()
  await bob.sees('ACK')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('a 422 that asks for no more than it got, or for too much, is a refusal', async (t) => {
  for (const minimum of ['1800', '100000', 'x']) {
    const { alice, bob, nothingIsLeft } = await twoPhones(t)
    await alice.calls('102')
    await bob.rings()
    bob.responds(422, { headers: [['Min-SE', minimum]] })
    await alice.sees('422 INVITE')
    await nothingIsLeft(t)
  }
})

t.test('a refresh of ours that meets 491 is tried again, one that is never answered ends the call', async (t) => {
  const { alice, bob, clock, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102', timer('300;refresher=uas', ALLOWS_UPDATE))
  await bob.rings()
  bob.answers()
  await alice.talks()
  await bob.sees('ACK')
  for (let turn = 0; turn < 2; turn++) {
    await clock.advance(50_000)
    alice.says(`a${turn}`)
    bob.says(`b${turn}`)
  }
  const first = await alice.seesRequest('UPDATE', 51_000)
  const since = clock.now()
  alice.answersTo(first, 491)
  const second = await alice.seesRequest('UPDATE')
  t.ok(clock.now() - since <= 2_050, 'RFC 3261 §14.1: within 2 s, for the Call-ID is hers')
  bob.says('still here')
  alice.answersTo(second, 405)
  const third = await alice.seesRequest('INVITE', 11_000)
  t.match(bodyOf(third), /m=audio/, 'by re-INVITE, then')
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})
