import t from 'tap'
import { pcma } from '../../src/codecs/g711.ts'
import { dominantFrequency } from '../support/audio.ts'
import type { PhoneMedia } from '../support/virtual/audio.ts'
import { world } from '../support/virtual/world.ts'

t.test('*44 is 440 Hz for a minute, and then it hangs up', async (t) => {
  const { phone, clock, records, nothingIsLeft } = await world(t)
  const alice = await phone('101', { codecs: ['8 PCMA/8000'] })
  await alice.calls('*44', { sees: '100 INVITE' })
  await alice.talks()
  const answered = clock.now()
  await alice.isHungUpOn()
  t.ok(Math.abs(clock.now() - answered - 60_000) < 200, `${clock.now() - answered} ms`)
  t.match((await records())[0], { to: '*44', answeredBy: 'tone', outcome: 'answered', endedBy: 'server' })
  const { samples, packets } = soundOf(alice.audio)
  t.equal(dominantFrequency({ rate: 8000, samples }), 440)
  t.equal(samples.length, 480_000)
  t.same([...new Set(packets.map((packet) => packet.payloadType))], [8])
  t.ok(
    packets.every((packet, at) => ((packet.timestamp - (packets[0]?.timestamp ?? 0)) | 0) === 160 * at),
    'each in its place',
  )
  await nothingIsLeft(t)
})

t.test('*44 for one that speaks nothing we can make is 488', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const alice = await phone('101', { codecs: ['18 G729/8000'] })
  await alice.calls('*44', { sees: '488 INVITE' })
  await nothingIsLeft(t)
})

function soundOf({ heard }: PhoneMedia) {
  const octets = Buffer.concat(heard.map(({ words }) => Buffer.from(words, 'latin1')))
  const samples = new Int16Array(octets.length)
  pcma.decoder().decode(octets, samples)
  return { samples, packets: heard }
}
