import t from 'tap'
import { Playout } from '../../src/media/playout/playout.ts'
import { rtp } from '../rtp/rtpBytes.ts'
import { CN, EVENT, L16, linear, NOISE, Sender, sharpest, WIDE } from '../support/playout/sender.ts'

/** The sharpest corner of the sender's tone by itself, and how much sharper one may be before it is a click. */
const CORNER = 8000 * ((2 * Math.PI * 400) / 8000) ** 2
const SMOOTH = 1.6 * CORNER

const peakOf = (samples: readonly number[]) => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
/** The last `ms` that were heard, 8 samples each. */
const last = (sender: Sender, ms: number) => sender.out.slice(-8 * ms)

/** The quietest 10 ms of `samples`, by their peak. */
const quietest = (samples: readonly number[]) => {
  let least = Number.POSITIVE_INFINITY
  for (let at = 0; at + 80 <= samples.length; at += 80) least = Math.min(least, peakOf(samples.slice(at, at + 80)))
  return least
}

function talking(ms = 1000): Sender {
  const sender = new Sender()
  sender.talk(ms)
  return sender
}

t.test('before anything comes it is silent', async (t) => {
  const playout = new Playout(8000, () => null)
  const out = new Int16Array(160).fill(1)
  t.equal(playout.pull(out, 0), false)
  t.notOk(out.some(Boolean))
})

t.test('a steady stream is heard after a packet or two, through wraps, without a gap', async (t) => {
  const sender = talking(2000)
  const begun = sender.heard.indexOf(true)
  t.ok(begun >= 1 && begun <= 2, `heard from frame ${begun} on`)
  t.notOk(sender.heard.slice(begun).includes(false))
  t.match(sender.playout.stats, { received: 100, late: 0, duplicate: 0, lost: 0, dropped: 0, concealed: 0 })
  t.ok(sharpest(sender.out) <= 1.05 * CORNER)
})

t.test('sound is played to the sample, and `delay` says how late', async (t) => {
  const sender = new Sender()
  sender.peak = 0
  sender.talk(400)
  const sentAt = sender.now
  sender.peak = 9000
  sender.talk(400)
  const onset = sender.out.findIndex((sample) => Math.abs(sample) > 2000)
  t.ok(Math.abs(1000 + onset / 8 - sentAt - sender.playout.stats.delay) < 1)
})

t.test('packets that change places, and come twice, are heard in order and once', async (t) => {
  const sender = talking()
  for (let i = 0; i < 20; i++) {
    const [first, second] = [sender.next(), sender.next()]
    second()
    first()
    first()
    sender.listen(40)
  }
  t.match(sender.playout.stats, { duplicate: 20, lost: 0, concealed: 0 })
  t.ok(sharpest(sender.out) <= SMOOTH)
})

t.test('a lost packet is concealed, and takes no longer than it was', async (t) => {
  const sender = talking()
  const { delay } = sender.playout.stats
  for (let i = 0; i < 10; i++) {
    sender.next()
    sender.listen(20)
    sender.talk(180)
  }
  t.match(sender.playout.stats, { lost: 10, concealed: 200, late: 0 })
  t.ok(Math.abs(sender.playout.stats.delay - delay) < 6)
  t.ok(sharpest(sender.out) <= SMOOTH)
  t.ok(quietest(last(sender, 1900)) > 4000, 'no hole')
})

t.test('a packet that is late is heard after all, and the delay shrinks again', async (t) => {
  const sender = talking()
  const { delay } = sender.playout.stats
  const held = [sender.next(), sender.next(), sender.next(), sender.next()]
  sender.listen(80)
  for (const send of held) send()
  sender.talk(40)
  t.equal(sender.playout.stats.lost, 0)
  t.ok(sender.playout.stats.concealed >= 40)
  t.ok(sender.playout.stats.delay > delay + 30)
  sender.talk(3000)
  t.ok(sender.playout.stats.delay < delay + 22, `${sender.playout.stats.delay} ms, at first ${delay}`)
  t.ok(sharpest(sender.out) <= SMOOTH)
})

