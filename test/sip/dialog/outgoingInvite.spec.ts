import t from 'tap'
import { parseUri } from '../../../src/sip/message/uri.ts'
import { reply } from '../messages.ts'
import { DialogBench } from './bench.ts'

const contact = { Contact: '<sip:102@10.0.0.20:5060>' }

t.test(
  'RFC 3261 §13.2.1: the INVITE has all that it needs, the Contact of the phone as it registered it',
  async (t) => {
    const { request } = new DialogBench().invites()
    t.equal(request.uri.text, 'sip:102@10.0.0.20:5060;line=1')
    t.match(request.from.text, /^"Alice" <sip:101@pbx.example>;tag=[0-9a-f]{16}$/)
    t.equal(request.to.text, '<sip:102@pbx.example>')
    t.equal(request.maxForwards, 69)
    t.match(request.headers.first('cseq'), /^[1-9]\d* INVITE$/)
    t.equal(request.headers.first('contact'), '<sip:101@10.0.0.1:5060>')
    t.match(request.headers.first('allow'), /BYE/)
    t.equal(request.headers.first('content-type'), 'application/sdp')
    t.equal(Buffer.from(request.body).toString(), 'offer')
    t.equal(request.headers.first('supported'), '100rel, timer')
    t.equal(request.headers.first('session-expires'), '1800')
    const uri = parseUri('sips:x@[2001:db8::1]:5061;transport=tls;ob')
    if (!uri) throw new Error('no URI')
    const bare = new DialogBench().invites({ uri, contactUser: null, body: null }).request
    t.equal(bare.uri.text, uri.text)
    t.equal(bare.headers.first('contact'), '<sip:10.0.0.1:5060>')
    t.equal(bare.headers.has('content-type'), false)
  },
)

t.test('provisional responses are passed on, but for 100', async (t) => {
  const bench = new DialogBench()
  const { invite, request } = bench.invites()
  t.equal(invite.heard, false)
  bench.comes(reply(request, 100))
  t.equal(invite.heard, true)
  t.strictSame(bench.hears(), [])
  bench.comes(reply(request, 180))
  bench.comes(reply(request, 183))
  t.strictSame(bench.hears(), ['180 INVITE', '183 INVITE'])
  t.equal(bench.agent.dialogs, 0, 'early dialogs are the callee’s alone')
})

t.test('RFC 3262 §4: what requires 100rel, in any case, is acknowledged', async (t) => {
  const bench = new DialogBench()
  const { request } = bench.invites()
  bench.comes(reply(request, 180, { headers: { ...contact, Require: '100Rel', RSeq: '7' } }))
  t.equal(bench.flow.request('PRACK').headers.first('rack'), `7 ${request.cSeq.number} INVITE`)
  bench.comes(reply(request, 180, { headers: { ...contact, Require: 'x-100rel', RSeq: '8' } }))
  t.strictSame(bench.flow.told(), [])
})

t.test('refused, in every class', async (t) => {
  for (const status of [302, 401, 486, 503, 603]) {
    const bench = new DialogBench()
    const { request } = bench.invites()
    bench.comes(reply(request, status))
    t.strictSame(bench.flow.told(), ['ACK'])
    t.strictSame(bench.hears(), [`failed ${status}`])
    await bench.nothingIsLeft()
    t.strictSame(bench.hears(), [])
  }
})

t.test('RFC 3261 §8.1.3.1: silence is 408, a transport that refuses is 503', async (t) => {
  const silent = new DialogBench()
  silent.invites()
  await silent.clock.advance(32_000)
  t.strictSame(silent.hears(), ['failed 408, unanswered'])
  await silent.nothingIsLeft()

  const refused = new DialogBench()
  refused.invites()
  refused.flow.refuses = true
  await refused.clock.advance(500)
  t.strictSame(refused.hears(), ['failed 503, unanswered'])
  await refused.nothingIsLeft()
})

