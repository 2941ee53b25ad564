import t from 'tap'
import { ReliableResponses } from '../../../src/sip/dialog/reliableResponses.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'
import { request } from '../messages.ts'

/** The responses to an INVITE of CSeq 7, the first of them numbered 100, and what became of them. */
function bench() {
  const clock = new VirtualClock()
  const happened: string[] = []
  const responses = new ReliableResponses(clock, 7, 100, {
    send: ({ status }, headers) => happened.push(`${status} ${new Map(headers).get('RSeq')}`),
    repeat: () => happened.push(`again at ${clock.now()}`),
    abandoned: () => happened.push(`abandoned at ${clock.now()}`),
  })
  return {
    ...{ clock, responses },
    sends(status: number, sdp = false): void {
      const acknowledged = (): unknown => happened.push(`${status} acknowledged`)
      responses.send({ status, body: sdp ? Buffer.from('sdp') : null, acknowledged })
    },
    pracks: (rAck: string): boolean =>
      responses.take(request('PRACK', { headers: { RAck: rAck } }), () => happened.push('PRACK answered')),
    happens: (): string[] => happened.splice(0),
  }
}

t.test('RFC 3262 §3: repeated at twice the interval each time, without an upper limit, until 64·T1', async (t) => {
  const { clock, sends, happens } = bench()
  const start = clock.now()
  sends(180)
  t.strictSame(happens(), ['180 100'])
  await clock.advance(60_000)
  const times = happens().map((text) => Number(/\d+$/.exec(text)?.[0]) - start)
  t.strictSame(times, [500, 1500, 3500, 7500, 15_500, 31_500, 32_000])
})

t.test('one after the other, each under the next number', async (t) => {
  const { sends, pracks, happens } = bench()
  sends(180)
  sends(183, true)
  sends(181)
  t.strictSame(happens(), ['180 100'])
  t.equal(pracks('100 7 INVITE'), true)
  t.strictSame(happens(), ['180 acknowledged', 'PRACK answered', '183 101'])
  t.equal(pracks('101  7\tINVITE'), true)
  t.strictSame(happens(), ['183 acknowledged', 'PRACK answered', '181 102'])
})

t.test('RFC 3262 §3: a PRACK that fits none is refused', async (t) => {
  const { sends, pracks, happens } = bench()
  t.equal(pracks('100 7 INVITE'), false, 'nothing was said')
  sends(180)
  for (const rAck of ['101 7 INVITE', '100 8 INVITE', '100 7 UPDATE', '100 7', '', 'x y INVITE']) {
    t.equal(pracks(rAck), false, rAck)
  }
  t.strictSame(happens(), ['180 100'])
  t.equal(pracks('100 7 INVITE'), true)
  t.equal(pracks('100 7 INVITE'), false, 'once')
})

t.test('a 2xx waits until all are acknowledged; a final response ends them', async (t) => {
  const { clock, responses, sends, pracks, happens } = bench()
  const ready: string[] = []
  responses.whenSettled(() => ready.push('at once'))
  sends(180)
  sends(183, true)
  responses.whenSettled(() => ready.push('later'))
  pracks('100 7 INVITE')
  t.strictSame(ready, ['at once'])
  pracks('101 7 INVITE')
  t.strictSame(ready, ['at once', 'later'])
  sends(180)
  responses.whenSettled(() => ready.push('never'))
  responses.stop()
  t.equal(clock.timers, 0)
  sends(181)
  t.equal(pracks('102 7 INVITE'), false)
  await clock.advance(60_000)
  t.strictSame(ready, ['at once', 'later'])
  t.strictSame(happens().slice(-1), ['180 102'])
})
