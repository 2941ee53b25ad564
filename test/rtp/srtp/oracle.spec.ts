import t from 'tap'
import { RtpHeader, SrtcpSession as WeriftRtcp, SrtpSession as WeriftRtp } from 'werift'
import type { Random } from '../../../src/platform/random.ts'
import { seededRandom } from '../../support/virtual/random.ts'
import { hex, MASTER, OTHER, pair } from './srtpBytes.ts'

const PACKETS = 3000
const AES_CM_128_HMAC_SHA1_80 = 1

const keys = {
  localMasterKey: Buffer.from(OTHER.key),
  localMasterSalt: Buffer.from(OTHER.salt),
  remoteMasterKey: Buffer.from(MASTER.key),
  remoteMasterSalt: Buffer.from(MASTER.salt),
}
const werift = () => new WeriftRtp({ keys, profile: AES_CM_128_HMAC_SHA1_80 })
const weriftRtcp = () => new WeriftRtcp({ keys, profile: AES_CM_128_HMAC_SHA1_80 })

/** A packet with CSRCs, an extension and padding as chance wants it. */
function packet(random: Random, sequence: number): Buffer {
  const csrcs = random.integer(3) === 0 ? random.integer(16) : 0
  const words = random.integer(2) === 0 ? random.integer(4) : -1
  const padding = random.integer(4) === 0 ? 1 + random.integer(20) : 0
  const header = Buffer.alloc(12 + 4 * csrcs + (words < 0 ? 0 : 4 + 4 * words), 0x11)
  header[0] = 0x80 | (padding > 0 ? 0x20 : 0) | (words < 0 ? 0 : 0x10) | csrcs
  header[1] = random.integer(256)
  header.writeUInt16BE(sequence & 0xffff, 2)
  header.writeUInt32BE(random.integer(0x100000000), 4)
  header.writeUInt32BE(0xcafebabe, 8)
  // A profile without a meaning of its own: werift would write elements of RFC 8285 in its own way.
  if (words >= 0) header.writeUInt32BE(0x12340000 | words, 12 + 4 * csrcs)
  const payload = random.bytes(random.integer(300))
  const tail = Buffer.alloc(padding, 0)
  if (padding > 0) tail[padding - 1] = padding
  return Buffer.concat([header, payload, tail])
}

/** Sequence numbers over two wraps, every twentieth packet lost, and neighbours swapped at times. */
function sequences(random: Random): number[] {
  const order = Array.from({ length: PACKETS }, (_, at) => 65536 - 100 + at * 40).filter(() => random.integer(20) > 0)
  for (let at = 0; at + 1 < order.length; at += 2) {
    const [one, other] = [order[at], order[at + 1]]
    if (random.integer(5) > 0 || one === undefined || other === undefined) continue
    order[at] = other
    order[at + 1] = one
  }
  return order
}

t.test('werift reads what we protect, and we what it does', async (t) => {
  const random = seededRandom(3)
  const { a } = pair()
  const theirs = werift()
  for (const sequence of sequences(random)) {
    const plain = packet(random, sequence)
    const sent = Buffer.from(a.protect(plain))
    if (hex(theirs.decrypt(sent)) !== hex(plain)) t.fail(`from us: ${sequence} ${hex(plain)}`)
    const header = RtpHeader.deSerialize(plain)
    const back = a.unprotect(theirs.encrypt(plain.subarray(header.payloadOffset), header))
    // werift writes headers anew; what is encrypted is the point.
    const came = typeof back === 'string' ? back : hex(back).slice(2 * header.payloadOffset)
    if (came !== hex(plain.subarray(header.payloadOffset))) t.fail(`to us: ${sequence} ${hex(plain)} ${came}`)
  }
  t.pass(`${PACKETS} packets each way`)
})

t.test('the same of RTCP', async (t) => {
  const random = seededRandom(4)
  const { a } = pair()
  const theirs = weriftRtcp()
  for (let count = 0; count < 500; count++) {
    const body = random.bytes(4 * random.integer(60))
    const plain = Buffer.concat([Buffer.from([0x81, 200, 0, 1 + body.length / 4, 1, 2, 3, count & 1]), body])
    if (hex(theirs.decrypt(Buffer.from(a.protectRtcp(plain)))) !== hex(plain)) t.fail(`from us: ${hex(plain)}`)
    const back = a.unprotectRtcp(theirs.encrypt(plain))
    if ((typeof back === 'string' ? back : hex(back)) !== hex(plain)) t.fail(`to us: ${hex(plain)} ${back}`)
  }
  t.pass()
})