t.test('what comes after its time is late, and no more', async (t) => {
  const sender = talking()
  const lost = sender.next()
  sender.listen(20)
  sender.talk(200)
  lost()
  sender.talk(200)
  t.match(sender.playout.stats, { late: 1, lost: 1, duplicate: 0 })
})

t.test('DTX: consecutive packets with time between them are silence, not loss', async (t) => {
  const sender = talking()
  const { concealed } = sender.playout.stats
  sender.listen(2000)
  sender.pause(2000)
  t.equal(sender.heard.at(-1), false)
  t.notOk(last(sender, 1500).some(Boolean))
  const before = sender.heard.length
  sender.talk(1000)
  t.equal(sender.playout.stats.lost, 0)
  t.ok(sender.playout.stats.concealed - concealed <= 220, 'only until it was clear that nothing comes')
  const begun = sender.heard.slice(before).indexOf(true)
  t.ok(begun >= 0 && begun <= 2, `heard again from frame ${begun} on`)
  t.ok(sharpest(sender.out) <= SMOOTH, 'and no edge of it is sharp')
})

t.test('DTX within what is held: the silence is heard, though what follows it is there', async (t) => {
  const sender = new Sender()
  const bunch = (count: number) => {
    for (let i = 0; i < count; i++) sender.next()()
  }
  for (let i = 0; i < 60; i++) {
    bunch(5)
    sender.listen(100)
  }
  const { concealed } = sender.playout.stats
  bunch(1)
  sender.pause(60)
  bunch(1)
  sender.listen(100)
  bunch(5)
  sender.listen(100)
  t.match(sender.playout.stats, { lost: 0, concealed })
  const silent = last(sender, 200).filter((_, at, all) => !all.slice(Math.max(0, at - 16), at + 16).some(Boolean))
  t.ok(silent.length > 8 * 25 && silent.length < 8 * 90, `${silent.length / 8} ms`)
})

t.test('comfort noise goes on until something else comes', async (t) => {
  const sender = talking()
  sender.other(CN)()
  sender.listen(1000)
  t.notOk(sender.heard.slice(2).includes(false), 'noise is something to be heard')
  t.same([...new Set(last(sender, 800))], [NOISE])
  sender.pause(1000)
  sender.talk(1000)
  t.equal(sender.playout.stats.lost, 0)
  t.ok(sender.playout.stats.concealed <= 20)
  t.ok(peakOf(last(sender, 500)) > 7000)
  t.ok(sharpest(sender.out) <= SMOOTH)
})

t.test('events have their place in the order and are no loss', async (t) => {
  const sender = talking()
  for (let i = 0; i < 10; i++) {
    sender.other(EVENT)()
    sender.listen(20)
  }
  sender.pause(200)
  sender.talk(1000)
  t.match(sender.playout.stats, { lost: 0, late: 0, received: 110 })
  t.ok(peakOf(last(sender, 500)) > 7000)
  t.ok(sharpest(sender.out) <= SMOOTH)
})

t.test('events between packets of sound that goes on change nothing', async (t) => {
  const sender = talking()
  const { concealed, delay } = sender.playout.stats
  for (let i = 0; i < 20; i++) {
    sender.other(EVENT)()
    sender.talk(20)
  }
  t.match(sender.playout.stats, { lost: 0, concealed, delay })
})

t.test('another SSRC: no gap, no burst, no click', async (t) => {
  const sender = talking()
  sender.ssrc = 0x80000000
  sender.sequence = 7
  sender.timestamp = 123_456
  sender.talk(1000)
  t.equal(sender.playout.stats.lost, 0)
  t.ok(sender.playout.stats.concealed <= 60)
  t.ok(sender.playout.stats.delay < 60)
  t.notOk(sender.heard.slice(2).includes(false))
  t.ok(sharpest(sender.out) <= SMOOTH)
})

