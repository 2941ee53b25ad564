import t from 'tap'
import type { CryptoKey } from '../../src/sdp/crypto.ts'
import { makeOffer, newSession, receiveAnswer, receiveOffer } from '../../src/sdp/session.ts'
import { describe, described, mediaAt } from './describe.ts'
import { granted, Leg, plainWish } from './leg.ts'
import { yealink } from './phones.ts'

const THEIRS = 'NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj'
const OTHERS = 'PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR'

const keys: readonly CryptoKey[] = [
  { suite: 'AES_CM_128_HMAC_SHA1_80', keySalt: new Uint8Array(30).fill(1) },
  { suite: 'AES_CM_128_HMAC_SHA1_32', keySalt: new Uint8Array(30).fill(2) },
]
const [KEY_80, KEY_32] = keys.map(({ keySalt }) => Buffer.from(keySalt).toString('base64'))
const LOCAL = { address: '198.51.100.1', port: 20002, rtcpPort: 20003, secure: null, crypto: keys }

const srtpLeg = () => new Leg(1, LOCAL, 'srtp')

const SAVP = 'm=audio 4000 RTP/SAVP 0'
const line = (suite: 80 | 32, key = THEIRS, tag = 1, more = ''): string =>
  `a=crypto:${tag} AES_CM_128_HMAC_SHA1_${suite} inline:${key}${more}`
const cryptoOf = ({ text }: { readonly text: string }): string[] =>
  text.split('\r\n').filter((each) => each.startsWith('a=crypto:'))
const tookOf = (text: readonly string[]): string[] =>
  mediaAt(describe([SAVP, ...text]), 0).crypto.map(({ tag, suite, keySalt }) => {
    return `${tag} ${suite.slice(-2)} ${Buffer.from(keySalt).toString('base64')}`
  })

t.test('lines that are read', async (t) => {
  t.strictSame(tookOf([line(80), line(32, OTHERS, 2)]), [`1 80 ${THEIRS}`, `2 32 ${OTHERS}`])
  t.strictSame(tookOf([line(80, THEIRS, 1, '|2^20')]), [`1 80 ${THEIRS}`], 'a lifetime')
  t.strictSame(tookOf([line(80, THEIRS, 1, '|1048576')]), [`1 80 ${THEIRS}`])
  t.strictSame(tookOf([line(80, THEIRS, 999_999_999, ' WSH=128 -later=x')]), [`999999999 80 ${THEIRS}`])
  t.equal(mediaAt(described(yealink), 0).crypto.length, 1)
  t.equal(mediaAt(described(yealink), 1).crypto.length, 0, 'of its own m-line alone')
  t.equal(mediaAt(describe([SAVP, line(80)]), 0).crypto[0]?.keySalt.buffer.byteLength, 30, 'octets of its own')
})

t.test('lines that ask for what we have not are passed over', async (t) => {
  for (const other of [
    line(80, THEIRS, 1, '|2^20|1:4'),
    line(80, THEIRS, 1, '|1:4'),
    line(80, THEIRS, 1, ' UNENCRYPTED_SRTP'),
    line(80, THEIRS, 1, ' UNAUTHENTICATED_SRTP'),
    line(80, THEIRS, 1, ' KDR=3'),
    line(80, THEIRS, 1, `;inline:${OTHERS}|2^20|2:4`),
    line(80, THEIRS.slice(1)),
    line(80, `${THEIRS}AA`),
    line(80, `${THEIRS.slice(0, -1)}=`),
    line(80).replace('crypto:1', 'crypto:'),
    line(80).replace('crypto:1', 'crypto:-1'),
    line(80).replace('inline', 'uri'),
    'a=crypto:1 AEAD_AES_128_GCM inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==',
    'a=crypto:1 F8_128_HMAC_SHA1_80 inline:NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj',
    'a=crypto:',
  ]) {
    t.strictSame(tookOf([other, line(32, OTHERS, 2)]), [`2 32 ${OTHERS}`], other)
  }
  t.equal(tookOf(Array.from({ length: 100 }, (_, at) => line(80, THEIRS, at))).length, 16)
})

t.test('we offer each suite with a key of its own', async (t) => {
  const offer = srtpLeg().offers(plainWish)
  t.strictSame(offer.media, ['audio 20002 RTP/SAVP 0 8 101 sendrecv'])
  t.strictSame(cryptoOf(offer), [line(80, KEY_80), line(32, KEY_32, 2)])
})

