import t from 'tap'
import { Player } from '../../src/media/sound/player.ts'
import { HeldSamples } from '../../src/media/sound/samples.ts'
import { SoundFiles } from '../../src/media/sound/soundFiles.ts'
import { settled, VirtualFiles } from '../support/virtual/files.ts'
import { amplitude, decibels, greatestStep, joined, sine, snr, wavOf } from './sounds.ts'

const RATES = [8000, 16_000, 48_000]
/** Streams whatever is longer than a header. */
const STREAMED = { held: 100, memory: 0 }

/** All that is read until it is over, at most `most` frames; the disk has time between frames. */
async function heard(player: Player, rate: number, most = 1000): Promise<Int16Array> {
  const frames: Int16Array[] = []
  for (let goesOn = true; goesOn && frames.length < most; ) {
    const frame = new Int16Array(rate / 50).fill(99)
    goesOn = player.read(frame)
    frames.push(frame)
    await settled()
  }
  return joined(frames)
}

async function opened(sounds: SoundFiles, path: string) {
  const samples = await sounds.open(path)
  if ('kind' in samples) throw new Error(samples.reason)
  return samples
}

async function bench(octets: Uint8Array, limits = STREAMED) {
  const files = new VirtualFiles()
  files.put('a.wav', octets)
  const sounds = new SoundFiles(files, limits)
  const samples = await opened(sounds, 'a.wav')
  await settled()
  return { files, sounds, samples }
}

/** No two samples in a row of which one could be taken for another's place. */
const ramp = (count: number) => Int16Array.from({ length: count }, (_, i) => ((i * 7919) % 60_000) - 30_000)

t.test('at its own rate a file is heard to the bit, then silence, and its end is said once', async (t) => {
  for (const count of [1, 159, 160, 161, 7999, 8000, 8001, 16_000, 20_100]) {
    const { samples, files } = await bench(wavOf(ramp(count), 8000))
    const player = new Player(samples, 8000)
    t.equal(player.duration, count / 8)
    const all = await heard(player, 8000)
    t.equal(all.length, Math.ceil(count / 160) * 160, `${count} samples`)
    t.same(all.subarray(0, count), ramp(count))
    t.notOk(all.subarray(count).some(Boolean), 'silence behind it')
    t.equal(player.position, count / 8)
    const after = new Int16Array(160).fill(9)
    t.notOk(player.read(after))
    t.notOk(after.some(Boolean))
    t.equal(player.late, 0)
    player.close()
    t.equal(files.opened, 0, 'the file is closed')
  }
})

t.test('a tone at every rate through the resampler, from mono and from stereo', async (t) => {
  for (const from of RATES) {
    for (const to of RATES) {
      for (const channels of [1, 2] as const) {
        const mono = sine(1000, from, 2 * from)
        const samples = channels === 1 ? mono : Int16Array.from({ length: 4 * from }, (_, i) => mono[i >> 1] ?? 0)
        const { samples: sound } = await bench(wavOf(samples, from, channels))
        const all = await heard(new Player(sound, to), to)
        const middle = all.subarray(to / 10, to / 10 + to)
        const ratio = snr(middle, 1000, to)
        t.ok(ratio > 60, `${from} Hz × ${channels} → ${to} Hz: ${ratio.toFixed(1)} dB`)
        t.ok(Math.abs(decibels(amplitude(middle, 1000, to) / 10_000)) < 0.05)
        t.ok(all.length >= 2 * to && all.length <= 2 * to + to / 50, 'as long as the file, and the filter’s delay')
      }
    }
  }
})

t.test('what the resampler holds back comes before the end', async (t) => {
  // The last sample is the only one that sounds.
  const { samples } = await bench(wavOf(new Int16Array(160).with(159, 20_000), 8000))
  const player = new Player(samples, 16_000)
  const [one, two, three] = [0, 1, 2].map(() => new Int16Array(320))
  t.ok(player.read(one ?? new Int16Array()), 'it goes on for the tail')
  t.notOk(player.read(two ?? new Int16Array()))
  t.ok(Math.max(...(two ?? [])) > 15_000, 'the peak is heard')
  t.notOk(player.read(three ?? new Int16Array()))
})

t.test('two channels are heard as their mean', async (t) => {
  const both = Int16Array.from(
    { length: 16_000 },
    (_, i) => (i % 2 ? 1 : 0.5) * 8000 * Math.sin((Math.PI * (i >> 1)) / 9),
  )
  const { samples } = await bench(wavOf(both, 8000, 2))
  const all = await heard(new Player(samples, 8000), 8000)
  const expected = Int16Array.from({ length: 8000 }, (_, i) => ((both[2 * i] ?? 0) + (both[2 * i + 1] ?? 0)) >> 1)
  t.same(all, expected)
})

