import t, { type Test } from 'tap'
import type { SipRequest } from '../../../src/sip/message/message.ts'
import { reply } from '../messages.ts'
import { LayerBench, outgoing } from './layerBench.ts'

async function nothingIsLeft(t: Test, { layer, clock }: LayerBench): Promise<void> {
  t.equal(layer.size, 0, 'no transaction is left')
  t.equal(clock.timers, 0, 'no timer is left')
}

/** The fields of a request that a CANCEL or ACK must share with its INVITE. */
function identity({ uri, headers, callId, cSeq }: SipRequest) {
  return {
    uri: uri.text,
    via: headers.all('via'),
    route: headers.all('route'),
    from: headers.first('from'),
    callId,
    cSeq: cSeq.number,
  }
}

t.test(
  'RFC 3261 §17.1.1.2: an INVITE that nobody answers is repeated at 0.5, 1.5, 3.5 … s and given up at 32 s',
  async (t) => {
    const bench = new LayerBench()
    bench.send('INVITE')
    await bench.clock.advance(40_000)
    t.strictSame(
      bench.timeline(),
      [0, 500, 1500, 3500, 7500, 15500, 31500].map((at) => `${at} INVITE`),
    )
    t.strictSame(bench.hears(), ['failed: timeout'])
    await nothingIsLeft(t, bench)
  },
)

t.test('RFC 3261 §17.1.2.2: any other request is repeated at most every 4 s, and given up at 32 s', async (t) => {
  const bench = new LayerBench()
  bench.send('OPTIONS')
  await bench.clock.advance(40_000)
  t.strictSame(
    bench.timeline(),
    [0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500].map((at) => `${at} OPTIONS`),
  )
  t.strictSame(bench.hears(), ['failed: timeout'])
  await nothingIsLeft(t, bench)
})

t.test('RFC 3261 §17.1.2.2: after a provisional response it is repeated every 4 s', async (t) => {
  const bench = new LayerBench()
  const { request } = bench.send('BYE')
  bench.layer.receive(reply(request, 100), bench.flow)
  await bench.clock.advance(40_000)
  t.strictSame(
    bench.timeline(),
    [0, 500, 4500, 8500, 12500, 16500, 20500, 24500, 28500].map((at) => `${at} BYE`),
  )
  t.strictSame(bench.hears(), ['100 BYE', 'failed: timeout'])
  await nothingIsLeft(t, bench)
})

t.test('RFC 3261 §17.1: nothing is repeated on a reliable transport', async (t) => {
  for (const method of ['INVITE', 'OPTIONS']) {
    const bench = new LayerBench('tcp')
    bench.send(method)
    await bench.clock.advance(31_999)
    t.strictSame(bench.timeline(), [`0 ${method}`])
    t.strictSame(bench.hears(), [])
    await bench.clock.advance(1)
    t.strictSame(bench.hears(), ['failed: timeout'])
    await nothingIsLeft(t, bench)
  }
})

t.test('RFC 3261 §8.1.1.7, RFC 3581 §3: our Via has our address, rport and a branch of its own', async (t) => {
  const bench = new LayerBench()
  bench.send('OPTIONS')
  bench.send('OPTIONS')
  const vias = bench.flow.take().map(({ message }) => message.via)
  for (const via of vias) {
    t.match(via, { transport: 'UDP', host: '10.0.0.1', port: 5060, rport: '' })
    t.match(via.branch, /^z9hG4bK[0-9a-f]{20}$/)
  }
  t.not(vias[0]?.branch, vias[1]?.branch)
})

t.test('a ringing INVITE is neither repeated nor given up', async (t) => {
  const bench = new LayerBench()
  const { request } = bench.send('INVITE')
  bench.layer.receive(reply(request, 100), bench.flow)
  bench.layer.receive(reply(request, 180), bench.flow)
  await bench.clock.advance(600_000)
  t.strictSame(bench.timeline(), ['0 INVITE'])
  t.strictSame(bench.hears(), ['100 INVITE', '180 INVITE'])
  bench.layer.receive(reply(request, 486), bench.flow)
  await bench.clock.advance(32_000)
  await nothingIsLeft(t, bench)
})

