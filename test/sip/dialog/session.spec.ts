import t from 'tap'
import { IncomingInvite } from '../../../src/sip/dialog/incomingInvite.ts'
import type { SipRequest } from '../../../src/sip/message/message.ts'
import { reply, request } from '../messages.ts'
import { TestFlow } from '../testFlow.ts'
import { DialogBench } from './bench.ts'

const offer = Buffer.from('offer')
const answer = Buffer.from('answer')

t.test('RFC 3261 §13.3.1.4: our 2xx is repeated until its ACK, over any transport', async (t) => {
  for (const protocol of ['udp', 'tcp'] as const) {
    const bench = new DialogBench(protocol)
    const call = bench.incoming()
    await bench.clock.advance(8000)
    t.strictSame(
      bench.flow.take().map(({ at, message }) => `${at} ${message.kind === 'response' && message.status}`),
      ['500 200', '1500 200', '3500 200', '7500 200'],
    )
    call.sends('ACK', { body: 'hello' })
    await bench.clock.advance(60_000)
    t.strictSame(bench.flow.told(), [])
    t.strictSame(bench.hears(), ['ack hello'])
  }
})

t.test('RFC 3261 §13.3.1.4: without an ACK the call is ended with BYE after 64·T1', async (t) => {
  const bench = new DialogBench()
  bench.incoming()
  await bench.clock.advance(31_999)
  t.equal(bench.flow.told().length, 10, 'every 4 s at most')
  t.strictSame(bench.hears(), [])
  await bench.clock.advance(1)
  t.strictSame(bench.flow.told(), ['BYE'])
  t.strictSame(bench.hears(), ['ended by failure: our answer was never acknowledged'])
  await bench.nothingIsLeft()
})

t.test('RFC 3261 §15.1.2: the peer hangs up', async (t) => {
  const bench = new DialogBench()
  const call = bench.incoming()
  call.sends('ACK')
  bench.hears()
  call.sends('BYE', { headers: { Reason: 'Q.850;cause=16' } })
  t.strictSame(bench.flow.told(), ['200 BYE'])
  t.strictSame(bench.hears(), ['ended by peer: Q.850;cause=16'])
  t.equal(call.session.over, true)
  call.session.bye()
  t.strictSame(bench.flow.told(), [], 'there is nobody to say it to')
  call.sends('BYE')
  t.strictSame(bench.flow.told(), ['481 BYE'], 'another one belongs to nothing')
  await bench.nothingIsLeft()
})

t.test('the peer hangs up before it has acknowledged: nothing is repeated any more', async (t) => {
  const bench = new DialogBench()
  bench.incoming().sends('BYE')
  t.strictSame(bench.flow.told(), ['200 BYE'])
  t.strictSame(bench.hears(), ['ended by peer: null'])
  await bench.clock.advance(10_000)
  t.strictSame(bench.flow.told(), [])
  await bench.nothingIsLeft()
})

t.test('RFC 3261 §15.1.1: we hang up, once', async (t) => {
  const bench = new DialogBench()
  const { session, invite } = bench.outgoing()
  session.bye('SIP;cause=480;text="gone"')
  session.bye()
  const bye = bench.flow.request('BYE')
  t.equal(bye.headers.first('reason'), 'SIP;cause=480;text="gone"')
  t.equal(bye.cSeq.number, invite.cSeq.number + 1)
  t.equal(session.over, true)
  bench.comes(reply(bye, 200))
  t.strictSame(bench.hears(), [], 'the user knows')
  await bench.nothingIsLeft()
})

t.test('RFC 5407 §3.2.1: our BYE crosses the peer’s: it is answered, as long as ours is not', async (t) => {
  const bench = new DialogBench()
  const call = bench.outgoing()
  call.session.bye()
  const bye = bench.flow.request('BYE')
  call.sends('BYE')
  t.strictSame(bench.flow.told(), ['200 BYE'])
  call.sends('INVITE')
  t.strictSame(bench.flow.told(), ['481 INVITE'], 'nothing else is')
  bench.comes(reply(bye, 200))
  call.sends('BYE')
  t.strictSame(bench.flow.told(), ['481 BYE'])
  t.strictSame(bench.hears(), [])
  await bench.nothingIsLeft()
})