t.test('a loop joins on to the sample, also over the ends of blocks, and as often as asked', async (t) => {
  for (const limits of [STREAMED, undefined]) {
    // 8200 samples: a block of a second, and a bit.
    for (const [count, times] of [
      [8200, 5],
      [100, 31],
      [24_000, 2],
    ] as const) {
      const sound = ramp(count)
      const { samples } = await bench(wavOf(sound, 8000), limits)
      const player = new Player(samples, 8000, { times })
      const all = await heard(player, 8000)
      t.equal(player.late, 0)
      const wrong = all.findIndex((sample, i) => sample !== (i < times * count ? sound[i % count] : 0))
      t.equal(wrong, -1, `${times} times ${count} samples`)
      t.equal(all.length, Math.ceil((times * count) / 160) * 160)
    }
  }
})

t.test('a seamless loop has no click at another rate either', async (t) => {
  // 8080 samples: 101 periods of 100 Hz.
  const { samples } = await bench(wavOf(sine(100, 8000, 8080), 8000))
  const player = new Player(samples, 48_000, { times: Number.POSITIVE_INFINITY })
  const all = await heard(player, 48_000, 300)
  t.equal(all.length, 300 * 960)
  const steady = all.subarray(4800)
  const largest = 10_000 * 2 * Math.PI * (100 / 48_000)
  t.ok(greatestStep(steady) < largest + 3, `steps of ${greatestStep(steady)}, of the tone alone ${largest.toFixed(0)}`)
  t.ok(snr(steady.subarray(0, 5 * 48_000), 100, 48_000) > 60, 'nor any other seam')
})

t.test('an empty file is over at once, however often it is to be played', async (t) => {
  const { samples } = await bench(wavOf(new Int16Array(0), 8000))
  const frame = new Int16Array(160).fill(7)
  t.notOk(new Player(samples, 8000, { times: Number.POSITIVE_INFINITY }).read(frame))
  t.notOk(frame.some(Boolean))
})

t.test('seeking is exact to the sample, forward, back, beyond both ends, and after the end', async (t) => {
  const sound = ramp(40_000)
  for (const limits of [STREAMED, undefined]) {
    const { samples } = await bench(wavOf(sound, 8000), limits)
    const player = new Player(samples, 8000, { from: 2500 })
    await settled()
    t.equal(player.position, 2500)
    const frame = new Int16Array(160)
    for (const at of [2500, 4321.125, 0.125, 999.875, 4990, 1000, 4979.9]) {
      player.seek(at)
      await settled()
      await settled()
      t.equal(player.position, Math.round(8 * at) / 8)
      player.read(frame)
      t.same(
        frame,
        Int16Array.from(frame, (_, i) => sound[Math.round(8 * at) + i] ?? 0),
        `${at} ms`,
      )
    }
    player.seek(1e9)
    t.notOk(player.read(frame))
    t.equal(player.position, 5000)
    player.seek(-1)
    await settled()
    await settled()
    t.ok(player.read(frame), 'it is not over any more')
    t.same(frame, sound.subarray(0, 160))
  }
})

t.test('a seek while the disk is at work', async (t) => {
  const sound = ramp(80_000)
  const { samples, files } = await bench(wavOf(sound, 8000))
  files.hold()
  const player = new Player(samples, 8000, { from: 1000 })
  const frame = new Int16Array(160)
  player.read(frame)
  t.equal(files.waiting, 1, 'the fourth block is on its way')
  player.seek(7000)
  player.read(frame)
  t.notOk(frame.some(Boolean))
  player.seek(5000)
  t.equal(files.waiting, 1, 'one read at a time')
  files.release()
  await settled()
  player.read(frame)
  t.same(frame, sound.subarray(40_000, 40_160))
  t.equal(player.late, 1)
})

t.test('a late disk gives silence, counted, and not a sample is lost', async (t) => {
  const sound = ramp(32_000)
  const { samples, files } = await bench(wavOf(sound, 8000))
  // From 10 ms on, so that a frame is half there when the disk is late.
  const player = new Player(samples, 8000, { from: 10 })
  files.hold()
  const frames: Int16Array[] = []
  for (let i = 0; i < 159; i++) {
    const frame = new Int16Array(160)
    t.ok(player.read(frame))
    frames.push(frame)
  }
  t.same(joined(frames.slice(0, 149)), sound.subarray(80, 23_920), 'three seconds were there')
  t.notOk(joined(frames.slice(149)).some(Boolean))
  t.equal(player.late, 10)
  t.equal(player.position, 2990)
  files.release()
  await settled()
  t.same((await heard(player, 8000)).subarray(0, 8080), sound.subarray(23_920))
  t.equal(player.late, 10)
})

