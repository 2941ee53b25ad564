import t from 'tap'
import type { RemoteMedia } from '../../src/media/engine.ts'
import { makeAnswer, makeOffer, newSession, receiveAnswer, receiveOffer } from '../../src/sdp/session.ts'
import { describe, described, glance } from './describe.ts'
import { granted, Leg, plainWish } from './leg.ts'
import { baresip, chrome, cisco, head, lines, linphone, roomSystem, sipp, yealink } from './phones.ts'

const local = { address: '198.51.100.1', port: 20002, rtcpPort: 20003, secure: null }

t.test('a call: what one phone offers, the other answers, each leg in numbers of its own', async (t) => {
  const [a, b] = [new Leg(1), new Leg(2)]
  const wish = a.hears([
    'm=audio 4000 RTP/AVP 96 0 97',
    'a=rtpmap:96 telephone-event/8000',
    'a=fmtp:96 0-16',
    'a=rtpmap:97 opus/48000/2',
    'a=fmtp:97 useinbandfec=1',
    'a=ptime:30',
  ])
  t.equal(glance(wish.formats), 'telephone-event@96 PCMU@0 opus@97')

  const offer = b.offers(wish)
  t.equal(
    offer.text,
    lines(
      'v=0',
      'o=- 2 1 IN IP4 198.51.100.1',
      's=-',
      'c=IN IP4 198.51.100.1',
      't=0 0',
      'm=audio 20004 RTP/AVP 96 0 97',
      'a=rtpmap:96 telephone-event/8000',
      'a=fmtp:96 0-16',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:97 opus/48000/2',
      'a=fmtp:97 useinbandfec=1',
      'a=ptime:30',
      'a=sendrecv',
    ),
  )
  const fromB = b.getsAnswer([
    'm=audio 5000 RTP/AVP 107 101',
    'a=rtpmap:107 OPUS/48000/2',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-15',
  ])
  t.same(fromB.agreed, {
    rtp: { address: '192.0.2.1', port: 5000 },
    rtcp: { address: '192.0.2.1', port: 5001 },
    rtcpMux: false,
    formats: [
      { codec: 'opus/48000/2', receive: 97, send: 107, fmtp: null },
      { codec: 'telephone-event/8000/1', receive: 96, send: 101, fmtp: '0-15' },
    ],
    ptime: null,
    sends: true,
    receives: true,
    secure: null,
    crypto: null,
  })

  const answer = a.answers(fromB.answer)
  t.equal(
    answer.text,
    lines(
      'v=0',
      'o=- 1 1 IN IP4 198.51.100.1',
      's=-',
      'c=IN IP4 198.51.100.1',
      't=0 0',
      'm=audio 20002 RTP/AVP 97 96',
      'a=rtpmap:97 OPUS/48000/2',
      'a=rtpmap:96 telephone-event/8000',
      'a=fmtp:96 0-15',
      'a=sendrecv',
    ),
    'in the caller’s numbers, with the callee’s order and parameters',
  )
  const remote: Omit<RemoteMedia, 'keysInMedia' | 'secure'> | null = answer.agreed
  t.same(remote?.formats, [
    { codec: 'opus/48000/2', receive: 97, send: 97, fmtp: 'useinbandfec=1' },
    { codec: 'telephone-event/8000/1', receive: 96, send: 96, fmtp: '0-16' },
  ])
})

t.test('which m-line is taken', async (t) => {
  const cases: readonly (readonly [phone: string, body: string, answered: readonly string[]])[] = [
    ['baresip', baresip, ['audio 20002 RTP/AVP 96 9 0 8 101 sendrecv']],
    ['linphone', linphone, ['audio 20002 RTP/AVPF 96 97 98 0 8 18 101 99 sendrecv', 'video 0 RTP/AVPF 96']],
    ['SIPp', sipp, ['audio 20002 RTP/AVP 0 sendrecv']],
    ['Yealink', yealink, ['audio 0 RTP/SAVP 0', 'audio 20002 RTP/AVP 0 8 18 9 101 sendrecv']],
    ['Cisco', cisco, ['audio 20002 RTP/AVP 0 8 18 102 101 sendrecv']],
    [
      'room system',
      roomSystem,
      [
        'audio 20002 RTP/AVP 101 102 9 97 sendrecv',
        'application 0 UDP/BFCP *',
        'application 0 UDP/DTLS/SCTP webrtc-datachannel',
      ],
    ],
  ]
  for (const [phone, body, answered] of cases) {
    const leg = new Leg(1)
    t.same(leg.answers(leg.hears(described(body))).media, answered, phone)
  }
})