t.test(
  'RFC 3261 §17.1.1.3: a refusal is acknowledged with the same branch, each time it comes, and told once',
  async (t) => {
    const bench = new LayerBench()
    const { request } = bench.send('INVITE', [
      ['Route', '<sip:proxy.example;lr>'],
      ['Route', '<sip:edge.example;lr>'],
    ])
    bench.flow.take()
    const refusal = reply(request, 486, { tag: 'busy-one' })
    bench.layer.receive(refusal, bench.flow)
    const ack = bench.flow.request('ACK')
    t.strictSame(identity(ack), identity(request))
    t.equal(ack.to.tag, 'busy-one', 'To is the response’s')
    t.equal(ack.body.length, 0)
    await bench.clock.advance(500)
    bench.layer.receive(refusal, bench.flow)
    t.strictSame(bench.flow.told(), ['ACK'])
    t.strictSame(bench.hears(), ['486 INVITE'])
    await bench.clock.advance(31_500)
    bench.layer.receive(refusal, bench.flow)
    t.strictSame(bench.flow.told(), [], 'timer D has fired')
    await nothingIsLeft(t, bench)
  },
)

/** What lingers is forgotten within a quarter of its time. */
const LINGERS = 40_000

t.test('RFC 6026 §7.2: each 2xx goes up, unacknowledged, for 64·T1', async (t) => {
  const bench = new LayerBench()
  const { request } = bench.send('INVITE')
  bench.layer.receive(reply(request, 200, { tag: 'one' }), bench.flow)
  bench.layer.receive(reply(request, 200, { tag: 'two' }), bench.flow)
  await bench.clock.advance(31_999)
  bench.layer.receive(reply(request, 200, { tag: 'two' }), bench.flow)
  bench.layer.receive(reply(request, 486), bench.flow)
  t.strictSame(bench.hears(), ['200 INVITE', 'another 200 INVITE', 'again 200 INVITE'])
  t.strictSame(bench.timeline(), ['0 INVITE'])
  await bench.clock.advance(LINGERS)
  await nothingIsLeft(t, bench)
  bench.layer.receive(reply(request, 200, { tag: 'one' }), bench.flow)
  t.strictSame(bench.hears(), [])
})

t.test('RFC 3261 §17.1.2.2: repeated finals of a non-INVITE are absorbed, and nothing is kept for that', async (t) => {
  const bench = new LayerBench()
  const { request } = bench.send('OPTIONS')
  bench.layer.receive(reply(request, 200), bench.flow)
  bench.layer.receive(reply(request, 200), bench.flow)
  t.strictSame(bench.hears(), ['200 OPTIONS'])
  await nothingIsLeft(t, bench)
})

t.test('a final response over a reliable transport leaves nothing behind', async (t) => {
  const bench = new LayerBench('tcp')
  const invite = bench.send('INVITE')
  bench.layer.receive(reply(invite.request, 404), bench.flow)
  const options = bench.send('OPTIONS')
  bench.layer.receive(reply(options.request, 200), bench.flow)
  t.strictSame(bench.hears(), ['404 INVITE', '200 OPTIONS'])
  t.strictSame(bench.flow.told(), ['INVITE', 'ACK', 'OPTIONS'])
  await nothingIsLeft(t, bench)
})

t.test('RFC 3261 §17.1.3: a response is matched by branch and CSeq method, all else is dropped', async (t) => {
  const bench = new LayerBench()
  const { request } = bench.send('INVITE')
  const stranger = outgoing('INVITE')
  stranger.headers.prepend('Via', 'SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK-not-ours')
  bench.layer.receive(reply(stranger, 200), bench.flow)
  const otherMethod = outgoing('OPTIONS')
  otherMethod.headers.prepend('Via', request.headers.first('via') ?? '')
  bench.layer.receive(reply(otherMethod, 200), bench.flow)
  t.strictSame(bench.hears(), [])
})

t.test('RFC 3261 §9.1: a CANCEL waits for a provisional response', async (t) => {
  const bench = new LayerBench()
  const transaction = bench.send('INVITE', [['Route', '<sip:proxy.example;lr>']])
  transaction.cancel([['Reason', 'SIP;cause=200']])
  await bench.clock.advance(1000)
  t.strictSame(bench.timeline(), ['0 INVITE', '500 INVITE'], 'meanwhile the INVITE is repeated')
  bench.layer.receive(reply(transaction.request, 180), bench.flow)
  const cancel = bench.flow.request('CANCEL')
  t.strictSame(identity(cancel), identity(transaction.request), 'all that identifies it is the INVITE’s')
  t.equal(cancel.to.text, transaction.request.to.text)
  t.equal(cancel.headers.first('reason'), 'SIP;cause=200')
  t.equal(cancel.headers.has('contact'), false)
  bench.layer.receive(reply(cancel, 200), bench.flow)
  bench.layer.receive(reply(transaction.request, 487), bench.flow)
  t.strictSame(bench.flow.told(), ['ACK'])
  await bench.clock.advance(32_000)
  await nothingIsLeft(t, bench)
})

