import t from 'tap'
import { Recorder, type RecorderOptions } from '../../src/media/sound/recorder.ts'
import { decodeMono } from '../../src/media/sound/samples.ts'
import { parseWavHeader, WAV_HEADER_OCTETS } from '../../src/media/sound/wav.ts'
import { settled, VirtualFiles } from '../support/virtual/files.ts'
import { amplitude, decibels, isSame, sine } from './sounds.ts'

const FRAME = 160

async function bench(options: Partial<RecorderOptions> = {}) {
  const files = new VirtualFiles()
  const recorder = await Recorder.start(files, 'a.wav', {
    sampleRate: 8000,
    channels: 1,
    maxDuration: 3_600_000,
    ...options,
  })
  return { files, recorder }
}

/** The samples of each channel, as our own reader finds them. */
function recorded(files: VirtualFiles) {
  const octets = files.get('a.wav')
  const wav = parseWavHeader(octets)
  if (wav.kind === 'refused') throw new Error(wav.reason)
  const all = new Int16Array(wav.length * wav.channels)
  decodeMono({ ...wav, channels: 1 }, octets.subarray(wav.dataAt), all)
  const channel = (nth: number) => all.filter((_, i) => i % wav.channels === nth)
  return { wav, left: channel(0), right: wav.channels === 2 ? channel(1) : null }
}

const frameOf = (hz: number, tick: number, peak?: number) => sine(hz, 8000, FRAME, peak, tick * FRAME)

t.test('one side comes back to the bit', async (t) => {
  const { files, recorder } = await bench()
  for (let tick = 0; tick < 777; tick++) {
    recorder.write(frameOf(440, tick), null)
    if (tick % 10 === 0) await settled()
  }
  const recording = await recorder.stop()
  t.same(recording, { end: 'stopped', duration: 777 * 20, dropped: 0, cause: null })
  const { wav, left } = recorded(files)
  t.match(wav, { encoding: 'PCM', channels: 1, sampleRate: 8000 })
  t.ok(isSame(left, sine(440, 8000, 777 * FRAME)))
  t.equal(files.get('a.wav').length, WAV_HEADER_OCTETS + 2 * 777 * FRAME)
  t.equal(files.opened, 0)
  t.equal(files.syncs, 1)
})

t.test('mono holds both sides, their sum at full scale held there', async (t) => {
  const { files, recorder } = await bench()
  for (let tick = 0; tick < 50; tick++) recorder.write(frameOf(400, tick), frameOf(1000, tick))
  recorder.write(Int16Array.of(30_000, -30_000), Int16Array.of(10_000, -10_000))
  recorder.write(null, Int16Array.of(5))
  await recorder.stop()
  const { left } = recorded(files)
  for (const hz of [400, 1000]) t.ok(Math.abs(amplitude(left.subarray(0, 8000), hz, 8000) - 10_000) < 2, `${hz} Hz`)
  t.same(left.subarray(8000), [32_767, -32_768, 5])
})

t.test('two channels keep the sides apart, and a side that said nothing silent', async (t) => {
  const { files, recorder } = await bench({ channels: 2 })
  for (let tick = 0; tick < 100; tick++) {
    recorder.write(tick < 50 ? frameOf(400, tick) : null, frameOf(1000, tick))
  }
  await recorder.stop()
  const { left, right } = recorded(files)
  t.ok(isSame(left.subarray(0, 8000), sine(400, 8000, 8000)))
  t.notOk(left.subarray(8000).some(Boolean))
  t.same(right, sine(1000, 8000, 16_000))
  t.ok(decibels(amplitude(left.subarray(0, 8000), 1000, 8000) / 10_000) < -90, 'nothing of the other side')
})

