import t from 'tap'
import {
  isAuthentic,
  readStun,
  type StunMessage,
  writeCheck,
  writeError,
  writeSuccess,
} from '../../src/webrtc/ice/stunMessage.ts'
import { seededRandom } from '../support/virtual/random.ts'

const PASSWORD = 'VOkJxbRl1RmTxUk/WvJxBt'
const TRANSACTION = 'b7e7a701bc34d686fa87dfae'

/** RFC 5769 §2.1–§2.3. */
const REQUEST = octets(`
  00010058 2112a442 b7e7a701 bc34d686 fa87dfae
  80220010 5354554e 20746573 7420636c 69656e74
  00240004 6e0001ff
  80290008 932ff9b1 51263b36
  00060009 6576746a 3a683676 59202020
  00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2
  80280004 e57a3bcf`)
const RESPONSE_IPV4 = octets(`
  0101003c 2112a442 b7e7a701 bc34d686 fa87dfae
  8022000b 74657374 20766563 746f7220
  00200008 0001a147 e112a643
  00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7
  80280004 c07d4c96`)
const RESPONSE_IPV6 = octets(`
  01010048 2112a442 b7e7a701 bc34d686 fa87dfae
  8022000b 74657374 20766563 746f7220
  00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9
  00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41
  80280004 c8fb0b4c`)
const ADDRESSES = [
  { address: '192.0.2.1', port: 32853, response: RESPONSE_IPV4 },
  { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32853, response: RESPONSE_IPV6 },
]

function octets(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replace(/\s/g, ''), 'hex'))
}

function read(message: Uint8Array): StunMessage {
  const found = readStun(message)
  if (found === null) throw new Error('no STUN message')
  return found
}

/** The value of an attribute, in hex; null if it is not there. Knows nothing of the code under test. */
function attribute(message: Uint8Array, wanted: number): string | null {
  const octets = Buffer.from(message)
  for (let at = 20; at < octets.length; at += 4 + ((octets.readUInt16BE(at + 2) + 3) & ~3)) {
    if (octets.readUInt16BE(at) === wanted) return octets.toString('hex', at + 4, at + 4 + octets.readUInt16BE(at + 2))
  }
  return null
}

