import { randomBytes } from 'node:crypto'
import t from 'tap'
import type { SrtpKeys } from '../../src/rtp/srtp/srtpKeys.ts'
import type { DtlsPeer, Handshake, Handshakes } from '../../src/webrtc/dtls/handshakes.ts'
import { createHandshakes } from '../../src/webrtc/dtls/localHandshakes.ts'
import { until } from '../support/deadline.ts'

/** A thread that loads werift from TypeScript takes seconds where others work beside it. */
const patience = 30_000
const wrong = { algorithm: 'sha-256', value: 'AA:BB' }

/** An end of a handshake, what it was told, and the datagrams it sent. */
export interface Talker {
  readonly handshake: Handshake
  readonly told: readonly string[]
  readonly keys: () => SrtpKeys | null
  readonly sent: readonly Uint8Array[]
  /** Where its datagrams go from now on. */
  reaches(peer: Handshake): void
}

export function talker(handshakes: Handshakes, peer: DtlsPeer): Talker {
  const told: string[] = []
  const sent: Uint8Array[] = []
  let keys: SrtpKeys | null = null
  let remote: Handshake | null = null
  const handshake = handshakes.begin(peer, {
    send: (datagram) => {
      const copy = Uint8Array.from(datagram)
      sent.push(copy)
      setImmediate(() => remote?.take(copy))
    },
    done: (agreed) => {
      keys = agreed
      told.push('done')
    },
    failed: (reason) => told.push(reason),
    closed: () => told.push('closed'),
  })
  const reaches = (peer: Handshake) => {
    remote = peer
    for (const datagram of sent) peer.take(datagram)
  }
  return { handshake, told, keys: () => keys, sent, reaches }
}

/** Two ends that reach each other. */
export function couple(
  us: Handshakes,
  others: Handshakes,
  role: DtlsPeer['role'],
  fingerprints = [others.fingerprint],
) {
  const a = talker(us, { role, fingerprints })
  const b = talker(others, { role: role === 'client' ? 'server' : 'client', fingerprints: [us.fingerprint] })
  a.reaches(b.handshake)
  b.reaches(a.handshake)
  return { a, b }
}

/** Waits until the last that an end was told is `what`. */
export async function hears(end: Talker, what: string): Promise<void> {
  await until(patience, `${what}, told: ${end.told}`, () => (end.told.at(-1) === what ? true : undefined))
}

/** What all handshakes do, wherever they are made. */
export function handshakesContract(
  name: string,
  make: () => Promise<{ handshakes: Handshakes; end: () => void }>,
): void {
  t.test(`${name} keep the contract of handshakes`, async (t) => {
    const { handshakes, end } = await make()
    const others = await createHandshakes()

    for (const role of ['client', 'server'] as const) {
      t.test(`as the ${role} they come to the peer's keys, and hear it close`, async (t) => {
        const { a, b } = couple(handshakes, others, role)
        t.strictSame(a.sent, [], 'nothing is sent before begin has returned')
        await Promise.all([hears(a, 'done'), hears(b, 'done')])
        t.same(a.keys()?.local, b.keys()?.remote)
        t.same(a.keys()?.remote, b.keys()?.local)
        t.same([a.keys()?.local.key.length, a.keys()?.local.salt.length], [16, 14])
        b.handshake.close()
        await hears(a, 'closed')
        a.handshake.close()
        t.strictSame([a.told, b.told], [['done', 'closed'], ['done']])
      })
    }

    t.test('they tell the peer when they close, and are told nothing more', async (t) => {
      const { a, b } = couple(handshakes, others, 'server')
      await Promise.all([hears(a, 'done'), hears(b, 'done')])
      a.handshake.close()
      a.handshake.close()
      await hears(b, 'closed')
      t.strictSame(a.told, ['done'])
    })

    t.test('they fail where the certificate is another, and say so once', async (t) => {
      const { a } = couple(handshakes, others, 'server', [wrong])
      const reason = "the peer's certificate does not have the fingerprint of its SDP"
      await hears(a, reason)
      a.handshake.take(new Uint8Array(20))
      t.strictSame(a.told, [reason])
      t.equal(a.keys(), null)
    })

    t.test('garbage disturbs nothing, and what is taken is copied', async () => {
      const { a, b } = couple(handshakes, others, 'client')
      const garbage = new Uint8Array(100)
      for (let count = 0; count < 50; count++) {
        garbage.set(randomBytes(100))
        a.handshake.take(garbage)
      }
      await Promise.all([hears(a, 'done'), hears(b, 'done')])
    })

    t.test('several at a time', async () => {
      const couples = Array.from({ length: 5 }, (_, at) =>
        couple(handshakes, others, at % 2 === 0 ? 'client' : 'server'),
      )
      await Promise.all(couples.flatMap(({ a, b }) => [hears(a, 'done'), hears(b, 'done')]))
      for (const { a, b } of couples) for (const each of [a, b]) each.handshake.close()
    })

    t.test('all are closed at once', async (t) => {
      const { a, b } = couple(handshakes, others, 'server')
      const waiting = talker(handshakes, { role: 'server', fingerprints: [wrong] })
      await Promise.all([hears(a, 'done'), hears(b, 'done')])
      handshakes.close()
      await hears(b, 'closed')
      t.strictSame([a.told, waiting.told], [['done'], []])
    })

    t.teardown(() => {
      others.close()
      end()
    })
  })
}
