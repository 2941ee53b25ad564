import t, { type Test } from 'tap'
import { TransactionLayer } from '../../../src/sip/transaction/layer.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'
import { seededRandom } from '../../support/virtual/random.ts'
import { type RequestChanges, request } from '../messages.ts'
import { nameOf, TestFlow } from '../testFlow.ts'
import { LayerBench } from './layerBench.ts'

async function nothingIsLeft(t: Test, { layer, clock }: LayerBench): Promise<void> {
  t.equal(layer.size, 0, 'no transaction is left')
  t.equal(clock.timers, 0, 'no timer is left')
}

/** Hands the layer a request, as if it had come over the flow. */
function comes(bench: LayerBench, method: string, changes: RequestChanges = {}): void {
  bench.layer.receive(request(method, changes), bench.flow)
}

const invite: RequestChanges = { branch: 'z9hG4bK-invite' }

/** What lingers is forgotten within a quarter of its time. */
const LINGERS = 40_000

t.test(
  'RFC 3261 §17.2.1: 100 Trying after 200 ms, without a To tag (§8.2.6.2), unless something was said',
  async (t) => {
    const bench = new LayerBench()
    comes(bench, 'INVITE', invite)
    await bench.clock.advance(199)
    t.strictSame(bench.timeline(), [])
    await bench.clock.advance(1)
    const trying = bench.flow.response(100)
    t.equal(trying.to.tag, null)
    bench.server.respond(180)
    const ringing = bench.flow.response(180)
    t.equal(ringing.to.tag, bench.server.localTag)

    const quick = new LayerBench()
    comes(quick, 'INVITE', invite)
    quick.server.respond(180)
    await quick.clock.advance(1000)
    t.strictSame(quick.timeline(), ['0 180 INVITE'])
  },
)

t.test('RFC 3261 §17.2.1: a refusal is repeated until its ACK, which may come again', async (t) => {
  const bench = new LayerBench()
  comes(bench, 'INVITE', invite)
  bench.server.respond(486)
  await bench.clock.advance(4000)
  t.strictSame(
    bench.timeline(),
    [0, 500, 1500, 3500].map((at) => `${at} 486 INVITE`),
  )
  comes(bench, 'ACK', invite)
  await bench.clock.advance(4000)
  comes(bench, 'ACK', invite)
  t.strictSame(bench.timeline(), [])
  comes(bench, 'INVITE', invite)
  t.strictSame(bench.timeline(), [], 'nor is anything said to the INVITE')
  t.strictSame(bench.hears(), ['request INVITE', 'ack'], 'an ACK of nothing known goes up')
  await bench.clock.advance(LINGERS)
  await nothingIsLeft(t, bench)
})

t.test('RFC 3261 §17.2.1: without an ACK it is repeated every 4 s at most, and given up after 32 s', async (t) => {
  const bench = new LayerBench()
  comes(bench, 'INVITE', invite)
  let failures = 0
  bench.server.attach({ cancelled() {}, failed: () => failures++ })
  bench.server.respond(486)
  await bench.clock.advance(40_000)
  t.strictSame(
    bench.timeline(),
    [0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500].map((at) => `${at} 486 INVITE`),
  )
  t.equal(failures, 1)
  await nothingIsLeft(t, bench)
})

t.test('RFC 3261 §17.2.1: on TCP a refusal is sent once', async (t) => {
  const bench = new LayerBench('tcp')
  comes(bench, 'INVITE', invite)
  bench.server.respond(486)
  await bench.clock.advance(10_000)
  t.strictSame(bench.timeline(), ['0 486 INVITE'])
  comes(bench, 'ACK', invite)
  await nothingIsLeft(t, bench)
})

t.test('RFC 3261 §17.2: a repeated request is answered from memory, and goes up once', async (t) => {
  for (const method of ['INVITE', 'OPTIONS']) {
    const bench = new LayerBench()
    comes(bench, method, invite)
    comes(bench, method, invite)
    t.strictSame(bench.flow.told(), [], 'there is nothing to say yet')
    bench.server.respond(method === 'INVITE' ? 183 : 100)
    bench.flow.take()
    comes(bench, method, invite)
    t.strictSame(bench.flow.told(), [method === 'INVITE' ? '183 INVITE' : '100 OPTIONS'])
    bench.server.respond(404)
    const [first] = bench.flow.take()
    comes(bench, method, invite)
    const [again] = bench.flow.take()
    t.strictSame(again?.bytes, first?.bytes, 'the same octets')
    t.strictSame(bench.hears(), [`request ${method}`])
    await bench.clock.advance(40_000)
    await nothingIsLeft(t, bench)
  }
})