t.test('RFC 3261 §15: who answered waits with its BYE for the ACK', async (t) => {
  const acknowledged = new DialogBench()
  const call = acknowledged.incoming()
  call.session.bye('SIP;cause=200')
  t.strictSame(acknowledged.flow.told(), [])
  call.sends('INVITE')
  t.strictSame(acknowledged.flow.told(), ['488 INVITE'], 'it is as good as over')
  call.sends('ACK', { cSeq: 1 })
  t.equal(acknowledged.flow.request('BYE').headers.first('reason'), 'SIP;cause=200')
  t.strictSame(acknowledged.hears(), [])
  await acknowledged.nothingIsLeft()

  const silent = new DialogBench()
  silent.incoming().session.bye()
  await silent.clock.advance(31_999)
  silent.flow.take()
  await silent.clock.advance(1)
  t.strictSame(silent.flow.told(), ['BYE'], 'or until none can come')
  t.strictSame(silent.hears(), [])
  await silent.nothingIsLeft()

  const gone = new DialogBench()
  const other = gone.incoming()
  other.session.bye()
  other.sends('BYE')
  t.strictSame(gone.flow.told(), ['200 BYE'], 'or is not needed')
  await gone.nothingIsLeft()
})

t.test('RFC 3261 §13.2.2.4: we hang up before we have acknowledged: ACK, then BYE', async (t) => {
  const bench = new DialogBench()
  const { request, sessions } = bench.invites()
  bench.comes(reply(request, 200))
  sessions[0]?.bye()
  t.strictSame(bench.flow.told(), ['ACK', 'BYE'])
  await bench.nothingIsLeft()
})

t.test('RFC 3261 §14.2: a re-INVITE of the peer is answered when we are told to', async (t) => {
  const bench = new DialogBench()
  const call = bench.outgoing()
  call.sends('INVITE', { body: 'hold', headers: { Contact: '<sip:102@10.0.0.20:5999>' } })
  t.strictSame(bench.flow.told(), ['100 INVITE'])
  t.strictSame(bench.hears(), ['reoffer'])
  t.equal(Buffer.from(bench.reoffers[0]?.request.body ?? '').toString(), 'hold')
  bench.reoffers[0]?.accept(answer)
  const accepted = bench.flow.response(200)
  t.equal(accepted.headers.first('contact'), '<sip:101@10.0.0.1:5060>')
  t.equal(accepted.headers.first('content-type'), 'application/sdp')
  bench.reoffers[0]?.accept(answer)
  bench.reoffers[0]?.reject(488)
  t.strictSame(bench.flow.told(), [], 'once')
  await bench.clock.advance(500)
  t.strictSame(bench.flow.told(), ['200 INVITE'], 'repeated until the ACK')
  call.sends('ACK')
  t.strictSame(bench.hears(), ['ack'])
  call.session.bye()
  t.equal(bench.flow.request('BYE').uri.text, 'sip:102@10.0.0.20:5999', '§12.2.2: the target is refreshed')
  await bench.nothingIsLeft()
})

t.test('RFC 3261 §14.2: a re-INVITE that is refused changes nothing', async (t) => {
  const bench = new DialogBench()
  const call = bench.outgoing()
  call.sends('INVITE', { headers: { Contact: '<sip:102@10.0.0.20:5999>' } })
  bench.flow.take()
  bench.reoffers[0]?.reject(488, [['Warning', '304 x "y"']])
  t.equal(bench.flow.response(488).headers.first('warning'), '304 x "y"')
  call.session.bye()
  t.equal(bench.flow.request('BYE').uri.text, 'sip:102@10.0.0.20:5060')
})

t.test('RFC 3261 §14.2: one INVITE at a time: 500 with Retry-After', async (t) => {
  const bench = new DialogBench()
  const call = bench.outgoing()
  call.sends('INVITE')
  bench.flow.take()
  call.sends('INVITE')
  t.match(bench.flow.response(500).headers.first('retry-after'), /^([0-9]|10)$/)
  t.strictSame(bench.hears(), ['reoffer'])
  t.match(await call.session.reoffer(offer), { kind: 'rejected', status: 491 }, 'nor do we send one')
})