t.test('488: nothing that we can take', async (t) => {
  const refused = (media: readonly string[]) => receiveOffer(newSession(1, 'plain'), describe(media))
  t.match(receiveOffer(newSession(1, 'plain'), described(chrome)), { kind: 'rejected', status: 488 })
  t.match(refused([]), { kind: 'rejected', status: 488 }, 'no m-line at all')
  t.match(refused(['m=audio 4000 RTP/SAVP 0']), { kind: 'rejected' })
  t.match(refused(['m=video 4000 RTP/AVP 31']), { kind: 'rejected' })
  t.match(refused(['m=image 4000 udptl t38']), { kind: 'rejected' })
  t.match(refused(['m=audio 0 RTP/AVP 0']), { kind: 'rejected' }, 'port 0 is no hold before there is a call')
  t.match(refused(['m=audio 4000 RTP/AVP 96 97']), { kind: 'rejected' }, 'numbers without meaning')
  t.match(
    refused(['m=audio 4000 RTP/AVP 101 13', 'a=rtpmap:101 telephone-event/8000']),
    { kind: 'rejected' },
    'nothing to talk with',
  )
})

t.test('488: no codec in common, in either direction', async (t) => {
  const offered = granted(
    receiveOffer(
      newSession(1, 'plain'),
      describe(['m=audio 4000 RTP/AVP 18 101', 'a=rtpmap:101 telephone-event/8000']),
    ),
  )
  t.match(makeAnswer(offered.state, plainWish, local), { kind: 'rejected', status: 488 })
  const sent = granted(makeOffer(newSession(1, 'plain'), plainWish, local))
  for (const answer of [
    ['m=audio 5000 RTP/AVP 18'],
    ['m=audio 5000 RTP/AVP 101', 'a=rtpmap:101 telephone-event/8000'],
    ['m=audio 5000 RTP/SAVP 0'],
    ['m=audio 0 RTP/AVP 0'],
    ['m=video 5000 RTP/AVP 31'],
    ['m=audio 5000 RTP/AVP 0', 'm=audio 5002 RTP/AVP 0'],
    [],
  ]) {
    t.match(receiveAnswer(sent.state, describe(answer)), { kind: 'rejected', status: 488 }, answer.join(' '))
  }
})

t.test('what the answer did not get offered is passed over', async (t) => {
  const leg = new Leg(1)
  leg.offers(plainWish)
  const { answer, agreed } = leg.getsAnswer(['m=audio 5000 RTP/AVP 18 8 0 99', 'a=rtpmap:99 opus/48000/2'])
  t.equal(glance(answer.formats), 'PCMA@8 PCMU@0')
  t.same(
    agreed.formats.map((format) => format.codec),
    ['pcma/8000/1', 'pcmu/8000/1'],
  )
})

t.test('our RTCP port is said where it is not the next one', async (t) => {
  const leg = new Leg(1, { address: '2001:db8::5', port: 30000, rtcpPort: 40000, secure: null })
  const { description, text } = leg.offers(plainWish)
  t.same(description.media[0]?.rtcp, { address: '2001:db8::5', port: 40000 })
  t.match(text, 'o=- 1 1 IN IP6 2001:db8::5\r\n')
  t.notMatch(new Leg(1).offers(plainWish).text, 'a=rtcp')
})