t.test('RFC 3261 §17.2.2: the answer to a non-INVITE is kept for 64·T1, on TCP not at all', async (t) => {
  const bench = new LayerBench()
  comes(bench, 'OPTIONS', invite)
  bench.server.respond(200)
  await bench.clock.advance(31_999)
  comes(bench, 'OPTIONS', invite)
  t.strictSame(bench.flow.told(), ['200 OPTIONS', '200 OPTIONS'])
  await bench.clock.advance(LINGERS)
  await nothingIsLeft(t, bench)

  const reliable = new LayerBench('tcp')
  comes(reliable, 'OPTIONS', invite)
  reliable.server.respond(200)
  await nothingIsLeft(t, reliable)
})

t.test('a final answer is the last word', async (t) => {
  const bench = new LayerBench()
  comes(bench, 'OPTIONS', invite)
  t.equal(bench.server.answered, false)
  bench.server.respond(200)
  t.equal(bench.server.answered, true)
  bench.server.respond(500)
  t.strictSame(bench.flow.told(), ['200 OPTIONS'])
})

t.test(
  'RFC 6026 §7.1: after a 2xx repeats of the INVITE are absorbed, ACKs go up, and the 2xx is repeated on demand',
  async (t) => {
    const bench = new LayerBench()
    comes(bench, 'INVITE', invite)
    bench.server.respond(200)
    comes(bench, 'INVITE', invite)
    t.strictSame(bench.flow.told(), ['200 INVITE'])
    bench.server.repeat()
    t.strictSame(bench.flow.told(), ['200 INVITE'])
    // A peer that gives the ACK the branch of its INVITE, and one that does as §13.2.2.4 says.
    comes(bench, 'ACK', invite)
    comes(bench, 'ACK')
    t.strictSame(bench.hears(), ['request INVITE', 'ack', 'ack'])
    await bench.clock.advance(LINGERS)
    await nothingIsLeft(t, bench)
  },
)

t.test('RFC 3261 §17.2.3: matching is by branch, sent-by and method', async (t) => {
  const bench = new LayerBench()
  comes(bench, 'INVITE', invite)
  comes(bench, 'OPTIONS', invite)
  comes(bench, 'INVITE', { branch: 'z9hG4bK-other' })
  const elsewhere = 'SIP/2.0/UDP 10.0.0.21:5060;rport;branch=z9hG4bK-invite'
  comes(bench, 'INVITE', { headers: { Via: elsewhere } })
  const otherPort = 'SIP/2.0/UDP 10.0.0.20:5062;rport;branch=z9hG4bK-invite'
  comes(bench, 'INVITE', { headers: { Via: otherPort } })
  t.equal(bench.hears().length, 5)
  comes(bench, 'INVITE', { ...invite, headers: { CSeq: '99 INVITE' } })
  t.strictSame(bench.hears(), [], 'all else does not count')
})

t.test('RFC 3261 §17.2.3: a branch without the magic cookie, or of it alone, says nothing: RFC 2543', async (t) => {
  const bench = new LayerBench()
  const old: RequestChanges = { headers: { Via: 'SIP/2.0/UDP 10.0.0.20:5060;branch=1' } }
  const none: RequestChanges = { headers: { Via: 'SIP/2.0/UDP 10.0.0.20:5060', 'Call-ID': 'another' } }
  // RFC 4475 §3.2.1
  const bare: RequestChanges = { headers: { Via: 'SIP/2.0/UDP 10.0.0.20:5060;branch=z9hG4bK', 'Call-ID': 'third' } }
  for (const changes of [old, none, bare]) {
    comes(bench, 'INVITE', changes)
    comes(bench, 'INVITE', changes)
    bench.server.respond(404)
    t.equal(bench.hears().length, 1, 'the repeat is known by its other fields')
    comes(bench, 'ACK', {
      headers: { ...changes.headers, CSeq: '1 ACK', To: `<sip:102@10.0.0.1>;tag=${bench.server.localTag}` },
    })
    await bench.clock.advance(LINGERS)
    await nothingIsLeft(t, bench)
  }
  for (const changes of [old, bare]) {
    comes(bench, 'INVITE', changes)
    comes(bench, 'INVITE', { headers: { ...changes.headers, CSeq: '2 INVITE' } })
    comes(bench, 'INVITE', { headers: { ...changes.headers, 'Call-ID': 'b' } })
    comes(bench, 'INVITE', { headers: { ...changes.headers, From: '<sip:101@10.0.0.1>;tag=b' } })
    comes(bench, 'INVITE', { ...changes, uri: 'sip:103@10.0.0.1' })
    t.equal(bench.hears().length, 5, 'each differs in one of the fields that count')
  }
})