t.test('RFC 3261 §9.2: the peer takes its re-INVITE back', async (t) => {
  const bench = new DialogBench()
  const call = bench.outgoing()
  const { via } = call.sends('INVITE')
  bench.flow.take()
  bench.comes(request('CANCEL', { branch: via.branch ?? '' }))
  t.strictSame(bench.flow.told(), ['200 CANCEL', '487 INVITE'])
  bench.reoffers[0]?.accept(answer)
  t.strictSame(bench.flow.told(), [])
  call.sends('INVITE')
  t.strictSame(bench.flow.told(), ['100 INVITE'], 'the next one is taken')
})

t.test('the call ends while a re-INVITE of the peer waits: 487', async (t) => {
  const bench = new DialogBench()
  const call = bench.outgoing()
  call.sends('INVITE')
  bench.flow.take()
  call.session.bye()
  t.strictSame(bench.flow.told(), ['487 INVITE', 'BYE'])
})

t.test('an ACK that is late says nothing of a later INVITE', async (t) => {
  const bench = new DialogBench()
  const call = bench.incoming()
  call.sends('INVITE', { cSeq: 2 })
  bench.reoffers[0]?.accept(answer)
  bench.hears()
  call.sends('ACK', { cSeq: 1, body: 'late' })
  t.strictSame(bench.hears(), [])
  bench.flow.take()
  await bench.clock.advance(500)
  t.strictSame(bench.flow.told(), ['200 INVITE'], 'it is still unacknowledged')
  call.sends('ACK', { cSeq: 2 })
  call.sends('ACK', { cSeq: 2 })
  t.strictSame(bench.hears(), ['ack'])
})

t.test('RFC 3261 §14.1: a re-INVITE of ours', async (t) => {
  const bench = new DialogBench()
  const { session, invite } = bench.outgoing()
  const outcome = session.reoffer(offer)
  const reinvite = bench.flow.request('INVITE')
  t.equal(reinvite.cSeq.number, invite.cSeq.number + 1)
  t.equal(reinvite.headers.first('contact'), '<sip:101@10.0.0.1:5060>')
  t.equal(reinvite.headers.first('content-type'), 'application/sdp')
  bench.comes(reply(reinvite, 180))
  bench.comes(reply(reinvite, 200, { body: 'answer', headers: { Contact: '<sip:102@10.0.0.20:5999>' } }))
  const accepted = await outcome
  if (accepted.kind !== 'accepted') throw new Error('not accepted')
  t.equal(Buffer.from(accepted.response.body).toString(), 'answer')
  t.strictSame(bench.flow.told(), [])
  accepted.acknowledge()
  const ack = bench.flow.request('ACK')
  t.equal(ack.cSeq.number, reinvite.cSeq.number)
  t.equal(ack.uri.text, 'sip:102@10.0.0.20:5999', '§12.2.1.2: the target is refreshed')
  bench.comes(reply(reinvite, 200))
  t.strictSame(bench.flow.told(), ['ACK'])
  session.bye()
  await bench.nothingIsLeft()
})

t.test('a re-INVITE that asks for an offer has no body, and its ACK the answer', async (t) => {
  const bench = new DialogBench()
  const { session } = bench.outgoing()
  const outcome = session.reoffer(null)
  const reinvite = bench.flow.request('INVITE')
  t.equal(reinvite.headers.has('content-type'), false)
  bench.comes(reply(reinvite, 200, { body: 'offer' }))
  const accepted = await outcome
  if (accepted.kind !== 'accepted') throw new Error('not accepted')
  accepted.acknowledge(answer)
  t.equal(Buffer.from(bench.flow.request('ACK').body).toString(), 'answer')
})

t.test('RFC 3261 §14.1: refused, the session goes on as it was', async (t) => {
  const bench = new DialogBench()
  const { session } = bench.outgoing()
  for (const status of [488, 491, 500]) {
    const outcome = session.reoffer(offer)
    bench.comes(reply(bench.flow.request('INVITE'), status))
    t.strictSame(await outcome, { kind: 'rejected', status })
    t.strictSame(bench.flow.told(), ['ACK'])
  }
  t.strictSame(bench.hears(), [])
  t.equal(session.over, false)
})

t.test('RFC 3261 §14.1: glare: while ours is on its way the peer’s is 491, and ours is one at a time', async (t) => {
  const bench = new DialogBench()
  const call = bench.outgoing()
  const outcome = call.session.reoffer(offer)
  const reinvite = bench.flow.request('INVITE')
  call.sends('INVITE')
  t.strictSame(bench.flow.told(), ['491 INVITE'])
  t.strictSame(await call.session.reoffer(offer), { kind: 'rejected', status: 491 })
  t.strictSame(bench.flow.told(), [])
  bench.comes(reply(reinvite, 491))
  t.match(await outcome, { kind: 'rejected', status: 491 })
  call.sends('INVITE')
  t.strictSame(bench.flow.told(), ['ACK', '100 INVITE'])
})

