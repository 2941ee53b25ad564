import fc from 'fast-check'
import t from 'tap'
import { eventCode, eventDuration, eventVolume, isEnd, writeEvent } from '../../src/rtp/events/telephoneEvent.ts'

t.test('the octets of RFC 4733 §2.3.1', async (t) => {
  const out = new Uint8Array(6).fill(0xee)
  writeEvent(out, 1, 11, true, 10, 800)
  t.same(out, Uint8Array.of(0xee, 11, 0x8a, 0x03, 0x20, 0xee))
  writeEvent(out, 1, 0, false, 63, 0xffff)
  t.same(out, Uint8Array.of(0xee, 0, 0x3f, 0xff, 0xff, 0xee))
  t.equal(isEnd(Uint8Array.of(0, 0x40, 0, 0), 0), false, 'the reserved bit is no end')
  t.equal(eventVolume(Uint8Array.of(0, 0xff, 0, 0), 0), 63)
})

t.test('what was written is read', async (t) => {
  const inputs = [fc.nat(255), fc.boolean(), fc.nat(63), fc.nat(0xffff)] as const
  fc.assert(
    fc.property(...inputs, (code, end, volume, duration) => {
      const out = new Uint8Array(4)
      writeEvent(out, 0, code, end, volume, duration)
      const read = [eventCode(out, 0), isEnd(out, 0), eventVolume(out, 0), eventDuration(out, 0)]
      return JSON.stringify(read) === JSON.stringify([code, end, volume, duration])
    }),
  )
  t.pass()
})
