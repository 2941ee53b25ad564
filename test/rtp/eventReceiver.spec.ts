import t from 'tap'
import { Ear, event } from './eventStream.ts'

t.test('a key is told at its first packet and at its end', async (t) => {
  const ear = new Ear().hears(1000, event(5, 160), 0)
  t.same(ear.told, ['+5'])
  ear.hears(1000, event(5, 320), 20).hears(1000, event(5, 480), 40)
  t.same(ear.told, ['+5'], 'once')
  for (const now of [60, 80, 100]) ear.hears(1000, event(5, 800, true), now)
  t.same(ear.told, ['+5', '-5 100'], 'and once its end, of three')
})

t.test('all sixteen keys, and no other event', async (t) => {
  const ear = new Ear()
  for (let code = 0; code < 256; code++) ear.hears(10_000 * code, event(code, 800, true), 100 * code)
  t.equal(ear.keys, '0123456789*#ABCD')
  t.equal(ear.told.length, 32)
})

t.test('any one packet is enough', async (t) => {
  t.same(new Ear().hears(7, event(1, 640), 0).told, ['+1'], 'first ones lost')
  t.same(new Ear().hears(7, event(1, 800, true), 0).told, ['+1', '-1 100'], 'all but the last lost')
})

t.test('a key whose end is lost ends by silence, or by the next key', async (t) => {
  const silent = new Ear().hears(1000, event(9, 320), 0)
  silent.receiver.tick(199)
  t.same(silent.told, ['+9'])
  silent.receiver.tick(200)
  silent.receiver.tick(400)
  t.same(silent.told, ['+9', '-9 40'])
  silent.hears(1000, event(9, 800, true), 420)
  t.same(silent.told, ['+9', '-9 40'], 'and does not begin again when its end comes after all')
  const next = new Ear().hears(1000, event(9, 320), 0).hears(2600, event(8, 160), 100)
  t.same(next.told, ['+9', '-9 40', '+8'])
})

t.test('without a tick it is the same', async (t) => {
  const ear = new Ear().hears(1000, event(9, 320), 0).hears(1000, event(9, 3000), 300).hears(5000, event(9, 160), 500)
  t.same(ear.told, ['+9', '-9 40', '+9'])
})

t.test('what comes late presses nothing again', async (t) => {
  const ear = new Ear().hears(1000, event(5, 800, true), 0)
  ear.hears(1000, event(5, 480), 10)
  ear
    .hears(3000, event(5, 160), 150)
    .hears(1000, event(5, 800, true), 160)
    .hears(1000, event(5, 640), 170)
  t.same(ear.told, ['+5', '-5 100', '+5'], 'of the same key before')
  ear
    .hears(3000, event(5, 480), 200)
    .hears(3000, event(5, 320), 210)
    .hears(3000, event(5, 640, true), 220)
  t.same(ear.told.slice(3), ['-5 80'], 'nor does it shorten one')
  const overtaken = new Ear().hears(0, event(1, 480), 0).hears(0, event(1, 320), 10)
  overtaken.receiver.tick(300)
  t.same(overtaken.told, ['+1', '-1 60'])
})

t.test('the same digit with another timestamp is another key, even without a pause', async (t) => {
  const ear = new Ear().hears(1000, event(4, 800), 0).hears(1800, event(4, 160), 20)
  t.same(ear.told, ['+4', '-4 100', '+4'])
})

t.test('another digit with the same timestamp is no key', async (t) => {
  const ear = new Ear().hears(1000, event(4, 160), 0).hears(1000, event(7, 9000, true), 20)
  t.same(ear.told, ['+4'])
})

t.test('timestamps wrap around', async (t) => {
  const ear = new Ear().hears(0xffff_ff00, event(1, 800, true), 0).hears(0x200, event(2, 800, true), 200)
  ear.hears(0xffff_ff00, event(1, 800, true), 210)
  t.equal(ear.keys, '12')
})