t.test('a late repeat of one 2xx is not taken for the answer to the next re-INVITE', async (t) => {
  const bench = new DialogBench()
  const call = bench.outgoing()
  const { session, invite } = call
  const acks = () =>
    bench.flow.take().map(({ message }) => `${message.cSeq.method} ${message.cSeq.number - invite.cSeq.number}`)
  const first = session.reoffer(offer)
  const one = bench.flow.request('INVITE')
  bench.comes(reply(one, 200, { body: 'one' }))
  const accepted = await first
  if (accepted.kind === 'accepted') accepted.acknowledge()
  t.strictSame(acks(), ['ACK 1'])
  const second = session.reoffer(offer)
  const two = bench.flow.request('INVITE')
  bench.comes(reply(one, 200, { body: 'one' }))
  bench.comes(reply(invite, 200, { body: 'zero' }))
  t.strictSame(acks(), ['ACK 1', 'ACK 0'], 'each gets its own ACK again')
  call.sends('INVITE')
  t.strictSame(bench.flow.told(), ['491 INVITE'], 'ours is still on its way')
  bench.comes(reply(two, 200, { body: 'two' }))
  const outcome = await second
  if (outcome.kind !== 'accepted') throw new Error('not accepted')
  t.equal(Buffer.from(outcome.response.body).toString(), 'two')
  outcome.acknowledge()
  t.strictSame(acks(), ['ACK 2'])
})

t.test('RFC 3261 §12.2.1.2: 481 and 408 say that the call is gone, whatever was asked', async (t) => {
  for (const [status, said] of [
    [481, []],
    [408, ['BYE']],
  ] as const) {
    const asked = new DialogBench()
    const { session } = asked.outgoing()
    const answered = session.ask({ method: 'OPTIONS' })
    asked.comes(reply(asked.flow.request('OPTIONS'), status))
    t.equal(await answered, status)
    t.strictSame(asked.hears(), [`ended by failure: the phone answers no more (${status})`])
    t.strictSame(asked.flow.told(), said)
    t.equal(session.over, true)
    await asked.nothingIsLeft()

    const reinvited = new DialogBench()
    const outcome = reinvited.outgoing().session.reoffer(offer)
    reinvited.comes(reply(reinvited.flow.request('INVITE'), status))
    t.strictSame(await outcome, { kind: 'rejected', status })
    t.strictSame(reinvited.hears(), [`ended by failure: the phone answers no more (${status})`])
    t.strictSame(reinvited.flow.told(), ['ACK', ...said])
    await reinvited.nothingIsLeft()
  }
})

t.test('RFC 3261 §12.2.1.2: so does silence', async (t) => {
  const asked = new DialogBench()
  const status = asked.outgoing().session.ask({ method: 'OPTIONS' })
  await asked.clock.advance(32_000)
  t.equal(await status, 408)
  t.strictSame(asked.hears(), ['ended by failure: the phone answers no more (408)'])
  t.equal(asked.flow.told().at(-1), 'BYE')
  await asked.nothingIsLeft()

  const reinvited = new DialogBench()
  const outcome = reinvited.outgoing().session.reoffer(offer)
  await reinvited.clock.advance(32_000)
  t.strictSame(await outcome, { kind: 'rejected', status: 408 })
  t.strictSame(reinvited.hears(), ['ended by failure: the phone answers no more (408)'])
  await reinvited.nothingIsLeft()
})

t.test('any other request: what is said in it, and the status that comes back', async (t) => {
  const bench = new DialogBench()
  const { session, invite } = bench.outgoing()
  const headers = [['Content-Type', 'application/dtmf-relay']] as const
  const status = session.ask({ method: 'INFO', headers, body: Buffer.from('Signal=1') })
  const info = bench.flow.request('INFO')
  t.equal(info.cSeq.number, invite.cSeq.number + 1)
  t.equal(info.headers.first('contact'), '<sip:101@10.0.0.1:5060>')
  t.equal(info.headers.first('content-type'), 'application/dtmf-relay')
  t.equal(Buffer.from(info.body).toString(), 'Signal=1')
  bench.comes(reply(info, 100))
  bench.comes(reply(info, 415))
  t.equal(await status, 415)
  t.equal(session.over, false)
})

