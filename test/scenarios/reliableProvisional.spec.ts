import t from 'tap'
import type { SipResponse } from '../../src/sip/message/message.ts'
import { bothRinging, twoPhones } from '../support/virtual/people.ts'
import type { Extra, VirtualPhone } from '../support/virtual/phone.ts'
import { world } from '../support/virtual/world.ts'

const text = (message: { body: Uint8Array }): string => Buffer.from(message.body).toString()
const knows = { headers: [['Supported', '100rel']] } as const
const requires = { headers: [['Require', '100rel']] } as const

/** A reliable provisional response of a phone that rings. */
function rings(phone: VirtualPhone, status: number, rSeq: number, sdp: string | null = null): void {
  phone.responds(status, {
    headers: [
      ['Require', '100rel'],
      ['RSeq', String(rSeq)],
    ],
    sdp,
  })
}

/** Acknowledges a reliable provisional response, in the early dialog. */
function pracks(phone: VirtualPhone, response: SipResponse, { headers = [], sdp = null }: Extra = {}): void {
  phone.dialog = {
    callId: response.callId,
    from: response.from.text,
    to: response.to.text,
    target: /<(.+)>/.exec(response.headers.first('contact') ?? '')?.[1] ?? '',
  }
  const rAck = `${response.headers.first('rseq')} ${response.cSeq.number} INVITE`
  phone.asks('PRACK', { headers: [['RAck', rAck], ...headers], sdp })
}

t.test('neither side knows 100rel: nothing is reliable', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.rings()
  const ringing = await alice.seesResponse('180 INVITE')
  t.equal(ringing.headers.first('rseq'), null)
  t.equal(ringing.headers.first('require'), null)
  alice.cancels()
  await alice.sees('487 INVITE')
  bob.answersTo(await bob.seesRequest('CANCEL'), 200)
  bob.responds(487)
  await nothingIsLeft(t)
})

