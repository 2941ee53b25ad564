import t from 'tap'
import type { Session } from '../../../src/sip/dialog/session.ts'
import type { SipRequest } from '../../../src/sip/message/message.ts'
import { type HeaderChanges, reply, request } from '../messages.ts'
import { DialogBench } from './bench.ts'

const OLD = 'sip:old@10.0.0.20:5060'
const NEW = 'sip:new@10.0.0.20:5060'

/** An early dialog in which an offer was answered for good, as the peer has it. */
interface Early {
  readonly bench: DialogBench
  /** A request of the peer, which is at `NEW` by now. */
  sends(method: string, body?: string, headers?: HeaderChanges): void
  /** The INVITE is answered, by whoever was called. */
  answered(): Session
}

/** The peer has called us. */
function asCaller(): Early {
  const bench = new DialogBench()
  const invite = bench.rings({ Supported: '100rel', Contact: `<${OLD}>` })
  invite.onReoffered((reoffer) => bench.reoffers.push(reoffer))
  bench.flow.take()
  invite.progress(183, Buffer.from('answer'))
  const rAck = `${bench.flow.response(183).headers.first('rseq')} 1 INVITE`
  const sends = peerOf(bench, { To: `<sip:102@10.0.0.1>;tag=${invite.transaction.localTag}` })
  sends('PRACK', '', { RAck: rAck, Contact: null })
  bench.flow.response(200)
  const answered = (): Session => {
    const session = invite.accept(Buffer.from(''))
    sends('ACK', '', { CSeq: '1 ACK', Contact: null })
    return session
  }
  return { bench, sends, answered }
}

/** We have called the peer. */
function asPhone(): Early {
  const bench = new DialogBench()
  const { request: invite, sessions } = bench.invites()
  const headers = { Contact: `<${OLD}>`, Require: '100rel', RSeq: '1' }
  bench.comes(reply(invite, 183, { headers, body: 'answer' }))
  bench.flow.request('PRACK')
  const sends = peerOf(bench, { From: `${invite.to.text};tag=bob`, To: invite.from.text, 'Call-ID': invite.callId })
  const answered = (): Session => {
    bench.comes(reply(invite, 200))
    const [session] = sessions
    if (!session) throw new Error('not answered')
    session.acknowledge(invite.cSeq.number)
    return session
  }
  return { bench, sends, answered }
}

function peerOf(bench: DialogBench, identity: HeaderChanges): Early['sends'] {
  let cSeq = 1
  return (method, body = '', headers = {}) =>
    bench.comes(
      request(method, {
        body,
        headers: { ...identity, CSeq: `${++cSeq} ${method}`, Contact: `<${NEW}>`, ...headers },
      }),
    )
}

/** Where the next request of ours goes. */
function target({ bench, answered }: Early): string {
  const session = answered()
  bench.flow.take()
  session.bye()
  return nextRequest(bench).uri.text
}

function nextRequest(bench: DialogBench): SipRequest {
  const sent = bench.flow.take().at(-1)?.message
  if (sent?.kind !== 'request') throw new Error('no request was sent')
  return sent
}

for (const [side, early] of [
  ['caller', asCaller],
  ['phone', asPhone],
] as const) {
  t.test(`RFC 3311 §5.2: an UPDATE of the ${side} that is accepted refreshes the target`, async (t) => {
    const bare = early()
    bare.sends('UPDATE')
    const { headers } = bare.bench.flow.response(200)
    t.match(headers.first('contact'), '@10.0.0.1:5060>')
    t.match(headers.first('allow'), 'UPDATE')
    t.equal(target(bare), NEW)

    const offering = early()
    offering.sends('UPDATE', 'offer')
    t.strictSame(offering.bench.flow.told(), [])
    offering.bench.reoffers[0]?.accept(Buffer.from('answered'))
    const answer = offering.bench.flow.response(200)
    t.equal(Buffer.from(answer.body).toString(), 'answered')
    t.equal(answer.headers.first('content-type'), 'application/sdp')
    t.match(answer.headers.first('contact'), '@10.0.0.1:5060>')
    t.equal(target(offering), NEW)
  })

  t.test(`RFC 3261 §12.2.2: an UPDATE of the ${side} that is refused leaves the target as it was`, async (t) => {
    const refused = early()
    refused.sends('UPDATE', 'offer')
    refused.bench.reoffers[0]?.reject(488)
    t.strictSame(refused.bench.flow.told(), ['488 UPDATE'])
    t.equal(target(refused), OLD)

    const second = early()
    second.sends('UPDATE', 'offer', { Contact: `<${OLD}>` })
    second.sends('UPDATE', 'another offer')
    t.strictSame(second.bench.flow.told(), ['500 UPDATE'])
    second.bench.reoffers[0]?.accept(Buffer.from('answered'))
    t.equal(target(second), OLD)
  })

  t.test(`what the ${side} says that it takes, in any request of the early dialog, holds in the session`, async (t) => {
    const known = early()
    known.sends('OPTIONS', '', { Allow: 'INVITE, ACK, BYE, CANCEL, UPDATE' })
    const told = known.answered()
    void told.reoffer(Buffer.from('offer'), 'UPDATE')
    t.equal(nextRequest(known.bench).method, 'UPDATE')

    const unknown = early()
    const silent = unknown.answered()
    void silent.reoffer(Buffer.from('offer'), 'UPDATE')
    t.equal(nextRequest(unknown.bench).method, 'INVITE')
  })
}

t.test('RFC 3262 §5: the offer of a PRACK is answered in its 200, which is about no target', async (t) => {
  const bench = new DialogBench()
  const invite = bench.rings({ Require: '100rel', Contact: `<${OLD}>` })
  invite.onReoffered((reoffer) => bench.reoffers.push(reoffer))
  const sends = peerOf(bench, { To: `<sip:102@10.0.0.1>;tag=${invite.transaction.localTag}` })
  const pracks = (body: string): void => {
    const rSeq = bench.flow.take().at(-1)?.message.headers.first('rseq')
    sends('PRACK', body, { RAck: `${rSeq} 1 INVITE` })
  }
  invite.progress(180)
  pracks('an offer while that of the INVITE is open')
  t.match(bench.flow.response(500).headers.first('retry-after'), /^([0-9]|10)$/)
  t.equal(bench.reoffers.length, 0)
  invite.progress(183, Buffer.from('answer'))
  pracks('offer')
  bench.reoffers[0]?.accept(Buffer.from('answered'))
  const answer = bench.flow.response(200)
  t.equal(Buffer.from(answer.body).toString(), 'answered')
  t.equal(answer.headers.first('content-type'), 'application/sdp')
  t.equal(answer.headers.has('contact'), false)
  const answered = (): Session => {
    const session = invite.accept(Buffer.from(''))
    sends('ACK', '', { CSeq: '1 ACK', Contact: null })
    return session
  }
  t.equal(target({ bench, sends, answered }), OLD)
})