t.test('requests of the peer: OPTIONS is answered, what is unknown here goes to the user', async (t) => {
  const bench = new DialogBench()
  const call = bench.outgoing()
  call.sends('OPTIONS')
  t.match(bench.flow.response(200).headers.first('allow'), /INVITE/)
  call.sends('INFO', { body: 'Signal=1' })
  t.strictSame(bench.hears(), ['request INFO'])
  bench.requested[0]?.respond(200)
  t.strictSame(bench.flow.told(), ['200 INFO'])
})

t.test('RFC 3261 §12.2.2: out of order is 500, and not obeyed', async (t) => {
  const bench = new DialogBench()
  const call = bench.outgoing()
  call.sends('INFO', { cSeq: 9 })
  bench.hears()
  call.sends('BYE', { cSeq: 8 })
  t.strictSame(bench.flow.told(), ['500 BYE'])
  t.strictSame(bench.hears(), [])
  t.equal(call.session.over, false)
})

t.test('before its user has come: INVITE is 488, anything else 481', async (t) => {
  const bench = new DialogBench()
  const invite = bench.rings()
  invite.accept(answer)
  bench.flow.take()
  const To = `<sip:102@10.0.0.1>;tag=${invite.transaction.localTag}`
  bench.comes(request('INVITE', { headers: { To, CSeq: '2 INVITE' } }))
  bench.comes(request('INFO', { headers: { To, CSeq: '3 INFO' } }))
  t.strictSame(bench.flow.told(), ['488 INVITE', '481 INFO'])
})

t.test('requests go where the peer’s last one came from', async (t) => {
  const bench = new DialogBench('tcp')
  const call = bench.outgoing()
  const moved = new TestFlow(bench.clock, 'tcp', { address: '10.0.0.20', port: 50_001 })
  t.equal(bench.flow.holds, 1)
  call.sends('INFO', { flow: moved })
  t.equal(call.session.flow, moved)
  t.strictSame([bench.flow.holds, moved.holds], [0, 1])
  call.session.bye()
  t.strictSame(bench.flow.told(), [])
  t.equal(moved.request('BYE').method, 'BYE')
  t.strictSame([bench.flow.holds, moved.holds], [0, 0])
})

t.test('a connection that has closed is opened anew, to the peer’s Contact', async (t) => {
  const bench = new DialogBench('tcp')
  const { session } = bench.outgoing()
  bench.newFlow = new TestFlow(bench.clock, 'tcp')
  bench.flow.open = false
  const status = session.ask({ method: 'OPTIONS' })
  await bench.clock.advance(0)
  t.strictSame(bench.hears(), ['reopen sip:102@10.0.0.20:5060'])
  bench.comes(reply(bench.newFlow.request('OPTIONS'), 200))
  t.equal(await status, 200)
  t.equal(session.flow, bench.newFlow)
  t.equal(bench.newFlow.holds, 1)
  session.bye()
  bench.newFlow.request('BYE')
  await bench.nothingIsLeft()
})

t.test('a BYE over a new connection leaves nobody holding it', async (t) => {
  const bench = new DialogBench('tcp')
  const { session } = bench.outgoing()
  bench.newFlow = new TestFlow(bench.clock, 'tcp')
  bench.flow.open = false
  session.bye()
  await bench.clock.advance(0)
  bench.comes(reply(bench.newFlow.request('BYE'), 200))
  t.equal(bench.newFlow.holds, 0)
  await bench.nothingIsLeft()
})

t.test('a peer that cannot be reached any more is gone', async (t) => {
  const bench = new DialogBench('tcp')
  const { session } = bench.outgoing()
  bench.flow.open = false
  t.equal(await session.ask({ method: 'OPTIONS' }), 503)
  t.match(bench.hears(), ['reopen sip:102@10.0.0.20:5060', 'ended by failure: the phone answers no more (503)'])
  t.equal(session.over, true)
  await bench.nothingIsLeft()

  const other = new DialogBench('tcp')
  const reoffered = other.outgoing().session
  other.flow.open = false
  t.strictSame(await reoffered.reoffer(offer), { kind: 'rejected', status: 503 })
  t.equal(reoffered.over, true)
  await other.nothingIsLeft()
})