t.test('where the peer wants its packets', async (t) => {
  const cases: readonly (readonly [attributes: readonly string[], rtp: unknown, rtcp: unknown])[] = [
    [['c=IN IP4 192.0.2.9'], { address: '192.0.2.9', port: 4000 }, { address: '192.0.2.9', port: 4001 }],
    [['a=rtcp:4444 IN IP4 192.0.2.8'], { address: '192.0.2.1', port: 4000 }, { address: '192.0.2.8', port: 4444 }],
    [['a=rtcp:4444 IN IP4 0.0.0.0'], { address: '192.0.2.1', port: 4000 }, null],
    [['a=rtcp:0'], { address: '192.0.2.1', port: 4000 }, null],
    [['c=IN IP6 2001:db8::9'], { address: '2001:db8::9', port: 4000 }, { address: '2001:db8::9', port: 4001 }],
    [['c=IN IP4 phone.example.com'], null, null],
    [['c=IN IP4 0.0.0.0'], null, null],
    [['c=IN IP6 ::'], null, null],
    [['c=IN IP4 239.1.2.3/127'], null, null],
    [['c=IN IP6 ff02::1'], null, null],
    [['c=IN IP4 255.255.255.255'], null, null],
    [['c=IN IP4 0.0.0.0', 'a=rtcp:4444 IN IP4 192.0.2.8'], null, null],
  ]
  for (const [attributes, rtp, rtcp] of cases) {
    const leg = new Leg(1)
    leg.hears(['m=audio 4000 RTP/AVP 0', ...attributes])
    const { agreed } = leg.answers(plainWish)
    t.same([agreed?.rtp, agreed?.rtcp], [rtp, rtcp], attributes.join(' '))
  }
})

t.test('an INVITE without SDP: we offer, the answer comes in the ACK', async (t) => {
  const leg = new Leg(1)
  t.same(leg.offers(plainWish).media, ['audio 20002 RTP/AVP 0 8 101 sendrecv'])
  const { answer, agreed } = leg.getsAnswer(['m=audio 4000 RTP/AVP 8', 'a=ptime:20'])
  t.same(answer, {
    formats: [{ payloadType: 8, name: 'PCMA', clockRate: 8000, channels: 1, fmtp: null }],
    direction: 'sendrecv',
    ptime: 20,
  })
  t.same(agreed.formats, [{ codec: 'pcma/8000/1', receive: 8, send: 8, fmtp: null }])
})

t.test('the version rises by one, and only when something changed', async (t) => {
  const leg = new Leg(7)
  const media = ['m=audio 4000 RTP/AVP 0 8']
  leg.hears(media)
  t.equal(leg.answers(plainWish).version, '1')
  t.equal(leg.answers(plainWish).version, '1', 'the 200 says what the 183 said')
  leg.hears(media)
  t.equal(leg.answers(plainWish).version, '1', 'a session refresh')
  t.equal(leg.offersAgain().version, '1')
  leg.getsAnswer(media)
  leg.hears([...media, 'a=sendonly'])
  t.equal(leg.answers(plainWish).version, '2', 'held')
  leg.hears(media)
  t.equal(leg.answers(plainWish).version, '3', 'resumed')
  leg.local = { ...leg.local, address: '203.0.113.9' }
  t.equal(leg.offersAgain().version, '4', 'another address')
  leg.getsAnswer(media)
  t.equal(leg.offers({ ...plainWish, formats: plainWish.formats.slice(0, 1) }).version, '5', 'fewer codecs')
  t.equal(leg.offersAgain().version, '4', 'the one before was never answered')
})

t.test('an offer that fails leaves everything as it was', async (t) => {
  const leg = new Leg(1)
  leg.offers(plainWish)
  leg.getsAnswer(['m=audio 5000 RTP/AVP 0 101', 'a=rtpmap:101 telephone-event/8000'])
  const before = structuredClone(leg.session)

  const opus = { payloadType: 96, name: 'opus', clockRate: 48000, channels: 2, fmtp: null }
  const sent = granted(makeOffer(leg.session, { ...plainWish, formats: [opus] }, leg.local))
  t.equal(sent.state.former, leg.session)
  t.match(receiveAnswer(sent.state, describe(['m=audio 5000 RTP/AVP 0'])), { kind: 'rejected' })

  t.match(receiveOffer(leg.session, describe(['m=image 5000 udptl t38'])), { kind: 'rejected' })
  leg.hears(['m=audio 6000 RTP/AVP 8 96', 'a=rtpmap:96 speex/8000', 'a=inactive'])

  t.same(leg.session, before)
  t.equal(leg.offersAgain().version, '1')
})

