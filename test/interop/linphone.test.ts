import t from 'tap'
import { unless } from '../support/tools.ts'
import { connect, heard } from './conversation.ts'
import { scene } from './people.ts'

const skip = unless('linphonec', 'baresip')

// Linphone's adaptive jitter buffer drops and repeats some milliseconds of its own while it settles.
const shifts = 60

for (const transport of ['udp', 'tcp'] as const) {
  t.test(`linphone calls baresip over ${transport}`, { skip }, async (t) => {
    const people = await scene(t)
    const alice = await people.linphone('101', { tone: 440, transport })
    const bob = await people.baresip('102', { tone: 880 })
    await connect(alice, bob, '102')
    await alice.listens(3)
    await bob.listens(3)
    await alice.hangsUp()
    await bob.ends()
    heard(t, alice, 880, 3, shifts)
    heard(t, bob, 440, 3)
  })
}

t.test('baresip calls linphone, which holds and resumes', { skip }, async (t) => {
  const people = await scene(t)
  const alice = await people.baresip('101', { tone: 440 })
  const bob = await people.linphone('102', { tone: 880 })
  await connect(alice, bob, '102')
  await alice.listens(2)
  await bob.holds()
  await alice.audioIs('recvonly')
  await bob.resumes()
  await alice.audioIs('sendrecv')
  await alice.receives(50)
  await alice.hangsUp()
  await bob.ends()
  heard(t, alice, 880, 2)
})

t.test('linphone in Opus calls baresip in PCMU', { skip }, async (t) => {
  const people = await scene(t)
  const alice = await people.linphone('101', { tone: 440, codec: 'opus' })
  const bob = await people.baresip('102', { tone: 880 })
  await connect(alice, bob, '102')
  await alice.listens(3)
  await bob.listens(3)
  t.match(await people.lastCall(), { legs: [{ codec: 'opus/48000/2' }, { codec: 'pcmu/8000/1' }] }, 'each in its own')
  await alice.hangsUp()
  await bob.ends()
  heard(t, alice, 880, 3, shifts)
  heard(t, bob, 440, 3, shifts)
})

t.test('the echo test in Opus: linphone hears itself', { skip }, async (t) => {
  const people = await scene(t)
  const alice = await people.linphone('101', { tone: 440, codec: 'opus' })
  await alice.registers()
  await alice.calls('*43')
  await alice.talks()
  await alice.listens(3)
  await alice.hangsUp()
  heard(t, alice, 440, 3, shifts)
})

for (const digest of ['SHA-256', 'SHA-256,MD5', 'MD5,SHA-256']) {
  t.test(`linphone registers where ${digest} is asked for`, { skip }, async (t) => {
    const people = await scene(t)
    await people.server.cli('user', 'set', '101', '--digest', digest)
    const alice = await people.linphone('101', { tone: 440 })
    await alice.registers()
  })
}

t.test('linphone wants session timers and PRACK: the call outlives the session’s time', { skip }, async (t) => {
  const people = await scene(t)
  const sip = [
    '100rel_support_level=2',
    'session_expires_enabled=1',
    'session_expires_value=90',
    'session_expires_min_value=90',
    'session_expires_refresher_value=1',
  ]
  const alice = await people.linphone('101', { tone: 440, sip })
  const bob = await people.linphone('102', { tone: 880, sip })
  await alice.registers()
  await bob.registers()
  await alice.calls('102')
  await bob.rings()
  t.match(await bob.sends('180 INVITE'), /^Require: 100rel\r$/m)
  // Once it has answered, linphone takes no PRACK any more.
  await bob.sends('200 PRACK')
  await bob.answers()
  await alice.talks()
  // Each leg has its own terms: we refresh the caller's, and the one who was called refreshes its own.
  t.equal(terms(await alice.sees('200 INVITE')), '90;refresher=uas')
  t.equal(terms(await bob.sends('200 INVITE')), '90;refresher=uas')
  // RFC 4028 §10: unrefreshed, a session of 90 s is ended after 60.
  await alice.listens(62)
  t.equal((await people.activeCalls()).length, 1)
  t.equal(terms(await alice.sees('UPDATE')), '90;refresher=uac')
  t.equal(terms(await alice.sends('200 UPDATE')), '90;refresher=uac')
  t.equal(terms(await bob.sends('UPDATE')), '90;refresher=uac')
  t.equal(terms(await bob.sees('200 UPDATE')), '90;refresher=uac')
  await alice.hangsUp()
  await bob.ends()
  t.match(await people.lastCall(), { outcome: 'answered', endedBy: 'caller' })
})

/** The Session-Expires of a message. */
function terms(message: string): string | undefined {
  return /^Session-Expires: (.*)\r$/m.exec(message)?.[1]
}
