import { createHmac } from 'node:crypto'
import t from 'tap'
import { HmacSha1 } from '../../../src/rtp/srtp/hmacSha1.ts'
import { Protection } from '../../../src/rtp/srtp/protection.ts'
import { deriveSessionKeys } from '../../../src/rtp/srtp/sessionKeys.ts'
import { SrtpSession } from '../../../src/rtp/srtp/srtpSession.ts'
import { seededRandom } from '../../support/virtual/random.ts'
import { hex, MASTER, octets } from './srtpBytes.ts'

t.test('RFC 3711 B.2: the keystream of AES in counter mode', async (t) => {
  const cipher = octets('2b7e151628aed2a6abf7158809cf4f3c')
  const salt = octets('f0f1f2f3f4f5f6f7f8f9fafbfcfd')
  const protection = new Protection({ cipher, salt, auth: new Uint8Array(20) })
  const packet = new Uint8Array(50)
  protection.crypt(packet, 2, 50, 0, 0, 0)
  t.equal(
    hex(packet),
    '0000e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab41e95b3bb0a2e8dd477901e4fca894c0',
    'and nothing before it is touched',
  )
})

t.test('RFC 3711 B.3: the session keys of a master key', async (t) => {
  const keys = deriveSessionKeys(MASTER, 'rtp')
  t.equal(hex(keys.cipher), 'c61e7a93744f39ee10734afe3ff7a087')
  t.equal(hex(keys.salt), '30cbbc08863d8c85d49db34a9ae1')
  t.equal(hex(keys.auth), 'cebe321f6ff7716b6fd4ab49af256a156d38baa4')
})

t.test('the packets that other implementations are checked with', async (t) => {
  const session = new SrtpSession({ profile: 'AES_CM_128_HMAC_SHA1_80', local: MASTER, remote: MASTER })
  const rtp = octets('800f1234decafbadcafebabeabababababababababababababababab')
  const rtcp = octets('81c8000bcafebabeabababababababababababababababab')
  t.equal(hex(session.protect(rtp)), '800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb')
  t.equal(
    hex(session.protectRtcp(rtcp)),
    '81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798',
  )
})

t.test('HMAC-SHA1 of every length, with a word behind it and without', async (t) => {
  const random = seededRandom(1)
  for (const keyLength of [0, 20, 63, 64]) {
    const key = random.bytes(keyLength)
    const hmac = new HmacSha1(key)
    for (let length = 0; length <= 300; length++) {
      const message = random.bytes(length + 3)
      const word = random.integer(2) === 0 ? null : random.integer(0x100000000)
      const suffix = Buffer.alloc(word === null ? 0 : 4)
      if (word !== null) suffix.writeUInt32BE(word)
      const expected = createHmac('sha1', key).update(message.subarray(0, length)).update(suffix).digest('hex')
      if (hex(hmac.digest(message, length, word)) !== expected) t.fail(`${length} octets, word ${word}`)
    }
  }
  t.throws(() => new HmacSha1(new Uint8Array(65)), RangeError)
})