t.test('a file that is cut short by a crash can be played, but for seconds at its end', async (t) => {
  const { files, recorder } = await bench()
  for (let tick = 1; tick <= 20 * 50; tick++) {
    recorder.write(frameOf(440, tick - 1), null)
    await settled()
    // Killed here: what is in the file is all that there will ever be.
    const wav = parseWavHeader(files.get('a.wav'))
    if (wav.kind === 'refused') return t.fail(wav.reason)
    const missing = tick * FRAME - wav.length
    if (missing < 0 || missing > 6 * 8000) t.fail(`${missing} samples are missing after ${tick} frames`)
    // Other people's players believe the header.
    const claimed = Buffer.from(files.get('a.wav')).readUInt32LE(40) / 2
    if (claimed > wav.length || tick * FRAME - claimed > 7 * 8000) t.fail(`${claimed} claimed after ${tick} frames`)
    if (tick % 250 === 0) t.ok(isSame(recorded(files).left, sine(440, 8000, wav.length)), `${tick} frames`)
  }
  await recorder.stop()
})

t.test('it ends by itself when it is as long as it may be, to the sample', async (t) => {
  const { files, recorder } = await bench({ maxDuration: 1010 })
  for (let tick = 0; tick < 100; tick++) recorder.write(frameOf(440, tick), null)
  t.notOk(recorder.isOpen)
  t.same(await recorder.ended, { end: 'full', duration: 1010, dropped: 0, cause: null })
  t.ok(isSame(recorded(files).left, sine(440, 8000, 8080)))
  t.equal((await recorder.stop()).end, 'full', 'stopping it then says the same')
})

t.test('a slow disk: what waits is bounded, what is lost counted, the rest is whole', async (t) => {
  const { files, recorder } = await bench()
  files.hold()
  for (let tick = 0; tick < 500; tick++) recorder.write(frameOf(440, tick), null)
  t.equal(recorder.duration, 4000, 'as much as there is room for')
  t.equal(recorder.dropped, 6000)
  t.equal(files.waiting, 1)
  files.release()
  await settled()
  for (let tick = 500; tick < 600; tick++) recorder.write(frameOf(440, tick), null)
  t.same(await recorder.stop(), { end: 'stopped', duration: 6000, dropped: 6000, cause: null })
  const { left } = recorded(files)
  t.ok(isSame(left.subarray(0, 32_000), sine(440, 8000, 32_000)))
  t.ok(isSame(left.subarray(32_000), sine(440, 8000, 16_000, 10_000, 500 * FRAME)))
})

t.test('a disk that is full: said, once, and what was written can be played', async (t) => {
  const { files, recorder } = await bench()
  for (let tick = 0; tick < 100; tick++) recorder.write(frameOf(440, tick), null)
  await settled()
  files.fail('ENOSPC')
  for (let tick = 100; tick < 175; tick++) recorder.write(frameOf(440, tick), null)
  const recording = await recorder.ended
  t.match(recording, { end: 'failed', duration: 2000, dropped: 1500, cause: { code: 'ENOSPC' } })
  recorder.write(frameOf(440, 0), null)
  t.equal(recorder.duration, 2000)
  t.same(await recorder.stop(), recording)
  t.ok(isSame(recorded(files).left, sine(440, 8000, 16_000)))
  t.equal(files.opened, 0)
})

t.test('stopped while the disk is at work, and at once', async (t) => {
  const { files, recorder } = await bench()
  files.hold()
  for (let tick = 0; tick < 60; tick++) recorder.write(frameOf(440, tick), null)
  const stopped = recorder.stop()
  recorder.write(frameOf(440, 60), null)
  files.release()
  t.same(await stopped, { end: 'stopped', duration: 1200, dropped: 0, cause: null })
  t.ok(isSame(recorded(files).left, sine(440, 8000, 60 * FRAME)))

  const none = await bench()
  t.equal((await none.recorder.stop()).duration, 0)
  t.equal(recorded(none.files).left.length, 0)
})

t.test('a file that is there already is left as it is', async (t) => {
  const { files } = await bench()
  const options = { sampleRate: 8000, channels: 1, maxDuration: 1000 } as const
  await t.rejects(Recorder.start(files, 'a.wav', options), { code: 'EEXIST' })
  files.fail('ENOSPC')
  await t.rejects(Recorder.start(files, 'b.wav', options), { code: 'ENOSPC' })
  t.equal(files.opened, 1, 'the first alone')
})
