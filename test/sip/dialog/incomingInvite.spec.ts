import t from 'tap'
import { request } from '../messages.ts'
import { DialogBench } from './bench.ts'

const inEarlyDialog = (bench: DialogBench, method: string, tag: string | null, cSeq = 2, headers = {}) =>
  bench.comes(
    request(method, {
      headers: { To: `<sip:102@10.0.0.1>;tag=${tag}`, CSeq: `${cSeq} ${method}`, ...headers },
    }),
  )

t.test('RFC 3261 §8.2.6.1: it says 100 at once, then what it is told', async (t) => {
  const bench = new DialogBench()
  const invite = bench.rings()
  t.equal(bench.flow.response(100).to.tag, null)
  invite.progress(180)
  const ringing = bench.flow.response(180)
  t.equal(ringing.to.tag, invite.transaction.localTag)
  t.equal(ringing.headers.first('contact'), '<sip:102@10.0.0.1:5060>')
  t.match(ringing.headers.first('allow'), /INVITE, ACK, CANCEL, BYE/)
  t.equal(ringing.headers.has('content-type'), false)
  invite.progress(183, Buffer.from('early'))
  const early = bench.flow.response(183)
  t.equal(early.headers.first('content-type'), 'application/sdp')
  t.equal(Buffer.from(early.body).toString(), 'early')
})

t.test('RFC 3262 §3: an option tag in any case asks for reliable provisional responses', async (t) => {
  for (const [header, tag] of [
    ['Require', '100Rel'],
    ['Supported', '100REL'],
  ] as const) {
    const bench = new DialogBench()
    const invite = bench.rings({ [header]: tag })
    t.equal(invite.reliable, true)
    bench.flow.take()
    invite.progress(183, Buffer.from('early'))
    t.ok(bench.flow.response(183).headers.has('rseq'))
  }
  const { reliable } = new DialogBench().rings({ Supported: 'timer' })
  t.equal(reliable, false)
})

t.test('RFC 3261 §13.3.1.3: refused', async (t) => {
  const bench = new DialogBench()
  const invite = bench.rings()
  bench.flow.take()
  invite.reject(486, [['Retry-After', '60']], 'Talking')
  const answer = bench.flow.response(486)
  t.equal(answer.reason, 'Talking')
  t.equal(answer.headers.first('retry-after'), '60')
  bench.comes(request('ACK', { branch: 'z9hG4bK-first' }))
  t.strictSame(bench.hears(), [])
  await bench.nothingIsLeft()
})

t.test('RFC 3261 §9.2: the caller takes it back, and is answered 487', async (t) => {
  const bench = new DialogBench()
  const invite = bench.rings()
  bench.flow.take()
  bench.comes(request('CANCEL', { branch: 'z9hG4bK-first', headers: { Reason: 'SIP;cause=200' } }))
  t.strictSame(bench.flow.told(), ['200 CANCEL', '487 INVITE'])
  t.strictSame(bench.hears(), ['taken-back 487: SIP;cause=200'])
  invite.progress(180)
  invite.reject(486)
  t.strictSame(bench.flow.told(), [], 'after that there is nothing more to say')
  await bench.nothingIsLeft()
})

t.test('RFC 3261 §15: the caller may end an early dialog with BYE', async (t) => {
  const bench = new DialogBench()
  const invite = bench.rings()
  invite.progress(180)
  bench.flow.take()
  inEarlyDialog(bench, 'BYE', invite.transaction.localTag)
  t.strictSame(bench.flow.told(), ['200 BYE', '487 INVITE'])
  t.strictSame(bench.hears(), ['taken-back 487: null'])
  await bench.nothingIsLeft()
})

t.test('RFC 3261 §14.2: another INVITE while the first is unanswered is 500 with Retry-After', async (t) => {
  const bench = new DialogBench()
  const invite = bench.rings()
  bench.flow.take()
  inEarlyDialog(bench, 'INVITE', invite.transaction.localTag)
  t.match(bench.flow.response(500).headers.first('retry-after'), /^([0-9]|10)$/)
  t.strictSame(bench.hears(), [])
})

t.test('other requests in the early dialog', async (t) => {
  const bench = new DialogBench()
  const tag = bench.rings().transaction.localTag
  bench.flow.take()
  inEarlyDialog(bench, 'OPTIONS', tag)
  t.match(bench.flow.response(200).headers.first('allow'), /INVITE/)
  inEarlyDialog(bench, 'INFO', tag, 3)
  t.match(bench.flow.response(405).headers.first('allow'), /INVITE/)
  inEarlyDialog(bench, 'BYE', tag, 2)
  t.strictSame(bench.flow.told(), ['500 BYE'], 'RFC 3261 §12.2.2: out of order')
  inEarlyDialog(bench, 'BYE', 'another', 4)
  t.strictSame(bench.flow.told(), ['481 BYE'])
  inEarlyDialog(bench, 'BYE', tag, 4, { From: '<sip:101@10.0.0.1>;tag=mallory' })
  t.strictSame(bench.flow.told(), ['481 BYE'])
  t.strictSame(bench.hears(), [])
})

t.test('RFC 3261 §17.2.4: a caller that cannot be reached any more', async (t) => {
  const bench = new DialogBench('tcp')
  const invite = bench.rings()
  bench.flow.open = false
  invite.progress(180)
  await bench.clock.advance(0)
  t.strictSame(bench.hears(), ['reopen for the answer', 'unreachable 503'])
  await bench.nothingIsLeft()
})

t.test('a refusal that nobody acknowledges is no second end', async (t) => {
  const bench = new DialogBench()
  bench.rings().reject(486)
  await bench.clock.advance(40_000)
  t.strictSame(bench.hears(), [])
})

t.test('the caller’s connection is held while it rings, and while they talk', async (t) => {
  const bench = new DialogBench('tcp')
  const invite = bench.rings()
  t.equal(bench.flow.holds, 1)
  const session = invite.accept(Buffer.from('answer'))
  t.equal(bench.flow.holds, 1)
  bench.comes(request('ACK', { headers: { To: `<sip:102@10.0.0.1>;tag=${invite.transaction.localTag}` } }))
  session.bye()
  t.equal(bench.flow.holds, 0)
})

t.test('RFC 3261 §13.3.1.4: answered, with all that a dialog needs', async (t) => {
  const bench = new DialogBench()
  const { answer } = bench.incoming({ 'Record-Route': '<sip:p1.example;lr>' })
  t.equal(answer.headers.first('contact'), '<sip:102@10.0.0.1:5060>')
  t.equal(answer.headers.first('record-route'), '<sip:p1.example;lr>')
  t.equal(answer.headers.first('content-type'), 'application/sdp')
  t.equal(Buffer.from(answer.body).toString(), 'answer')
  t.equal(bench.agent.dialogs, 1)
})

t.test('over TCP our Contact says so (RFC 3261 §19.1.1)', async (t) => {
  const bench = new DialogBench('tcp')
  t.equal(bench.incoming().answer.headers.first('contact'), '<sip:102@10.0.0.1:5060;transport=tcp>')
})