t.test('a long key in segments is one (§2.5.1.3)', async (t) => {
  const ear = new Ear()
  const step = 0xffff
  const whole = 2 * step + 960
  for (let now = 0, told = 0; told < whole; now += 100) {
    told = Math.min(8 * now + 160, whole)
    const before = step * Math.floor((told - 1) / step)
    ear.hears(100 + before, event(3, told - before, told === whole), now)
    if (before === step) ear.hears(100, event(3, step), now)
  }
  t.same(ear.told, ['+3', `-3 ${Math.round(whole / 8)}`])
  const other = new Ear().hears(100, event(3, 800, true), 0).hears(100 + step, event(3, 160), 100)
  t.same(other.told, ['+3', '-3 100', '+3'], 'but not behind an end')
})

t.test('a long key that was taken for let go is not pressed again by its next segment', async (t) => {
  const ear = new Ear().hears(100, event(3, 800), 0)
  ear.receiver.tick(250)
  ear.hears(100, event(3, 0xffff), 260).hears(100 + 0xffff, event(3, 160), 280)
  t.same(ear.told, ['+3', '-3 100'])
})

t.test('a source that begins anew is heard', async (t) => {
  const jumped = new Ear().hears(3_000_000_000, event(1, 800, true), 0).hears(2_000_000_000, event(2, 160), 100)
  t.equal(jumped.keys, '12', 'with timestamps far off')
  const waited = new Ear().hears(50_000, event(1, 800, true), 0).hears(40_000, event(2, 160), 20_000)
  t.equal(waited.keys, '12', 'with lower ones, after a while')
  const reset = new Ear().hears(50_000, event(1, 800), 0)
  reset.receiver.reset()
  reset.hears(40_000, event(1, 160), 20)
  t.same(reset.told, ['+1', '-1 100', '+1'], 'with lower ones, when we are told')
})

t.test('several events in one packet come one after the other (§2.5.1.5)', async (t) => {
  const both = Uint8Array.of(...event(1, 800, true), ...event(16, 400, true), ...event(2, 640, true))
  const ear = new Ear()
    .hears(1000, both, 0)
    .hears(1000, both, 20)
    .hears(2200, event(2, 640, true), 40)
  t.same(ear.told, ['+1', '-1 100', '+2', '-2 80'])
})

t.test("durations are of the payload type's clock", async (t) => {
  t.same(new Ear().hears(0, event(1, 4800, true), 0, 48_000).told, ['+1', '-1 100'])
})

t.test('payloads that are cut short are ignored, and what lies beyond them is not read', async (t) => {
  for (let length = 0; length < 4; length++) t.same(new Ear().hears(0, event(1, 800).subarray(0, length), 0).told, [])
  const ear = new Ear()
  const packet = Uint8Array.of(9, 9, ...event(5, 800, true), ...event(6, 800, true))
  ear.receiver.take(0, packet, 2, 6, 8000, 0)
  ear.receiver.take(9000, packet, 2, 50, 8000, 0)
  t.equal(ear.keys, '556')
})

t.test('one packet presses eight keys at most', async (t) => {
  const payload = Buffer.concat(Array.from({ length: 500 }, (_, at) => event(at % 10, 160, true)))
  t.equal(new Ear().hears(0, payload, 0).keys, '01234567')
})

t.test('durations by the clock of Opus, though 8000 Hz was agreed, are as long as they took', async (t) => {
  const ear = new Ear()
  for (let n = 1; n <= 8; n++) ear.hears(1000, event(7, 960 * n), 20 * (n - 1))
  ear.hears(1000, event(7, 8640, true), 160)
  t.same(ear.told, ['+7', '-7 180'])
})

t.test('packets that come in a bunch are no shorter key', async (t) => {
  const ear = new Ear()
  for (let n = 1; n <= 8; n++) ear.hears(1000, event(7, 160 * n), 5 * n)
  ear.hears(1000, event(7, 1280, true), 50)
  t.same(ear.told, ['+7', '-7 160'])
})