t.test('the answer takes one of them, and later offers keep it', async (t) => {
  const leg = srtpLeg()
  leg.offers(plainWish)
  const { agreed } = leg.getsAnswer([SAVP, line(32, THEIRS, 2)])
  t.match(agreed.crypto, { ours: { tag: 2, suite: 'AES_CM_128_HMAC_SHA1_32' }, theirs: { tag: 2 } })
  t.strictSame(agreed.crypto?.ours.keySalt, keys[1]?.keySalt)
  t.equal(Buffer.from(agreed.crypto?.theirs.keySalt ?? []).toString('base64'), THEIRS)
  const again = leg.offersAgain()
  t.strictSame(cryptoOf(again), [line(32, KEY_32, 2)])
  t.equal(again.version, '2')
  leg.getsAnswer([SAVP, line(32, OTHERS, 2)])
  t.equal(leg.offersAgain().version, '2', 'and nothing else of ours has changed')
})

t.test(
  'we answer the first line that we can take, by its tag, and a new key of the peer with ours as it was',
  async (t) => {
    const leg = srtpLeg()
    leg.hears([SAVP, 'a=crypto:1 AEAD_AES_128_GCM inline:AAAA', line(80, THEIRS, 7), line(32, OTHERS, 8)])
    const answer = leg.answers(plainWish)
    t.strictSame(answer.media, ['audio 20002 RTP/SAVP 0 sendrecv'])
    t.strictSame(cryptoOf(answer), [line(80, KEY_80, 7)])
    leg.hears([SAVP, line(80, OTHERS, 7), 'a=sendonly'])
    const later = leg.answers(plainWish)
    t.strictSame(cryptoOf(later), [line(80, KEY_80, 7)])
    t.equal(Buffer.from(later.agreed?.crypto?.theirs.keySalt ?? []).toString('base64'), OTHERS)
    t.match(later.agreed, { sends: false, receives: true, crypto: { ours: { tag: 7 } } })
    t.strictSame(cryptoOf(leg.offersAgain()), [line(80, KEY_80, 7)])
  },
)

t.test('a hold by port 0 keeps the keys', async (t) => {
  const leg = srtpLeg()
  leg.hears([SAVP, line(80)])
  const { agreed } = leg.answers(plainWish)
  leg.hears(['m=audio 0 RTP/SAVP 0'])
  t.strictSame(leg.answers(plainWish).agreed?.crypto, agreed?.crypto)
})

t.test('nothing in the clear is taken, in words', async (t) => {
  const [plain, encrypted] = [['m=audio 4000 RTP/AVP 0'], [SAVP, line(80)]]
  const none = /has no encrypted audio \(RTP\/SAVP\), and none in the clear is taken/
  const noKey = /has no a=crypto line that can be taken/
  const offers = newSession(1, 'srtp')
  for (const [text, reason] of [
    [plain, none],
    [['m=audio 4000 RTP/AVP 0', line(80)], none],
    [['m=audio 4000 UDP/TLS/RTP/SAVPF 0', line(80)], none],
    [[SAVP], noKey],
    [[SAVP, line(80, THEIRS, 1, ' UNENCRYPTED_SRTP')], noKey],
  ] as const) {
    t.match(receiveOffer(offers, describe(text)), { kind: 'rejected', status: 488, reason })
    const { state } = granted(makeOffer(offers, plainWish, LOCAL))
    t.match(receiveAnswer(state, describe(text)), { kind: 'rejected', reason })
  }
  t.equal(receiveOffer(offers, describe([...plain, ...encrypted])).kind, 'offer', 'one of two is enough')
  t.match(receiveOffer(newSession(1, 'plain'), describe(encrypted)), { kind: 'rejected' })
})

t.test('an answer that names no line of ours is none', async (t) => {
  const { state } = granted(makeOffer(newSession(1, 'srtp'), plainWish, LOCAL))
  for (const wrong of [line(80, THEIRS, 3), line(32, THEIRS, 1), line(80, THEIRS, 2)])
    t.match(receiveAnswer(state, describe([SAVP, wrong])), { kind: 'rejected', reason: /no key of SRTP in common/ })
  t.equal(receiveAnswer(state, describe([SAVP, line(80, THEIRS, 3), line(32, THEIRS, 2)])).kind, 'answer')
})

t.test('a key of ours is said on a leg of SRTP alone', async (t) => {
  const leg = new Leg(1, LOCAL)
  t.strictSame(cryptoOf(leg.offers(plainWish)), [])
  leg.hears(described(yealink))
  t.strictSame(cryptoOf(leg.answers(plainWish)), [])
})