/** What its FINGERPRINT has to be (RFC 8489 §14.7), bit by bit. */
function fingerprintOf(message: Uint8Array): string {
  let crc = 0xffffffff
  for (const octet of message.subarray(0, -8)) {
    crc ^= octet
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return ((~crc ^ 0x5354554e) >>> 0).toString(16).padStart(8, '0')
}

const FINGERPRINT = 0x8028
const XOR_MAPPED_ADDRESS = 0x0020

const CHECK = {
  transaction: TRANSACTION,
  username: 'evtj:h6vY',
  password: PASSWORD,
  priority: 0x6e0001ff,
  role: 'controlled',
  tieBreaker: 0x932ff9b151263b36n,
  useCandidate: false,
} as const

t.test('RFC 5769 §2.1: the sample request is read, and its writer knew the password', async (t) => {
  const request = read(REQUEST)
  t.match(request, {
    kind: 'request',
    transaction: TRANSACTION,
    username: 'evtj:h6vY',
    priority: 0x6e0001ff,
    useCandidate: false,
    role: { name: 'controlled', tieBreaker: 0x932ff9b151263b36n },
  })
  t.ok(isAuthentic(request, PASSWORD))
  t.notOk(isAuthentic(request, `${PASSWORD}.`))
})

t.test('RFC 5769 §2.2, §2.3: so are the responses', async (t) => {
  for (const { response } of ADDRESSES) {
    t.match(read(response), { kind: 'success', transaction: TRANSACTION, errorCode: 0 })
    t.ok(isAuthentic(read(response), PASSWORD))
    t.equal(attribute(response, FINGERPRINT), fingerprintOf(response))
  }
})

t.test('what we write names the same addresses in the same octets, and has a right fingerprint', async (t) => {
  for (const { address, port, response } of ADDRESSES) {
    const written = writeSuccess(TRANSACTION, { address, port }, PASSWORD)
    t.equal(attribute(written, XOR_MAPPED_ADDRESS), attribute(response, XOR_MAPPED_ADDRESS))
    t.equal(attribute(written, FINGERPRINT), fingerprintOf(written))
    t.ok(isAuthentic(read(written), PASSWORD))
  }
  // The cookie and the transaction show where the address has zeros.
  const short = writeSuccess(TRANSACTION, { address: '2001:db8::5', port: 1 }, PASSWORD)
  t.equal(attribute(short, XOR_MAPPED_ADDRESS), '000221130113a9fab7e7a701bc34d686fa87dfab')
})

t.test('a check is read as it was written', async (t) => {
  for (const useCandidate of [false, true]) {
    for (const role of ['controlling', 'controlled'] as const) {
      const written = writeCheck({ ...CHECK, role, useCandidate })
      t.match(read(written), {
        ...{ kind: 'request', transaction: TRANSACTION, username: 'evtj:h6vY', priority: 0x6e0001ff, useCandidate },
        role: { name: role, tieBreaker: CHECK.tieBreaker },
      })
      t.ok(isAuthentic(read(written), PASSWORD))
      t.equal(attribute(written, FINGERPRINT), fingerprintOf(written))
      t.equal(written.length % 4, 0)
    }
  }
})

t.test('an error carries its code', async (t) => {
  for (const code of [400, 487] as const) {
    const written = writeError(TRANSACTION, code, PASSWORD)
    t.match(read(written), { kind: 'error', errorCode: code, transaction: TRANSACTION })
    t.ok(isAuthentic(read(written), PASSWORD))
  }
})

t.test('each octet that the integrity covers matters', async (t) => {
  const { integrityAt } = read(REQUEST)
  if (integrityAt === null) throw new Error('no integrity')
  for (let at = 0; at < integrityAt + 24; at++) {
    const changed = REQUEST.slice()
    changed[at] = (changed[at] ?? 0) ^ 1
    const message = readStun(changed)
    if (message !== null && isAuthentic(message, PASSWORD)) t.fail(`octet ${at}`)
  }
  t.notOk(isAuthentic({ ...read(REQUEST), integrityAt: null }, PASSWORD), 'and there has to be one')
})

t.test('what stands behind the integrity is nobody’s word', async (t) => {
  const plain = Buffer.from(writeCheck(CHECK))
  // USE-CANDIDATE in the place of FINGERPRINT, and of the same length.
  const forged = Buffer.concat([plain.subarray(0, -8), Buffer.from('0025000400000000', 'hex')])
  t.ok(isAuthentic(read(forged), PASSWORD))
  t.equal(read(forged).useCandidate, false)
})

t.test('no octets throw: cut, changed, made longer, made up', async (t) => {
  const random = seededRandom(20261121)
  const samples = [REQUEST, RESPONSE_IPV4, RESPONSE_IPV6, writeCheck({ ...CHECK, useCandidate: true })]
  let authentic = 0
  for (let round = 0; round < 100_000; round++) {
    const sample = Buffer.from(samples[round % samples.length] ?? REQUEST)
    const kind = random.integer(4)
    if (kind === 0) sample.set(random.bytes(1 + random.integer(8)), random.integer(sample.length - 8))
    const cut = kind === 1 ? sample.subarray(0, random.integer(sample.length)) : sample
    // Lengths that lead out of the message, or nowhere.
    if (kind === 2) sample.writeUInt16BE(random.integer(300), 20 + 4 * random.integer((sample.length - 24) / 4) + 2)
    const bytes = kind === 3 ? Buffer.concat([sample.subarray(0, 20), random.bytes(4 * random.integer(64))]) : cut
    if (kind === 3 && bytes.length >= 4) bytes.writeUInt16BE(bytes.length - 20, 2)
    const message = readStun(bytes)
    if (message !== null && isAuthentic(message, PASSWORD)) authentic++
  }
  t.ok(authentic < 20_000, `${authentic} of 100,000 were left as they were where it matters`)
})
