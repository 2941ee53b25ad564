import t from 'tap'
import { type SrtpKeys, type SrtpProfile, SrtpSession } from '../../../src/rtp/srtp/srtpSession.ts'
import { RECEIVER_REPORT, rtp } from '../rtpBytes.ts'
import { hex, MASTER, OTHER, octets, pair } from './srtpBytes.ts'

const THIRD = { key: octets('0f0e0d0c0b0a09080706050403020100'), salt: octets('b0b1b2b3b4b5b6b7b8b9babbbcbd') }
const PAYLOAD = '01020304'

/** What b has: it hears what is sent with `remote`, and sends with OTHER. */
const keysOfB = (remote: SrtpKeys['remote'], profile: SrtpProfile = 'AES_CM_128_HMAC_SHA1_80'): SrtpKeys => {
  return { profile, local: OTHER, remote }
}
/** Whoever sends with `local`. */
const sender = (local: SrtpKeys['local'], profile: SrtpProfile = 'AES_CM_128_HMAC_SHA1_80') =>
  new SrtpSession({ profile, local, remote: OTHER })

const sealed = (session: SrtpSession, sequence: number, ssrc?: number) =>
  Uint8Array.from(session.protect(rtp({ sequence, ssrc, payload: octets(PAYLOAD) })))
const took = (result: Uint8Array | string) => (typeof result === 'string' ? result : 'taken')
/** Sends on and on until the sequence number has wrapped, and is at `to`. */
const wrap = (a: SrtpSession, b: SrtpSession, to: number) => {
  for (const sequence of [20_000, 50_000, 5_000, to]) b.unprotect(sealed(a, sequence))
}

t.test('the same keys once more change nothing, not even the count of rollovers', async (t) => {
  const { a, b } = pair()
  wrap(a, b, 6000)
  a.renew({ profile: 'AES_CM_128_HMAC_SHA1_80', local: { ...MASTER }, remote: { ...OTHER } })
  b.renew(keysOfB({ ...MASTER }))
  t.equal(took(b.unprotect(sealed(a, 6001))), 'taken')
  const once = sealed(a, 6002)
  t.equal(took(b.unprotect(Uint8Array.from(once))), 'taken')
  t.equal(took(b.unprotect(once)), 'replayed')
})

t.test('a peer with another key is understood under both until it uses the new one', async (t) => {
  const { a, b } = pair()
  t.equal(took(b.unprotect(sealed(a, 1))), 'taken')
  b.renew(keysOfB(THIRD))
  const late = sealed(a, 3)
  t.equal(took(b.unprotect(sealed(a, 2))), 'taken', 'with the former key')
  t.equal(took(b.unprotectRtcp(Uint8Array.from(a.protectRtcp(RECEIVER_REPORT)))), 'taken')
  const fresh = sender(THIRD)
  const first = sealed(fresh, 4)
  t.equal(took(b.unprotect(Uint8Array.from(first))), 'taken', 'with the new one')
  t.equal(took(b.unprotect(first)), 'replayed')
  t.equal(took(b.unprotect(late)), 'forged', 'the former key counts no more')
  t.equal(took(b.unprotectRtcp(Uint8Array.from(fresh.protectRtcp(RECEIVER_REPORT)))), 'taken')
})

t.test('whether it counts its rollovers on or anew', async (t) => {
  for (const anew of [false, true]) {
    const { a, b } = pair()
    wrap(a, b, 6000)
    b.renew(keysOfB(THIRD))
    t.equal(took(b.unprotect(sealed(a, 6001))), 'taken', 'under the former key')
    const fresh = anew ? sender(THIRD) : a
    if (!anew) a.renew({ profile: 'AES_CM_128_HMAC_SHA1_80', local: THIRD, remote: OTHER })
    for (const sequence of [6002, 6003, 6004]) t.equal(took(b.unprotect(sealed(fresh, sequence))), 'taken')
  }
})

t.test('what nobody has sealed is refused meanwhile, too, and is as it was', async (t) => {
  const { a, b } = pair()
  const old = sealed(a, 1)
  t.equal(took(b.unprotect(Uint8Array.from(old))), 'taken')
  b.renew(keysOfB(THIRD))
  const forged = sealed(sender(octetsOf(9)), 2)
  const before = hex(forged)
  t.equal(took(b.unprotect(forged)), 'forged')
  t.equal(hex(forged), before)
  t.equal(took(b.unprotect(old)), 'replayed')
  t.equal(took(b.unprotect(new Uint8Array(11))), 'malformed')
  t.equal(took(b.unprotect(sealed(sender(THIRD), 3))), 'taken')
})

t.test('our own new key begins anew: whoever is at the other place counts from nothing', async (t) => {
  const { a, b } = pair()
  wrap(a, b, 6000)
  a.renew({ profile: 'AES_CM_128_HMAC_SHA1_80', local: THIRD, remote: OTHER })
  const elsewhere = new SrtpSession(keysOfB(THIRD))
  t.equal(took(elsewhere.unprotect(sealed(a, 6001))), 'taken')
  t.equal(took(a.unprotect(sealed(elsewhere, 1))), 'taken', 'the other direction is as it was')
})

t.test(
  'another suite goes on where the former was, so that no keystream comes twice with a key that comes back',
  async (t) => {
    const { a, b } = pair()
    wrap(a, b, 6000)
    const to = (profile: SrtpProfile, local: SrtpKeys['local']) => a.renew({ profile, local, remote: OTHER })
    to('AES_CM_128_HMAC_SHA1_32', THIRD)
    sealed(a, 6001)
    to('AES_CM_128_HMAC_SHA1_80', MASTER)
    t.equal(took(b.unprotect(sealed(a, 6002))), 'taken')
  },
)

t.test('a tag of 32 bits is the beginning of the one of 80; RTCP keeps 80', async (t) => {
  const [long, short] = [sender(MASTER), sender(MASTER, 'AES_CM_128_HMAC_SHA1_32')]
  const b = new SrtpSession(keysOfB(MASTER, 'AES_CM_128_HMAC_SHA1_32'))
  const packet = sealed(short, 7)
  t.equal(hex(packet), hex(sealed(long, 7)).slice(0, -12))
  t.equal(hex(Uint8Array.from(short.protectRtcp(RECEIVER_REPORT))), hex(long.protectRtcp(RECEIVER_REPORT)))
  for (let at = packet.length - 4; at < packet.length; at++) {
    const forged = Uint8Array.from(packet)
    forged[at] = (forged[at] ?? 0) ^ 1
    t.equal(took(b.unprotect(forged)), 'forged')
  }
  const back = b.unprotect(packet)
  t.equal(typeof back === 'string' ? back : hex(back).slice(24), PAYLOAD)
  b.renew(keysOfB(MASTER))
  t.equal(took(b.unprotect(sealed(long, 8))), 'taken', 'another suite in a re-offer')
})

function octetsOf(value: number): SrtpKeys['local'] {
  return { key: new Uint8Array(16).fill(value), salt: new Uint8Array(14).fill(value) }
}