t.test('the phone that rings is reliable, the caller is not: we acknowledge in its place', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  const invite = await bob.seesRequest('INVITE')
  t.match(invite.headers.first('supported'), /100rel/)
  rings(bob, 180, 7000)
  const prack = await bob.seesRequest('PRACK')
  t.equal(prack.headers.first('rack'), `7000 ${invite.cSeq.number} INVITE`)
  t.equal(prack.cSeq.number, invite.cSeq.number + 1)
  bob.answersTo(prack, 200)
  await alice.sees('180 INVITE')
  // Repeated, for the PRACK was slow; then one that came before its turn, which is not acknowledged.
  rings(bob, 180, 7000)
  rings(bob, 183, 7002, bob.sdp())
  rings(bob, 183, 7001, bob.sdp())
  const early = await alice.seesResponse('183 INVITE')
  t.match(text(early), /m=audio/)
  t.equal(early.headers.first('rseq'), null)
  bob.answersTo(await bob.seesRequest('PRACK'), 200)
  t.notOk(bob.hasSeen('PRACK'))
  bob.says('please hold the line')
  await alice.hears('please hold the line')
  bob.answers({ sdp: null })
  const answer = await alice.talks()
  t.equal(text(answer), text(early), 'the 200 says the same as the 183')
  await bob.sees('ACK')
  alice.says('hello')
  await bob.hears('hello')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('the caller requires reliability, the phone knows none: we are reliable in its place', async (t) => {
  const { alice, bob, clock, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102', requires)
  await bob.seesRequest('INVITE')
  bob.responds(180)
  const ringing = await alice.seesResponse('180 INVITE')
  t.equal(ringing.headers.first('require'), '100rel')
  const rSeq = Number(ringing.headers.first('rseq'))
  t.ok(rSeq >= 1 && rSeq < 2 ** 31)
  const since = clock.now()
  await alice.sees('180 INVITE')
  t.equal(clock.now() - since, 500, 'it is repeated until it is acknowledged')
  // Its media waits until the caller has acknowledged what came before.
  bob.responds(183, { sdp: bob.sdp() })
  await clock.advance(600)
  t.notOk(alice.hasSeen('183 INVITE'))
  pracks(alice, ringing)
  await alice.sees('200 PRACK')
  const early = await alice.seesResponse('183 INVITE')
  t.equal(Number(early.headers.first('rseq')), rSeq + 1)
  // The answer waits for the PRACK of the media, too.
  bob.answers()
  await clock.advance(400)
  t.notOk(alice.hasSeen('200 INVITE'))
  pracks(alice, early)
  await alice.sees('200 PRACK')
  const answer = await alice.talks()
  t.equal(answer.body.length, 0, 'all was said before (RFC 6337 §2.1)')
  await bob.sees('ACK')
  alice.says('hello')
  await bob.hears('hello')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('both are reliable, and change their media before the answer (RFC 3311)', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102', knows)
  await bob.seesRequest('INVITE')
  rings(bob, 183, 1, bob.sdp())
  bob.answersTo(await bob.seesRequest('PRACK'), 200)
  const early = await alice.seesResponse('183 INVITE')
  pracks(alice, early)
  await alice.sees('200 PRACK')
  alice.asks('UPDATE', { sdp: alice.sdp({ lines: ['a=sendonly'] }) })
  t.match(text(await alice.seesResponse('200 UPDATE')), /a=recvonly/)
  bob.dialog = null
  bob.answers({ sdp: null })
  await alice.talks()
  await bob.sees('ACK')
  const caught = await bob.seesRequest('INVITE')
  t.match(text(caught), /a=sendonly/, 'who rang is told now')
  bob.answers({ sdp: bob.sdp({ lines: ['a=recvonly'] }) })
  await bob.sees('ACK')
  alice.says('announcement')
  await bob.hears('announcement')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('an offer in a PRACK is answered in its 200', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102', knows)
  await bob.seesRequest('INVITE')
  bob.responds(183, { sdp: bob.sdp() })
  const early = await alice.seesResponse('183 INVITE')
  pracks(alice, early, { sdp: alice.sdp({ codecs: ['0 PCMU/8000'] }) })
  const answer = await alice.seesResponse('200 PRACK')
  t.match(text(answer), /m=audio \d+ RTP\/AVP 0\r/)
  alice.cancels()
  await alice.sees('487 INVITE')
  bob.answersTo(await bob.seesRequest('CANCEL'), 200)
  bob.responds(487)
  await nothingIsLeft(t)
})

t.test('RFC 3262 §5: the offer in a reliable 183 is answered by the caller’s PRACK', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102', { ...knows, sdp: null })
  const invite = await bob.seesRequest('INVITE')
  t.equal(invite.body.length, 0)
  rings(bob, 183, 1, bob.sdp())
  const early = await alice.seesResponse('183 INVITE')
  t.match(text(early), /m=audio/)
  t.notOk(bob.hasSeen('PRACK'), 'it waits for the caller’s')
  pracks(alice, early, { sdp: alice.sdp() })
  await alice.sees('200 PRACK')
  const prack = await bob.seesRequest('PRACK')
  t.match(text(prack), /m=audio/)
  bob.answersTo(prack, 200)
  bob.says('early')
  await alice.hears('early')
  bob.answers({ sdp: null })
  const answer = await alice.talks()
  t.equal(answer.body.length, 0)
  await bob.sees('ACK')
  alice.says('late')
  await bob.hears('late')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('without an offer and without reliability at the caller, the phone is not asked for it', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102', { sdp: null })
  const invite = await bob.rings()
  t.notMatch(invite.headers.first('supported'), /100rel/)
  await alice.sees('180 INVITE')
  alice.cancels()
  await alice.sees('487 INVITE')
  bob.answersTo(await bob.seesRequest('CANCEL'), 200)
  bob.responds(487)
  await nothingIsLeft(t)
})

t.test('a caller that requires 100rel and makes no offer hears no ringing without one', async (t) => {
  const { alice, bob, clock, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102', { ...requires, sdp: null })
  await bob.rings()
  await clock.advance(100)
  t.notOk(alice.hasSeen('180 INVITE'), 'RFC 3261 §13.2.1: the first reliable response must bring an offer')
  bob.answers()
  await alice.talks({ sdp: alice.sdp() })
  await bob.sees('ACK')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('RFC 3262 §3: a provisional response that is never acknowledged ends the call with a 5xx', async (t) => {
  const { alice, bob, records, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102', requires)
  await bob.rings()
  await alice.sees('504 INVITE', 40_000)
  const seen = alice.received.filter((message) => message.kind === 'response' && message.status === 180)
  t.equal(seen.length, 7, 'at 0, 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 s')
  const cancel = await bob.seesRequest('CANCEL')
  t.match(cancel.headers.first('reason'), /^SIP;cause=504;.*no PRACK came/)
  bob.answersTo(cancel, 200)
  bob.responds(487)
  const reason = '101 never acknowledged a provisional response (no PRACK came)'
  t.match(await records(), [{ outcome: 'failed', endedBy: 'server', status: 504, reason, answeredAt: null }])
  await nothingIsLeft(t)
})

t.test('a PRACK for nothing is 481', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102', requires)
  await bob.rings()
  const ringing = await alice.seesResponse('180 INVITE')
  pracks(alice, ringing)
  await alice.sees('200 PRACK')
  pracks(alice, ringing)
  await alice.sees('481 PRACK')
  bob.answers()
  await alice.talks()
  await bob.sees('ACK')
  pracks(alice, ringing)
  await alice.sees('481 PRACK')
  await bob.hangsUp()
  await alice.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('the caller gives up, or the call ends, while a response waits for its PRACK', async (t) => {
  for (const how of ['CANCEL', 'refusal'] as const) {
    const { alice, bob, nothingIsLeft } = await twoPhones(t)
    await alice.calls('102', requires)
    await bob.rings()
    await alice.sees('180 INVITE')
    if (how === 'CANCEL') {
      alice.cancels()
      await alice.sees('487 INVITE')
      bob.answersTo(await bob.seesRequest('CANCEL'), 200)
      bob.responds(487)
    } else {
      bob.responds(486)
      await alice.sees('486 INVITE')
    }
    await nothingIsLeft(t)
  }
})

t.test('the caller hangs up while the answer waits for its PRACK: both are let go', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102', requires)
  await bob.rings()
  await alice.sees('180 INVITE')
  bob.answers()
  alice.cancels()
  await alice.sees('487 INVITE')
  await bob.sees('ACK')
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('the phone hangs up while its answer waits for the caller’s PRACK', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102', requires)
  await bob.rings()
  const ringing = await alice.seesResponse('180 INVITE')
  bob.answers()
  await bob.hangsUp()
  pracks(alice, ringing)
  await alice.sees('480 INVITE')
  await nothingIsLeft(t)
})

t.test('several phones: the one that wins was reliable, and its 200 says nothing more', async (t) => {
  const { alice, desk, kitchen, nothingIsLeft } = await bothRinging(t)
  rings(desk, 183, 50, desk.sdp())
  rings(kitchen, 183, 60, kitchen.sdp())
  desk.answersTo(await desk.seesRequest('PRACK'), 200)
  kitchen.answersTo(await kitchen.seesRequest('PRACK'), 200)
  kitchen.answers({ sdp: null })
  const answer = await alice.talks()
  t.match(text(answer), /m=audio/)
  await kitchen.sees('ACK')
  desk.answersTo(await desk.seesRequest('CANCEL'), 200)
  desk.responds(487)
  alice.says('hello kitchen')
  await kitchen.hears('hello kitchen')
  await alice.hangsUp()
  await kitchen.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('before the first answer, another offer is told to come again', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102')
  await bob.registers()
  await alice.calls('102', requires)
  await bob.rings()
  const ringing = await alice.seesResponse('180 INVITE')
  pracks(alice, ringing)
  await alice.sees('200 PRACK')
  alice.asks('UPDATE', { sdp: alice.sdp() })
  t.ok((await alice.seesResponse('500 UPDATE')).headers.first('retry-after'))
  alice.asks('UPDATE')
  await alice.sees('200 UPDATE')
  alice.cancels()
  await alice.sees('487 INVITE')
  bob.answersTo(await bob.seesRequest('CANCEL'), 200)
  bob.responds(487)
  await nothingIsLeft(t)
})