t.test('nor where a frame goes over the seam of a loop and the disk takes longer than a frame', async (t) => {
  const sound = ramp(24_040)
  const { samples, files } = await bench(wavOf(sound, 8000))
  const player = new Player(samples, 8000, { times: 3 })
  const heard: Int16Array[] = []
  for (let tick = 0; heard.length < 450 && tick < 2000; tick++) {
    // What is asked for in one tick comes two later.
    if (tick % 3 === 0) files.release()
    await settled()
    files.hold()
    const late = player.late
    const frame = new Int16Array(160)
    player.read(frame)
    if (player.late === late) heard.push(frame)
  }
  t.equal(
    joined(heard).findIndex((sample, i) => sample !== sound[i % sound.length]),
    -1,
  )
  t.equal(heard.length, 450)
})

t.test('a disk that fails, and a file that shrinks, end it', async (t) => {
  const { samples, files } = await bench(wavOf(ramp(40_000), 8000))
  files.fail('EIO')
  const player = new Player(samples, 8000)
  const all = await heard(player, 8000)
  t.same(all.subarray(0, 24_000), ramp(24_000), 'three seconds were there')
  t.equal(all.length, 24_000 + 160)
  t.match(player.failure, { code: 'EIO' })
  player.close()
  t.equal(files.opened, 0)

  const shrunk = new VirtualFiles()
  shrunk.put('a.wav', wavOf(ramp(24_000), 8000))
  const open = shrunk.open.bind(shrunk)
  shrunk.open = async (path) => {
    const file = await open(path)
    return { ...file, read: async (at, into) => Math.min(await file.read(at, into), Math.max(0, 44 + 2 * 10_000 - at)) }
  }
  const short = new Player(await opened(new SoundFiles(shrunk, STREAMED), 'a.wav'), 8000)
  const shorter = await heard(short, 8000)
  t.same(shorter.subarray(0, 10_000), ramp(10_000))
  t.equal(shorter.length, 63 * 160)
  t.equal(short.failure, null)
})

t.test('closing while the disk is at work closes the file after it', async (t) => {
  const { samples, files } = await bench(wavOf(ramp(40_000), 8000))
  files.hold()
  const player = new Player(samples, 8000, { from: 1000 })
  player.read(new Int16Array(160))
  player.close()
  t.equal(files.opened, 1)
  t.notOk(player.read(new Int16Array(160)))
  files.release()
  await settled()
  t.equal(files.opened, 0)
})

t.test('a long file takes the memory of its blocks, and reads each once a time', async (t) => {
  const { samples, files } = await bench(wavOf(ramp(10 * 8000), 8000))
  const header = files.reads - 1
  await heard(new Player(samples, 8000), 8000)
  t.ok(files.reads - header <= 10, `${files.reads - header} reads of 10 blocks`)
})

t.test('short files are read once, shared, and forgotten in the order of their use', async (t) => {
  const files = new VirtualFiles()
  for (const name of ['a', 'b', 'c']) files.put(name, wavOf(ramp(1000), 8000))
  const sounds = new SoundFiles(files, { held: 10_000, memory: 4000 })
  const open = async (name: string) => {
    const before = files.reads
    await opened(sounds, name)
    return files.reads - before
  }
  t.equal(await open('a'), 2, 'header and sound')
  await open('b')
  t.equal(await open('a'), 1, 'the header alone')
  t.equal(await open('c'), 2)
  t.equal(sounds.memory, 4000)
  t.equal(await open('a'), 1, 'b was used longest ago')
  t.equal(await open('b'), 2)
  files.put('b', wavOf(ramp(900), 8000))
  t.equal((await opened(sounds, 'b')).length, 900, 'a changed file is another')
  t.equal(files.opened, 0, 'no file stays open')
  const [one, other] = await Promise.all([opened(sounds, 'c'), opened(sounds, 'c')])
  t.equal(one.length + other.length, 2000)
  t.ok(sounds.memory <= 4000)
})

t.test('many who ask for one file at once have it read once', async (t) => {
  const files = new VirtualFiles()
  files.put('a', wavOf(ramp(1000), 8000))
  const sounds = new SoundFiles(files)
  await Promise.all(Array.from({ length: 5 }, () => opened(sounds, 'a')))
  t.equal(files.reads, 5 + 1, 'five headers and one sound')
  t.equal(sounds.memory, 2000)
})

t.test('a file that is not there, is no WAV, or cannot be read', async (t) => {
  const files = new VirtualFiles()
  const sounds = new SoundFiles(files, STREAMED)
  await t.rejects(sounds.open('a'), { code: 'ENOENT' })
  files.put('a', new Uint8Array(1000))
  t.match(await sounds.open('a'), { kind: 'refused', code: 'NOT_WAV' })
  files.fail('EIO')
  await t.rejects(sounds.open('a'), { code: 'EIO' })
  t.equal(files.opened, 0)
})

t.test('rates and frames that are mistakes of ours', async (t) => {
  const samples = new HeldSamples(ramp(100), 8000)
  t.throws(() => new Player(samples, 44_100), RangeError)
  t.throws(() => new Player(samples, 48_000).read(new Int16Array(961)), RangeError)
})
