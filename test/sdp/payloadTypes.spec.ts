import t from 'tap'
import type { PayloadFormat } from '../../src/sdp/description.ts'
import { type Bindings, numberAnswer, numberOffer, reserve } from '../../src/sdp/payloadTypes.ts'
import { glance } from './describe.ts'
import { Leg, plainWish } from './leg.ts'

const none: Bindings = new Map()

function format(name: string, payloadType: number, clockRate = 8000): PayloadFormat {
  return { name, payloadType, clockRate, channels: 1, fmtp: null }
}

t.test('the number of a codec in our offer', async (t) => {
  const bound: Bindings = new Map([
    [101, 'telephone-event/8000/1'],
    [96, 'speex/8000/1'],
  ])
  const cases: readonly (readonly [why: string, bindings: Bindings, wished: PayloadFormat, number: number])[] = [
    ['what the session bound', bound, format('telephone-event', 96), 101],
    ['then the static number', none, format('PCMU', 96), 0],
    ['then the suggested one', none, format('opus', 111), 111],
    ['if it is free', bound, format('opus', 101), 97],
    ['and dynamic', none, format('opus', 63), 96],
    ['else the lowest free', bound, format('opus', 96), 97],
  ]
  for (const [why, bindings, wished, number] of cases) {
    t.equal(numberOffer(bindings, [wished]).formats[0]?.payloadType, number, why)
  }
})

t.test('no two codecs of one offer get the same number', async (t) => {
  const { formats } = numberOffer(none, [format('a', 96), format('b', 96), format('c', 97), format('PCMU', 96)])
  t.equal(glance(formats), 'a@96 b@97 c@98 PCMU@0')
})

t.test('a codec for which no number is left is left out', async (t) => {
  const many = Array.from({ length: 40 }, (_, i) => format(`codec${i}`, 96))
  const { formats, bindings } = numberOffer(none, many)
  t.equal(formats.length, 32)
  t.equal(glance(numberOffer(bindings, [format('late', 96), format('PCMA', 8)]).formats), 'PCMA@8')
})

t.test('an answer uses the numbers of the offer, unless we gave them to something else', async (t) => {
  const offered = [format('opus', 96), format('telephone-event', 97)]
  t.equal(glance(numberAnswer(none, [format('opus', 120)], offered).formats), 'opus@96')
  const bound: Bindings = new Map([[96, 'speex/8000/1']])
  t.equal(glance(numberAnswer(reserve(bound, offered), offered, offered).formats), 'opus@98 telephone-event@97')
})

t.test('a number that was ours once stays with its codec through the whole session', async (t) => {
  const leg = new Leg(1)
  const dtmf = (payloadType: number) => [`a=rtpmap:${payloadType} telephone-event/8000`]
  leg.hears(['m=audio 4000 RTP/AVP 0 101', ...dtmf(101)])
  t.same(leg.answers(plainWish).media, ['audio 20002 RTP/AVP 0 101 sendrecv'])

  leg.hears(['m=audio 4000 RTP/AVP 0 96', ...dtmf(96)])
  t.same(
    leg.answers(plainWish).media,
    ['audio 20002 RTP/AVP 0 96 sendrecv'],
    'a second number for the same codec is fine',
  )
  t.same(leg.offersAgain().media, ['audio 20002 RTP/AVP 0 96 sendrecv'], 'and the last one said is used on')
  leg.getsAnswer(['m=audio 4000 RTP/AVP 0 96', ...dtmf(96)])

  // The peer was swapped for another one behind its server and numbers anew: 101 is speex now.
  leg.hears(['m=audio 4000 RTP/AVP 101 0 97', 'a=rtpmap:101 speex/8000', ...dtmf(97)])
  const speex = { payloadType: 101, name: 'speex', clockRate: 8000, channels: 1, fmtp: null }
  const { media, agreed } = leg.answers({ ...plainWish, formats: [speex, ...plainWish.formats] })
  t.same(media, ['audio 20002 RTP/AVP 98 0 97 sendrecv'])
  t.same(agreed?.formats, [
    { codec: 'speex/8000/1', receive: 98, send: 101, fmtp: null },
    { codec: 'pcmu/8000/1', receive: 0, send: 0, fmtp: null },
    { codec: 'telephone-event/8000/1', receive: 97, send: 97, fmtp: null },
  ])
})

t.test('numbers the peer named are not given to other codecs by us', async (t) => {
  const leg = new Leg(1)
  leg.hears(['m=audio 4000 RTP/AVP 0 96', 'a=rtpmap:96 speex/8000'])
  leg.answers({ ...plainWish, formats: plainWish.formats.slice(0, 1) })
  const opus = { payloadType: 96, name: 'opus', clockRate: 48000, channels: 2, fmtp: null }
  t.same(leg.offers({ ...plainWish, formats: [opus] }).media, ['audio 20002 RTP/AVP 97 sendrecv'])
  leg.getsAnswer(['m=audio 4000 RTP/AVP 98', 'a=rtpmap:98 opus/48000/2'])
  t.same(leg.offers({ ...plainWish, formats: [opus, { ...opus, name: 'x', payloadType: 98 }] }).media, [
    'audio 20002 RTP/AVP 97 99 sendrecv',
  ])
})