t.test('RFC 3261 §9.2: a CANCEL is answered 200 and told to whoever has the INVITE', async (t) => {
  const bench = new LayerBench()
  comes(bench, 'INVITE', invite)
  const reasons: (string | null)[] = []
  bench.server.attach({
    cancelled: (cancel) => {
      reasons.push(cancel.headers.first('reason'))
      bench.server.respond(487)
    },
    failed() {},
  })
  comes(bench, 'CANCEL', { ...invite, headers: { Reason: 'SIP;cause=487' } })
  comes(bench, 'CANCEL', { ...invite, headers: { Reason: 'SIP;cause=487' } })
  t.strictSame(reasons, ['SIP;cause=487'])
  const answers = bench.flow.take().map(({ message }) => message)
  t.strictSame(answers.map(nameOf), ['200 CANCEL', '487 INVITE', '200 CANCEL'], 'the repeat from memory')
  const { localTag } = bench.server
  t.strictSame(
    answers.map(({ to }) => to.tag),
    [localTag, localTag, localTag],
    'all with one To tag',
  )
  t.strictSame(bench.hears(), ['request INVITE'], 'no CANCEL goes up')
})

t.test('RFC 3261 §9.2: a CANCEL of nothing is 481; of what is answered it is 200 and without effect', async (t) => {
  const bench = new LayerBench()
  comes(bench, 'CANCEL', { branch: 'z9hG4bK-nothing' })
  t.strictSame(bench.flow.told(), ['481 CANCEL'])
  await nothingIsLeft(t, bench)
  comes(bench, 'INVITE', invite)
  bench.server.attach({ cancelled: () => t.fail('it was answered'), failed() {} })
  bench.server.respond(200)
  comes(bench, 'CANCEL', invite)
  t.strictSame(bench.flow.told(), ['200 INVITE', '200 CANCEL'])
})

t.test('RFC 3261 §9.2: an old CANCEL (RFC 2543) finds its INVITE, too', async (t) => {
  const bench = new LayerBench()
  const old: RequestChanges = { headers: { Via: 'SIP/2.0/UDP 10.0.0.20:5060;branch=1' } }
  comes(bench, 'INVITE', old)
  comes(bench, 'CANCEL', old)
  t.strictSame(bench.flow.told(), ['200 CANCEL'])
})

t.test('an ACK for nothing known goes up, where the dialogs are', async (t) => {
  const bench = new LayerBench()
  comes(bench, 'ACK')
  t.strictSame(bench.hears(), ['ack'])
  await nothingIsLeft(t, bench)
})

t.test('RFC 3261 §8.2.6: an answer copies Via, From, To, Call-ID and CSeq, and keeps one To tag', async (t) => {
  const bench = new LayerBench()
  const vias = ['SIP/2.0/UDP 10.0.0.20;branch=z9hG4bK-2', 'SIP/2.0/UDP 10.9.9.9;branch=z9hG4bK-1']
  comes(bench, 'INVITE', { headers: { Via: vias } })
  bench.server.respond(180, { reason: 'Wait', headers: [['Server', 'x']], body: Buffer.from('hello') })
  const answer = bench.flow.response(180)
  t.strictSame(answer.headers.all('via'), vias)
  t.equal(answer.from.text, '"Alice" <sip:101@10.0.0.1>;tag=alice')
  t.equal(answer.callId, 'call-1@10.0.0.20')
  t.equal(answer.headers.first('cseq'), '1 INVITE')
  t.equal(answer.reason, 'Wait')
  t.equal(answer.headers.first('server'), 'x')
  t.equal(Buffer.from(answer.body).toString(), 'hello')
  bench.server.respond(486)
  t.equal(bench.flow.response(486).to.tag, answer.to.tag)
})

t.test('the To tag of a request within a dialog is ours already', async (t) => {
  const bench = new LayerBench()
  comes(bench, 'BYE', { headers: { To: '<sip:102@10.0.0.1>;tag=known' } })
  bench.server.respond(200)
  t.equal(bench.flow.response(200).to.text, '<sip:102@10.0.0.1>;tag=known')
})

t.test('RFC 3261 §17.2.4: an answer to an INVITE that cannot be sent is reported once', async (t) => {
  const bench = new LayerBench()
  comes(bench, 'INVITE', invite)
  let failures = 0
  bench.server.attach({ cancelled() {}, failed: () => failures++ })
  bench.flow.refuses = true
  bench.server.respond(486)
  t.equal(failures, 0, 'not while it answers')
  await bench.clock.advance(60_000)
  t.equal(failures, 1)
  await nothingIsLeft(t, bench)
})