t.test('a request that still waits for its connection when the call ends is not sent', async (t) => {
  const bench = new DialogBench('tcp')
  const { session } = bench.outgoing()
  const newFlow = new TestFlow(bench.clock, 'tcp')
  bench.newFlow = newFlow
  bench.flow.open = false
  const outcome = session.reoffer(offer)
  session.bye()
  await bench.clock.advance(0)
  t.strictSame(newFlow.told(), ['BYE'])
  t.match(await outcome, { kind: 'rejected' })
  await bench.nothingIsLeft()
})

/** A re-INVITE of ours that the peer lets ring, in a call that we then end. */
async function endedWhileReoffering() {
  const bench = new DialogBench()
  const { session } = bench.outgoing()
  const outcome = session.reoffer(offer)
  const reinvite = bench.flow.request('INVITE')
  bench.comes(reply(reinvite, 180))
  session.bye()
  const [cancel, bye] = bench.flow
    .take()
    .flatMap(({ message }): SipRequest[] => (message.kind === 'request' ? [message] : []))
  t.match([cancel, bye], [{ method: 'CANCEL' }, { method: 'BYE' }])
  return { bench, session, outcome, reinvite }
}

t.test('a re-INVITE that rings when the call ends is taken back, and leaves nothing behind', async (t) => {
  const { bench, outcome, reinvite } = await endedWhileReoffering()
  bench.comes(reply(reinvite, 487))
  t.strictSame(await outcome, { kind: 'rejected', status: 487 })
  await bench.nothingIsLeft()

  const silent = await endedWhileReoffering()
  await silent.bench.nothingIsLeft()
  t.match(await silent.outcome, { kind: 'rejected' })
  t.strictSame(silent.bench.hears(), [], 'the user heard no more')
})

t.test('a 2xx that crosses our BYE is acknowledged', async (t) => {
  const { bench, outcome, reinvite } = await endedWhileReoffering()
  bench.comes(reply(reinvite, 200))
  t.strictSame(bench.flow.told(), ['ACK'])
  t.match(await outcome, { kind: 'rejected' })
  await bench.nothingIsLeft()
})

t.test('nothing is offered in a call that is over', async (t) => {
  const bench = new DialogBench()
  const { session } = bench.outgoing()
  session.bye()
  bench.flow.take()
  t.strictSame(await session.reoffer(offer), { kind: 'rejected', status: 481 })
  t.strictSame(bench.flow.told(), [])
})

t.test('RFC 3264 §4: an offer in our 2xx is open until its ACK, one in theirs until ours', async (t) => {
  const bench = new DialogBench()
  bench.comes(request('INVITE'))
  const [transaction] = bench.outside
  if (!transaction) throw new Error('no INVITE came')
  const session = new IncomingInvite(bench.agent, transaction, '102').accept(offer)
  bench.attach(session)
  const accepted = bench.flow.take().at(-1)?.message
  if (accepted?.kind !== 'response') throw new Error('not answered')
  t.strictSame(await session.reoffer(offer), { kind: 'rejected', status: 491 })
  bench.comes(request('ACK', { headers: { To: accepted.to.text, CSeq: '1 ACK' }, body: 'answer' }))
  void session.reoffer(null)
  const asking = bench.flow.request('INVITE')
  bench.comes(reply(asking, 200, { tag: 'alice', body: 'offer' }))
  bench.hears()
  const crossing = { From: asking.to.text, To: asking.from.text, 'Call-ID': asking.callId }
  bench.comes(request('UPDATE', { headers: { ...crossing, CSeq: '2 UPDATE' }, body: 'offer' }))
  t.strictSame(bench.flow.told(), ['500 UPDATE'], 'theirs waits for our answer')
  session.acknowledge(asking.cSeq.number, answer)
  bench.flow.request('ACK')
  bench.comes(request('UPDATE', { headers: { ...crossing, CSeq: '3 UPDATE' }, body: 'offer' }))
  t.strictSame(bench.hears(), ['reoffer'])
  bench.reoffers[0]?.accept(answer)
  t.equal(bench.flow.response(200).cSeq.method, 'UPDATE')
  session.bye()
  await bench.nothingIsLeft()
})