t.test('answers of several forks to one offer', async (t) => {
  const sent = granted(makeOffer(newSession(1, 'plain'), plainWish, local))
  const first = granted(receiveAnswer(sent.state, describe(['m=audio 5000 RTP/AVP 0'])))
  const second = granted(receiveAnswer(sent.state, describe(['m=audio 6000 RTP/AVP 8'])))
  t.same([first.agreed.rtp?.port, second.agreed.rtp?.port], [5000, 6000])
  t.same(second.state.said, first.state.said)
})

t.test('a mismatch is mended: one leg is offered what the other agreed to', async (t) => {
  const [a, b] = [new Leg(1), new Leg(2)]
  const wish = a.hears(['m=audio 4000 RTP/AVP 0 8'])
  b.offers(wish)
  a.answers({ ...wish, formats: wish.formats.slice(0, 1) }) // early media of a branch that has gone since: PCMU
  const { answer } = b.getsAnswer(['m=audio 5000 RTP/AVP 8'])
  const mend = a.offers(answer)
  t.same([mend.media, mend.version], [['audio 20002 RTP/AVP 8 sendrecv'], '2'])
  t.same(a.getsAnswer(['m=audio 4000 RTP/AVP 8']).agreed.formats, [
    { codec: 'pcma/8000/1', receive: 8, send: 8, fmtp: null },
  ])
})

t.test('m-lines keep their place and never get fewer', async (t) => {
  const leg = new Leg(1)
  const audio = 'm=audio 4000 RTP/AVP 0'
  const video = 'm=video 4002 RTP/AVP 31'
  leg.hears([video, audio])
  t.same(leg.answers(plainWish).media, ['video 0 RTP/AVP 31', 'audio 20002 RTP/AVP 0 sendrecv'])
  t.same(leg.offersAgain().media, ['video 0 RTP/AVP 31', 'audio 20002 RTP/AVP 0 sendrecv'])
  leg.getsAnswer(['m=video 0 RTP/AVP 31', audio])

  leg.hears([video, audio, 'm=message 5 TCP/MSRP *'])
  t.same(leg.answers(plainWish).media, ['video 0 RTP/AVP 31', 'audio 20002 RTP/AVP 0 sendrecv', 'message 0 TCP/MSRP *'])

  leg.hears([video, audio])
  t.equal(leg.answers(plainWish).media.length, 2, 'an answer has as many as its offer, even one that forgot some')
  t.equal(leg.offersAgain().media.length, 3, 'our offers have them all')
  t.same(leg.getsAnswer([video, audio]).agreed.rtp?.port, 4000, 'an answer may forget what we refused')
})

t.test('the stream in use is kept while it can be', async (t) => {
  const leg = new Leg(1)
  leg.hears(['m=audio 4000 RTP/SAVP 0', 'm=audio 4002 RTP/AVP 0'])
  leg.answers(plainWish)
  leg.hears(['m=audio 4000 RTP/AVP 0', 'm=audio 4002 RTP/AVP 0'])
  t.same(leg.answers(plainWish).media, ['audio 0 RTP/AVP 0', 'audio 20002 RTP/AVP 0 sendrecv'])
  leg.hears(['m=audio 4000 RTP/AVP 0', 'm=audio 0 RTP/AVP 0'])
  t.same(leg.answers(plainWish).media, ['audio 20002 RTP/AVP 0 sendrecv', 'audio 0 RTP/AVP 0'])
})

t.test('our own mistakes throw', async (t) => {
  t.throws(() => new Leg(1).offersAgain(), 'keepOffer before any description')
  const { state } = granted(receiveOffer(newSession(1, 'plain'), describe(['m=audio 4000 RTP/AVP 0'])))
  t.throws(() => makeAnswer({ ...state, line: 3 }, plainWish, local), RangeError)
})

t.test('a body is what the parser takes', async (t) => {
  const wild = described(
    lines(...head(), 'm=audio 4000 RTP/AVP 97', 'a=rtpmap:97 iLBC/8000', 'a=fmtp:97 mode=20; \xe9=\xff'),
  )
  const leg = new Leg(1)
  t.equal(leg.answers(leg.hears(wild)).description.media[0]?.formats[0]?.fmtp, 'mode=20; \xe9=\xff', 'octet for octet')
})