t.test('RFC 6026 §7.1: a 2xx that cannot be sent keeps the transaction, for the ACK of one that can', async (t) => {
  const bench = new LayerBench()
  comes(bench, 'INVITE', invite)
  bench.flow.refuses = true
  bench.server.respond(200)
  await bench.clock.advance(0)
  bench.flow.refuses = false
  bench.server.repeat()
  t.strictSame(bench.flow.told(), ['200 INVITE'])
  await bench.clock.advance(LINGERS)
  await nothingIsLeft(t, bench)
})

t.test('RFC 3261 §8.2.7: answered statelessly, a request leaves nothing behind', async (t) => {
  for (const method of ['INVITE', 'OPTIONS']) {
    const bench = new LayerBench()
    comes(bench, method, invite)
    bench.server.respondStatelessly(401, { headers: [['WWW-Authenticate', 'x']] })
    t.equal(bench.flow.response(401).headers.first('www-authenticate'), 'x')
    await nothingIsLeft(t, bench)
    t.equal(bench.server.answered, true)
    bench.server.respond(200)
    bench.server.respondStatelessly(200)
    t.strictSame(bench.flow.told(), [], 'it was the last word')
    comes(bench, method, invite)
    t.strictSame(bench.hears(), [`request ${method}`, `request ${method}`], 'a repeat is a new request')
    comes(bench, 'CANCEL', { branch: 'z9hG4bK-gone' })
    t.strictSame(bench.flow.told(), ['481 CANCEL'])
  }
})

t.test(
  'RFC 3261 §8.2.7: a repeat that is answered statelessly gets the same To tag, no other request does',
  async (t) => {
    const bench = new LayerBench()
    const tagOf = (method: string, changes: RequestChanges): string | null => {
      comes(bench, method, changes)
      bench.server.respondStatelessly(401)
      return bench.flow.response(401).to.tag
    }
    t.equal(tagOf('INVITE', invite), tagOf('INVITE', invite))
    t.not(tagOf('INVITE', { headers: { CSeq: '2 INVITE' }, ...invite }), tagOf('INVITE', invite))
    t.equal(tagOf('BYE', { headers: { To: '<sip:102@10.0.0.1>;tag=known' } }), 'known')
  },
)

t.test('RFC 3261 §18.2.2: the answers to a request whose connection has closed go over one new one', async (t) => {
  const bench = new LayerBench('tcp')
  const heard: string[] = []
  comes(bench, 'INVITE', invite)
  bench.server.attach({ cancelled() {}, failed: () => heard.push('failed') })
  bench.flow.open = false
  bench.newFlow = new TestFlow(bench.clock, 'tcp')
  bench.server.respond(180)
  bench.server.respond(200)
  await bench.clock.advance(0)
  t.strictSame(bench.newFlow.told(), ['180 INVITE', '200 INVITE'])
  t.strictSame(bench.hears(), ['request INVITE', 'reopen to port 5060'])
  bench.server.repeat()
  await bench.clock.advance(0)
  t.strictSame(bench.newFlow.told(), ['200 INVITE'])
  comes(bench, 'OPTIONS')
  bench.server.respond(200)
  await bench.clock.advance(0)
  t.strictSame(bench.newFlow.told(), ['200 OPTIONS'], 'though the transaction ended with its answer')
  t.strictSame(heard, [])
  await bench.clock.advance(LINGERS)
  await nothingIsLeft(t, bench)
})

t.test('where there is no new one, its user is told', async (t) => {
  const bench = new LayerBench('tcp')
  const heard: string[] = []
  comes(bench, 'INVITE', invite)
  bench.server.attach({ cancelled() {}, failed: () => heard.push('failed') })
  bench.flow.open = false
  bench.server.respond(180)
  await bench.clock.advance(0)
  t.strictSame(heard, ['failed'])
  await nothingIsLeft(t, bench)
  const datagrams = new LayerBench('udp')
  comes(datagrams, 'INVITE', invite)
  datagrams.flow.refuses = true
  datagrams.server.respond(180)
  await datagrams.clock.advance(0)
  t.strictSame(datagrams.hears(), ['request INVITE'], 'nothing is opened for datagrams')
  await nothingIsLeft(t, datagrams)
})

t.test('RFC 3261 §21.5.1: who fails to handle a request has it answered 500, and hears of its error', async (t) => {
  const clock = new VirtualClock()
  const flow = new TestFlow(clock)
  const layer = new TransactionLayer(clock, seededRandom(1), {
    request: () => {
      throw new Error('our mistake')
    },
    ack() {},
    answeredAgain() {},
    reopen: () => Promise.reject(new Error('no way')),
  })
  for (const method of ['INVITE', 'OPTIONS']) {
    t.throws(() => layer.receive(request(method), flow), { message: 'our mistake' })
    t.strictSame(flow.told(), [`500 ${method}`])
  }
  await clock.advance(40_000)
  t.equal(layer.size, 0)
  t.equal(clock.timers, 0)
})