t.test('RFC 3261 §9.1: after a provisional response it leaves at once, and once', async (t) => {
  const bench = new LayerBench()
  const transaction = bench.send('INVITE')
  bench.layer.receive(reply(transaction.request, 100), bench.flow)
  bench.flow.take()
  transaction.cancel([])
  transaction.cancel([])
  t.strictSame(bench.flow.told(), ['CANCEL'])
})

t.test('RFC 3261 §9.1: a cancelled INVITE that is never answered ends 64·T1 after the CANCEL', async (t) => {
  const bench = new LayerBench()
  const transaction = bench.send('INVITE')
  bench.layer.receive(reply(transaction.request, 180), bench.flow)
  await bench.clock.advance(100_000)
  transaction.cancel([])
  bench.hears()
  await bench.clock.advance(32_000)
  t.strictSame(bench.hears(), ['failed: timeout'])
  await nothingIsLeft(t, bench)
})

t.test('a cancelled INVITE that nobody answers goes on being repeated, and ends with timer B', async (t) => {
  const bench = new LayerBench()
  bench.send('INVITE').cancel([])
  await bench.clock.advance(40_000)
  t.strictSame(
    bench.timeline(),
    [0, 500, 1500, 3500, 7500, 15_500, 31_500].map((at) => `${at} INVITE`),
  )
  await nothingIsLeft(t, bench)
})

t.test('a phone whose 180 was lost rings no longer than it takes the INVITE to come again', async (t) => {
  const bench = new LayerBench()
  const transaction = bench.send('INVITE')
  transaction.cancel([])
  await bench.clock.advance(600)
  bench.layer.receive(reply(transaction.request, 180), bench.flow)
  await bench.clock.advance(0)
  t.strictSame(bench.flow.told(), ['INVITE', 'INVITE', 'CANCEL'])
})

t.test('an answer that crosses the CANCEL is passed on', async (t) => {
  const bench = new LayerBench()
  const transaction = bench.send('INVITE')
  bench.layer.receive(reply(transaction.request, 180), bench.flow)
  transaction.cancel([])
  bench.layer.receive(reply(transaction.request, 200), bench.flow)
  t.strictSame(bench.hears(), ['180 INVITE', '200 INVITE'])
  transaction.cancel([])
  t.strictSame(bench.flow.told(), ['INVITE', 'CANCEL'], 'nothing is cancelled that is answered')
})

t.test('only an INVITE is cancelled', async (t) => {
  const bench = new LayerBench()
  const transaction = bench.send('OPTIONS')
  bench.layer.receive(reply(transaction.request, 100), bench.flow)
  transaction.cancel([])
  t.strictSame(bench.flow.told(), ['OPTIONS'])
})

t.test('RFC 3261 §17.1.4: a send that fails is reported once, after the transaction was returned', async (t) => {
  for (const method of ['INVITE', 'OPTIONS']) {
    const bench = new LayerBench()
    bench.flow.refuses = true
    const transaction = bench.send(method)
    t.ok(transaction)
    t.strictSame(bench.hears(), [])
    await bench.clock.advance(60_000)
    t.strictSame(bench.hears(), ['failed: transport'])
    await nothingIsLeft(t, bench)
  }
})

t.test('an ACK that cannot be sent is nobody’s business: the answer is there', async (t) => {
  const bench = new LayerBench()
  const { request } = bench.send('INVITE')
  bench.flow.refuses = true
  bench.layer.receive(reply(request, 486), bench.flow)
  await bench.clock.advance(60_000)
  t.strictSame(bench.hears(), ['486 INVITE'])
  await nothingIsLeft(t, bench)
})

t.test('RFC 3261 §13.2.2.4: the ACK of a 2xx has a branch of its own and no transaction', async (t) => {
  const bench = new LayerBench()
  const bytes = bench.layer.sendAck(outgoing('ACK'), bench.flow)
  const [sent] = bench.flow.take()
  t.strictSame(sent?.bytes, bytes)
  t.match(sent?.message.via.branch, /^z9hG4bK/)
  await nothingIsLeft(t, bench)
})

t.test('closing stops all timers without a word', async (t) => {
  const bench = new LayerBench()
  bench.send('INVITE')
  bench.send('OPTIONS')
  bench.layer.close()
  await nothingIsLeft(t, bench)
  await bench.clock.advance(60_000)
  t.strictSame(bench.hears(), [])
})