t.test(
  'the packet that begins another stream is no more work than others, and what waits before it is still heard',
  async (t) => {
    const decoder = linear(8)
    const heard: number[] = []
    const decode = (payload: Uint8Array, out: Int16Array) => {
      heard.push(payload[0] ?? 0)
      return decoder.decode(payload, out)
    }
    const playout = new Playout(8000, () => ({ decoder: { ...decoder, decode }, sampleRate: 8000 }))
    const push = (ssrc: number, sequence: number) => {
      const payload = Buffer.alloc(320, sequence)
      playout.push(rtp({ type: 96, marker: false, sequence, timestamp: 160 * sequence, ssrc, payload }), 320, L16, 1000)
    }
    const pull = (now: number) => playout.pull(new Int16Array(160), now)
    for (let sequence = 1; sequence <= 30; sequence++) push(1, sequence)
    pull(1040)
    const before = heard.length
    t.ok(before > 0, 'it plays')
    push(2, 100)
    push(3, 101)
    push(3, 102)
    t.equal(heard.length, before, 'packets of three streams have come, and none was decoded')
    for (let now = 1060; now < 1400; now += 20) {
      const already = heard.length
      pull(now)
      t.ok(heard.length <= already + 1, 'a frame takes a packet')
    }
    const last = heard.indexOf(101) - 1
    t.strictSame(
      heard.slice(0, last + 1),
      Array.from({ length: last + 1 }, (_, at) => at + (heard[0] ?? 0)),
      'in their order',
    )
    t.ok(last + 1 - before >= 8 && last + 1 - before <= 9, 'of what waited, 180 ms')
    t.strictSame(heard.slice(last + 1), [101, 102], 'then what goes on, and nothing of the stray')
  },
)

t.test('the same SSRC from another sequence number on: two in a row prove it, one is a stray', async (t) => {
  const sender = talking()
  sender.sequence += 20_000
  sender.next()()
  t.equal(sender.playout.stats.stray, 1)
  sender.listen(20)
  sender.talk(1000)
  t.equal(sender.playout.stats.stray, 1)
  t.equal(sender.heard.at(-1), true)
  t.ok(sender.playout.stats.delay < 80)
  t.ok(quietest(last(sender, 800)) > 4000)
})

for (const jump of [40_000_000, -40_000_000, 2 ** 31, 90_000]) {
  t.test(`a timestamp that jumps by ${jump} is nothing to hear`, async (t) => {
    const sender = talking()
    const { delay } = sender.playout.stats
    sender.timestamp += jump
    sender.talk(1000)
    t.match(sender.playout.stats, { lost: 0, late: 0, concealed: 0 })
    t.ok(Math.abs(sender.playout.stats.delay - delay) < 5)
    t.ok(sharpest(sender.out) <= SMOOTH)
  })
}

for (const clockRuns of [true, false]) {
  t.test(`a sender that stops for 60 s and comes back, its clock ${clockRuns ? 'going on' : 'stopped'}`, async (t) => {
    const sender = talking()
    sender.listen(60_000)
    if (clockRuns) sender.pause(60_000)
    t.equal(sender.heard.at(-1), false)
    sender.talk(1000)
    t.equal(sender.playout.stats.lost, 0)
    t.ok(sender.playout.stats.delay < 60, `${sender.playout.stats.delay} ms`)
    t.ok(quietest(last(sender, 800)) > 4000)
    t.ok(sharpest(sender.out) <= SMOOTH)
  })
}