t.test('RFC 3261 §13.2.2.4: each repeat of the 2xx gets the same ACK again, and is no news', async (t) => {
  const bench = new DialogBench()
  const { request, sessions } = bench.invites()
  const answer = reply(request, 200, { headers: contact, body: 'answer' })
  bench.comes(answer)
  t.strictSame(bench.flow.told(), [], 'the ACK may have to wait for an answer')
  bench.comes(answer)
  sessions[0]?.acknowledge(request.cSeq.number, Buffer.from('answer'))
  const [ack] = bench.flow.take()
  t.equal(ack?.message.cSeq.number, request.cSeq.number)
  t.equal(ack?.message.headers.first('content-type'), 'application/sdp')
  t.not(ack?.message.via.branch, request.via.branch, 'a branch of its own')
  bench.comes(answer)
  bench.comes(answer)
  t.strictSame(
    bench.flow.take().map(({ bytes }) => bytes),
    [ack?.bytes, ack?.bytes],
  )
  t.strictSame(bench.hears(), ['200 INVITE'])
  t.equal(bench.agent.dialogs, 1)
})

t.test('RFC 3261 §13.2.2.4: a 2xx of another branch behind the peer is acknowledged and ended', async (t) => {
  const bench = new DialogBench()
  const { request, sessions } = bench.invites()
  bench.comes(reply(request, 200, { tag: 'one', headers: contact }))
  sessions[0]?.acknowledge(request.cSeq.number)
  bench.flow.take()
  const second = reply(request, 200, { tag: 'two', headers: { Contact: '<sip:102@10.0.0.30>' } })
  bench.comes(second)
  const [ack, bye] = bench.flow.take().map(({ message }) => message)
  t.match(ack, { method: 'ACK', to: { tag: 'two' }, uri: { text: 'sip:102@10.0.0.30' } })
  t.match(bye, { method: 'BYE', to: { tag: 'two' } })
  bench.comes(second)
  t.strictSame(bench.flow.told(), ['ACK'], 'once more acknowledged, not once more ended')
  t.strictSame(bench.hears(), ['200 INVITE'])
  t.equal(sessions[0]?.over, false)
  if (bye?.kind === 'request') bench.comes(reply(bye, 200))
  t.equal(bench.agent.dialogs, 1)
})

t.test('RFC 3261 §9.1: given up; the user hears no more of it', async (t) => {
  const bench = new DialogBench()
  const { invite, request } = bench.invites()
  bench.comes(reply(request, 180))
  bench.hears()
  invite.cancel('SIP;cause=200;text="Call completed elsewhere"')
  const cancel = bench.flow.request('CANCEL')
  t.equal(cancel.headers.first('reason'), 'SIP;cause=200;text="Call completed elsewhere"')
  bench.comes(reply(cancel, 200))
  bench.comes(reply(request, 183))
  bench.comes(reply(request, 487))
  t.strictSame(bench.flow.told(), ['ACK'])
  t.strictSame(bench.hears(), [])
  await bench.nothingIsLeft()
})

t.test('given up without a reason, and without an answer', async (t) => {
  const bench = new DialogBench()
  const { invite, request } = bench.invites()
  bench.comes(reply(request, 180))
  invite.cancel(null)
  t.equal(bench.flow.request('CANCEL').headers.has('reason'), false)
  bench.hears()
  await bench.nothingIsLeft()
  t.strictSame(bench.hears(), [])
})

t.test('an answer that crosses the CANCEL is acknowledged and ended', async (t) => {
  const bench = new DialogBench()
  const { invite, request, sessions } = bench.invites()
  bench.comes(reply(request, 180))
  invite.cancel(null)
  bench.flow.take()
  bench.comes(reply(request, 200, { headers: contact }))
  t.strictSame(bench.flow.told(), ['ACK', 'BYE'])
  t.equal(sessions.length, 0)
  t.strictSame(bench.hears(), ['180 INVITE'])
  await bench.nothingIsLeft()
})

t.test('RFC 2543: a peer that gives no To tag has one dialog all the same', async (t) => {
  const bench = new DialogBench()
  const { request, sessions } = bench.invites()
  const answer = reply(request, 200, { headers: contact })
  answer.headers.set('To', '<sip:102@pbx.example>')
  const untagged = { ...answer, to: { ...answer.to, tag: null } }
  bench.comes(untagged)
  sessions[0]?.acknowledge(request.cSeq.number)
  bench.comes(untagged)
  t.strictSame(bench.flow.told(), ['ACK', 'ACK'])
  t.equal(sessions.length, 1)
  t.equal(bench.agent.dialogs, 1)
})
