import t from 'tap'
import { described, glance } from './describe.ts'
import { Leg } from './leg.ts'
import { lines } from './phones.ts'

/**
 * The exchanges of RFC 4317 that have audio in them, with us between Alice and Bob: what each would see. We carry one
 * audio stream, so a second one and every video is refused.
 */

function alice(version: number, ...media: string[]): ReturnType<typeof described> {
  const host = 'IN IP4 host.atlanta.example.com'
  return described(lines('v=0', `o=alice 2890844526 ${version} ${host}`, 's= ', `c=${host}`, 't=0 0', ...media))
}

function bob(version: number, ...media: string[]): ReturnType<typeof described> {
  const host = 'IN IP4 host.biloxi.example.com'
  return described(lines('v=0', `o=bob 2808844564 ${version} ${host}`, 's= ', `c=${host}`, 't=0 0', ...media))
}

const g711 = ['a=rtpmap:0 PCMU/8000', 'a=rtpmap:8 PCMA/8000']
const offered = ['m=audio 49170 RTP/AVP 0 8 97', ...g711, 'a=rtpmap:97 iLBC/8000']
const video = ['m=video 51372 RTP/AVP 31 32', 'a=rtpmap:31 H261/90000', 'a=rtpmap:32 MPV/90000']

t.test('§2.1 audio and video, one codec picked', async (t) => {
  const [a, b] = [new Leg(1), new Leg(2)]
  t.same(b.offers(a.hears(alice(1, ...offered, ...video))).media, ['audio 20004 RTP/AVP 0 8 97 sendrecv'])
  const { answer, agreed } = b.getsAnswer(bob(1, 'm=audio 49174 RTP/AVP 0', 'a=rtpmap:0 PCMU/8000'))
  t.same([agreed.rtp, agreed.sends], [null, true], 'a host name: media is learnt from what comes')
  t.same(a.answers(answer).media, ['audio 20002 RTP/AVP 0 sendrecv', 'video 0 RTP/AVP 31'])
})

t.test('§2.2 the answer takes two codecs, a second exchange settles on one', async (t) => {
  const [a, b] = [new Leg(1), new Leg(2)]
  b.offers(a.hears(alice(1, ...offered, ...video)))
  const first = a.answers(b.getsAnswer(bob(1, 'm=audio 49172 RTP/AVP 0 8', ...g711)).answer)
  t.same(first.media, ['audio 20002 RTP/AVP 0 8 sendrecv', 'video 0 RTP/AVP 31'])

  const wish = a.hears(alice(2, 'm=audio 51372 RTP/AVP 0', 'a=rtpmap:0 PCMU/8000', 'm=video 0 RTP/AVP 31'))
  const again = b.offers(wish)
  t.same([again.media, again.version], [['audio 20004 RTP/AVP 0 sendrecv'], '2'])
  const second = a.answers(b.getsAnswer(bob(2, 'm=audio 49172 RTP/AVP 0', 'a=rtpmap:0 PCMU/8000')).answer)
  t.same([second.media, second.version], [['audio 20002 RTP/AVP 0 sendrecv', 'video 0 RTP/AVP 31'], '2'])
})

t.test('§2.4 two audio streams, the second for DTMF alone: it is refused', async (t) => {
  const [a, b] = [new Leg(1), new Leg(2)]
  const dtmf = ['m=audio 49172 RTP/AVP 98', 'a=rtpmap:98 telephone-event/8000', 'a=sendonly']
  b.offers(a.hears(alice(1, ...offered, ...dtmf)))
  const { answer } = b.getsAnswer(bob(1, 'm=audio 49172 RTP/AVP 97', 'a=rtpmap:97 iLBC/8000'))
  t.same(a.answers(answer).media, ['audio 20002 RTP/AVP 97 sendrecv', 'audio 0 RTP/AVP 98'])
})

t.test('§2.6 audio only: the answerer numbers iLBC as it was offered', async (t) => {
  const [a, b] = [new Leg(1), new Leg(2)]
  b.offers(a.hears(alice(1, 'm=audio 49170 RTP/AVP 0 97', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:97 iLBC/8000')))
  const { answer } = b.getsAnswer(bob(1, 'm=audio 49172 RTP/AVP 99', 'a=rtpmap:99 iLBC/8000'))
  t.equal(glance(answer.formats), 'iLBC@99')
  const { media, agreed } = a.answers(answer)
  t.same(media, ['audio 20002 RTP/AVP 97 sendrecv'], 'an answerer that numbers anew does not show on the other leg')
  t.same(agreed?.formats, [{ codec: 'ilbc/8000/1', receive: 97, send: 97, fmtp: null }])
})

t.test('§3.1 hold and unhold by the callee', async (t) => {
  const [a, b] = [new Leg(1), new Leg(2)]
  const both = ['m=audio 49170 RTP/AVP 0 97', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:97 iLBC/8000']
  const ilbc = ['m=audio 49172 RTP/AVP 97 101', 'a=rtpmap:97 iLBC/8000']
  b.offers(a.hears(alice(1, ...both)))
  a.answers(b.getsAnswer(bob(1, ...ilbc)).answer)

  t.same(a.offers(b.hears(bob(2, ...ilbc, 'a=sendonly'))).media, ['audio 20002 RTP/AVP 97 sendonly'])
  const held = b.answers(
    a.getsAnswer(alice(2, 'm=audio 49170 RTP/AVP 97', 'a=rtpmap:97 iLBC/8000', 'a=recvonly')).answer,
  )
  t.same([held.media, held.version], [['audio 20004 RTP/AVP 97 recvonly'], '2'])

  t.same(a.offers(b.hears(bob(3, ...ilbc))).media, ['audio 20002 RTP/AVP 97 sendrecv'])
  const back = b.answers(a.getsAnswer(alice(3, 'm=audio 49170 RTP/AVP 97', 'a=rtpmap:97 iLBC/8000')).answer)
  t.same([back.media, back.version], [['audio 20004 RTP/AVP 97 sendrecv'], '3'])
})

t.test('§4.2 video added to audio, §4.3 and deleted again', async (t) => {
  const [a, b] = [new Leg(1), new Leg(2)]
  const pcmu = ['m=audio 49170 RTP/AVP 0', 'a=rtpmap:0 PCMU/8000']
  b.offers(a.hears(alice(1, ...pcmu)))
  a.answers(b.getsAnswer(bob(1, ...pcmu)).answer)
  b.offers(a.hears(alice(2, ...pcmu, ...video)))
  t.same(a.answers(b.getsAnswer(bob(1, ...pcmu)).answer).media, [
    'audio 20002 RTP/AVP 0 sendrecv',
    'video 0 RTP/AVP 31',
  ])
  const wish = a.hears(alice(3, ...pcmu, 'm=video 0 RTP/AVP 31'))
  t.equal(b.offers(wish).version, '1', 'Bob never knew')
  const after = a.answers(b.getsAnswer(bob(1, ...pcmu)).answer)
  t.same([after.media, after.version], [['audio 20002 RTP/AVP 0 sendrecv', 'video 0 RTP/AVP 31'], '2'])
})