t.test('a burst of 120 s at once: a second of it is kept, then the delay shrinks', async (t) => {
  const sender = talking()
  sender.listen(120_000)
  for (let i = 0; i < 6000; i++) sender.next()()
  sender.talk(20)
  t.ok(sender.playout.stats.dropped > 5900)
  sender.talk(200)
  t.ok(sender.playout.stats.delay <= 1100, `${sender.playout.stats.delay} ms`)
  sender.talk(10_000)
  t.ok(sender.playout.stats.delay < 60, `${sender.playout.stats.delay} ms in the end`)
  t.ok(sharpest(sender.out) <= SMOOTH)
})

t.test('packets that nobody pulls are bounded too', async (t) => {
  const sender = talking()
  for (let i = 0; i < 6000; i++) {
    sender.next()()
    sender.now += 20
  }
  sender.talk(8000)
  t.ok(sender.playout.stats.delay < 60, `${sender.playout.stats.delay} ms`)
})

t.test('another format in mid-stream, to and fro: no gap, no burst, no click', async (t) => {
  const sender = new Sender(16_000)
  const quarter = SMOOTH / 4
  for (let i = 0; i < 5; i++) {
    sender.talk(500, L16)
    sender.talk(500, WIDE)
  }
  t.equal(sender.playout.stats.lost, 0)
  t.ok(sender.playout.stats.delay < 60)
  t.ok(sender.playout.stats.concealed <= 100, `${sender.playout.stats.concealed} ms concealed`)
  t.notOk(sender.heard.slice(3).includes(false))
  const corner = sharpest(sender.out)
  t.ok(corner <= 2 * quarter, `${corner}`)
})

t.test('packets of 10 to 120 ms, and frames of 10 to 60', async (t) => {
  for (const frame of [10, 20, 30, 60]) {
    const sender = new Sender()
    let due = sender.now
    for (const ms of [10, 20, 30, 60, 120, 10, 40, 120, 20]) {
      for (let i = 0; i < 1200 / ms; i++) {
        const send = sender.next(L16, ms)
        // A packet is sent when all of it was said.
        due += ms
        while (sender.now < due) sender.listen(frame, frame)
        send()
      }
    }
    t.equal(sender.playout.stats.lost, 0, `${frame} ms`)
    t.equal(sender.playout.stats.late, 0)
    t.ok(sender.playout.stats.delay < 250, `${sender.playout.stats.delay} ms in the end`)
    t.ok(sharpest(sender.out) <= SMOOTH, `${sharpest(sender.out)}`)
  }
})

t.test('CSRCs, header extension and padding are skipped', async (t) => {
  const plain = new Sender()
  const dressed = new Sender()
  const take = dressed.playout.push.bind(dressed.playout)
  dressed.playout.push = (packet, octets, format, now) => {
    const extra = Buffer.from('00000001000000020000000300010000aabbccdd'.slice(0, 40), 'hex')
    const header = Buffer.from(packet.subarray(0, 12))
    header[0] = 0x80 | 0x20 | 0x10 | 2
    const extension = Buffer.from('bede0001aabbccdd', 'hex')
    const body = packet.subarray(12)
    take(Buffer.concat([header, extra.subarray(0, 8), extension, body, Buffer.from([0, 0, 3])]), octets, format, now)
  }
  plain.talk(400)
  dressed.talk(400)
  t.same(dressed.out, plain.out)
})

t.test('octets that are no sound, or too much of it, hurt nobody', async (t) => {
  const sender = talking()
  const packet = Buffer.alloc(2012, 0x55)
  packet[0] = 0x80
  for (let i = 0; i < 2000; i++) {
    packet.writeUInt16BE((i * 7919) & 0xffff, 2)
    packet.writeUInt32BE((i * 2_654_435_761) >>> 0, 4)
    packet.writeUInt32BE(i % 3, 8)
    sender.playout.push(packet, i % 2001, L16, sender.now)
    if (i % 4 === 0) sender.listen(20)
  }
  sender.ssrc = 99
  sender.talk(3000)
  t.ok(sender.playout.stats.delay < 300)
  t.ok(quietest(last(sender, 500)) > 4000)
})
