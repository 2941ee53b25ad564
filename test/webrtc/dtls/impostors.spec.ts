import { createHash, randomBytes, X509Certificate } from 'node:crypto'
import t from 'tap'
import { createHandshakes } from '../../../src/webrtc/dtls/localHandshakes.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'
import { newIdentity, Rogue, type RogueOptions } from './rogue.ts'
import { End, type Side, Wire } from './wire.ts'

const handshakes = await createHandshakes({ clock: new VirtualClock() })
const victim = await newIdentity()
const thief = await newIdentity()

interface Impostor {
  readonly what: string
  readonly as: Side
  readonly identity?: typeof victim
  readonly options?: RogueOptions
  readonly prepare?: (rogue: Rogue['socket']) => void
  /** Why we end it. */
  readonly reason: string
}

const noKey = 'the peer does not have the key of its certificate'
const notSigned = "the peer's key exchange is not signed with the key of its certificate"
const wrongFinished = "the peer's Finished is not that of the messages we saw"
const wrongPrint = "the peer's certificate does not have the fingerprint of its SDP"

/** The victim's certificate, which everybody can see, with a key of one's own. */
const stolen = { ...thief, certPem: victim.certPem }

const impostors: readonly Impostor[] = [
  { what: "another's certificate without its key", as: 'client', identity: stolen, reason: noKey },
  { what: "another's certificate without its key", as: 'server', identity: stolen, reason: notSigned },
  { what: 'a certificate of its own', as: 'client', identity: thief, reason: wrongPrint },
  { what: 'a certificate of its own', as: 'server', identity: thief, reason: wrongPrint },
  {
    what: 'a signature of other messages',
    as: 'client',
    prepare: ({ cipher }) => {
      const sign = cipher.signatureData.bind(cipher)
      cipher.signatureData = (data, hash) => sign(data.subarray(1), hash)
    },
    reason: noKey,
  },
  {
    what: 'a key exchange signed for another handshake',
    as: 'server',
    prepare: (socket) => {
      const { cipher } = socket
      const sign = cipher.generateKeySignature.bind(cipher)
      cipher.generateKeySignature = (hash) => {
        const { remoteRandom } = cipher
        cipher.remoteRandom = cipher.localRandom
        const signature = sign(hash)
        cipher.remoteRandom = remoteRandom
        return signature
      }
    },
    reason: notSigned,
  },
  { what: 'a Finished of other messages', as: 'client', prepare: lies, reason: wrongFinished },
  { what: 'a Finished of other messages', as: 'server', prepare: lies, reason: wrongFinished },
  {
    what: 'no Certificate message',
    as: 'client',
    prepare: ({ dtls }) => Object.defineProperty(dtls, 'requestedCertificateTypes', { get: () => [], set() {} }),
    reason: "the peer's handshake message 16 came out of order",
  },
  { what: 'an empty certificate', as: 'client', prepare: nameless, reason: 'the peer presented no certificate' },
  { what: 'an empty certificate', as: 'server', prepare: nameless, reason: 'the peer presented no certificate' },
  {
    what: 'no extended master secret',
    as: 'client',
    options: { extendedMasterSecret: false },
    reason: 'the peer offers no extended master secret',
  },
  {
    what: 'no extended master secret',
    as: 'server',
    options: { extendedMasterSecret: false },
    reason: 'the peer did not agree to the extended master secret',
  },
  {
    what: 'no use_srtp',
    as: 'client',
    options: { srtpProfiles: [] },
    reason: 'the peer offers no SRTP_AES128_CM_HMAC_SHA1_80',
  },
  {
    what: 'no use_srtp',
    as: 'server',
    options: { srtpProfiles: [] },
    reason: 'the peer did not agree to SRTP_AES128_CM_HMAC_SHA1_80',
  },
  {
    what: 'another SRTP profile',
    as: 'client',
    options: { srtpProfiles: [7] },
    reason: 'the DTLS handshake could not go on: its messages cannot be used',
  },
]

function lies({ cipher }: Rogue['socket']): void {
  cipher.verifyData = () => randomBytes(12)
}

function nameless({ cipher }: Rogue['socket']): void {
  cipher.localCert = Buffer.alloc(0)
}

async function meet({ as, identity = victim, options, prepare }: Omit<Impostor, 'what' | 'reason'>) {
  const wire = new Wire()
  const rogue = new Rogue(wire, as, identity, options)
  prepare?.(rogue.socket)
  const role = as === 'client' ? 'server' : 'client'
  const us = new End(wire, handshakes, { role, fingerprints: [victim.fingerprint] })
  rogue.start()
  await wire.settle()
  rogue.stop()
  return { us, rogue, wire }
}

for (const impostor of impostors) {
  t.test(`a ${impostor.as} with ${impostor.what} gets no keys`, async (t) => {
    const { us, wire } = await meet(impostor)
    t.strictSame(us.told, [impostor.reason])
    t.equal(us.keys, null)
    const last = wire.sent[impostor.as === 'client' ? 'server' : 'client'].at(-1)
    t.equal(last?.[0], 21, 'and is told by an alert')
  })
}

t.test('the same peer with nothing wrong gets them: what the tests above change is what decides', async (t) => {
  for (const as of ['client', 'server'] as const) {
    const { us, rogue } = await meet({ as })
    t.strictSame(us.told, ['done'])
    t.ok(rogue.isConnected)
    us.handshake.close()
  }
})

/** The victim's true fingerprint, by a hash function that proves nothing. */
function weak(algorithm: string, hash: string) {
  const digest = createHash(hash).update(new X509Certificate(victim.certPem).raw).digest('hex')
  return { algorithm, value: digest.toUpperCase().replace(/..(?=.)/g, '$&:') }
}

t.test('a fingerprint by SHA-1 or MD5 is none, one of several is enough', async (t) => {
  const wrong = { algorithm: 'sha-256', value: thief.fingerprint.value }
  const cases = [
    { fingerprints: [weak('sha-1', 'sha1')], told: wrongPrint },
    { fingerprints: [weak('md5', 'md5')], told: wrongPrint },
    { fingerprints: [], told: wrongPrint },
    { fingerprints: [wrong, victim.fingerprint], told: 'done' },
    { fingerprints: [{ algorithm: 'SHA-256', value: victim.fingerprint.value.toLowerCase() }], told: 'done' },
  ]
  for (const { fingerprints, told } of cases) {
    const wire = new Wire()
    const rogue = new Rogue(wire, 'client', victim)
    const us = new End(wire, handshakes, { role: 'server', fingerprints })
    rogue.start()
    await wire.settle()
    rogue.stop()
    t.strictSame(us.told, [told])
    us.handshake.close()
  }
})
