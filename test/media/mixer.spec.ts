import t from 'tap'
import { Mixer } from '../../src/media/room/mixer.ts'
import { seededRandom } from '../support/virtual/random.ts'
import { amplitude, decibels, joined, sine, snr } from './sounds.ts'

const RATE = 8000
const FRAME = 160

/** What one says in a tick; null: nothing. */
type Voice = (tick: number) => Int16Array | null

const says =
  (hz: number, peak = 6000): Voice =>
  (tick) =>
    sine(hz, RATE, FRAME, peak, tick * FRAME)
const isSilent: Voice = () => new Int16Array(FRAME)

/** A room whose parties say what they say, and what each of them heard. */
function room(voices: Readonly<Record<string, Voice>>, loudest?: number) {
  const mixer = new Mixer<string>(RATE, FRAME, loudest)
  const heard = new Map<string, Int16Array[]>()
  const parties = new Map(Object.keys(voices).map((id) => [id, mixer.join(id)]))
  let tick = 0
  const changes: string[] = []
  const run = (ticks: number) => {
    for (const end = tick + ticks; tick < end; tick++) {
      for (const [id, party] of parties) {
        const pcm = voices[id]?.(tick) ?? null
        if (pcm) party.write(pcm)
      }
      if (mixer.mix()) changes.push(`${20 * tick} ${mixer.speakers()}`)
      for (const [id, party] of parties) {
        const out = new Int16Array(FRAME)
        party.read(out)
        heard.set(id, [...(heard.get(id) ?? []), out])
      }
    }
  }
  const party = (id: string) => {
    const found = parties.get(id)
    if (!found) throw new Error(`nobody is called ${id}`)
    return found
  }
  /** What `id` heard in the last `seconds`. */
  const last = (id: string, seconds: number) => joined(heard.get(id) ?? []).subarray(-seconds * RATE)
  return { mixer, run, party, last, changes, out: (id: string) => joined(heard.get(id) ?? []) }
}

t.test('each hears all others and not itself', async (t) => {
  const tones = { a: 300, b: 500, c: 700, d: 1100 }
  const { run, last } = room(Object.fromEntries(Object.entries(tones).map(([id, hz]) => [id, says(hz)])))
  run(100)
  for (const listener of Object.keys(tones)) {
    const sound = last(listener, 1)
    for (const [speaker, hz] of Object.entries(tones)) {
      const level = decibels(amplitude(sound, hz, RATE) / 6000)
      if (speaker === listener) t.ok(level < -70, `${listener} hears itself at ${level.toFixed(1)} dB`)
      else t.ok(Math.abs(level) < 0.01, `${listener} hears ${speaker} at ${level.toFixed(3)} dB`)
    }
  }
})

t.test('alone in a room it is silent, of two each hears the other to the bit', async (t) => {
  const alone = room({ a: says(440) })
  alone.run(50)
  t.notOk(alone.out('a').some(Boolean))
  const two = room({ a: says(440), b: isSilent })
  two.run(50)
  t.same(two.last('b', 0.5), sine(440, RATE, 4000, 6000, 50 * FRAME - 4000 - 8), 'but for a delay of 1 ms')
})

t.test('three who shout stay below full scale, and what each hears are still tones', async (t) => {
  const { run, last } = room({ a: says(400, 30_000), b: says(700, 30_000), c: says(1100, 30_000), d: isSilent })
  run(200)
  const sound = last('d', 1)
  const loudest = sound.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
  t.ok(loudest < 32_767 && loudest > 28_000, `${loudest}`)
  const levels = [400, 700, 1100].map((hz) => amplitude(sound, hz, RATE))
  t.ok(Math.max(...levels) / Math.min(...levels) < 1.05, 'all to the same extent')
  const all = sound.reduce((sum, sample) => sum + sample * sample, 0) / RATE
  const tones = levels.reduce((sum, level) => sum + level ** 2 / 2, 0)
  t.ok(10 * Math.log10(tones / (all - tones)) > 25, `${(10 * Math.log10(tones / (all - tones))).toFixed(1)} dB`)
  const own = decibels(amplitude(last('a', 1), 400, RATE) / 30_000)
  t.ok(own < -50, `a hears itself at ${own.toFixed(1)} dB, by what the limiter bends`)
})

/** The greatest bend (second difference) of what was heard: a click bends more than a tone of this peak and frequency. */
function bend(samples: Int16Array): number {
  let greatest = 0
  for (let i = 2; i < samples.length; i++) {
    greatest = Math.max(greatest, Math.abs((samples[i] ?? 0) - 2 * (samples[i - 1] ?? 0) + (samples[i - 2] ?? 0)))
  }
  return greatest
}

/** At its peak: what is cut there would step by all of it. */
const cosine: Voice = (tick) => sine(200, RATE, FRAME, 10_000, tick * FRAME + 10)
const ofCosine = 10_000 * (2 * Math.PI * (200 / RATE)) ** 2

t.test('who comes, goes, is muted or misses a tick does so without a click', async (t) => {
  const comes: Voice = (tick) => (tick < 10 ? null : cosine(tick))
  const misses: Voice = (tick) => (tick % 10 === 9 ? null : cosine(tick))
  const cases: [string, Voice, (party: ReturnType<typeof room>) => void][] = [
    ['comes', comes, () => {}],
    ['misses ticks', misses, () => {}],
    ['leaves while it talks', cosine, ({ mixer, party }) => mixer.leave(party('a'))],
    [
      'leaves after it has said its last',
      (tick) => (tick < 20 ? cosine(tick) : null),
      ({ mixer, party }) => mixer.leave(party('a')),
    ],
    ['is muted', cosine, ({ party }) => void Object.assign(party('a'), { isMuted: true })],
  ]
  for (const [name, voice, happens] of cases) {
    const scene = room({ a: voice, b: isSilent })
    scene.run(20)
    happens(scene)
    scene.run(20)
    const greatest = bend(scene.out('b'))
    t.ok(greatest < 2 * ofCosine, `${name}: bends by ${greatest}, the tone alone by ${ofCosine.toFixed()}`)
    t.ok(amplitude(scene.out('b').subarray(12 * FRAME, 17 * FRAME), 200, RATE) > 9900, 'it was heard')
  }
})

t.test('who joins late hears the room come up without a click', async (t) => {
  const scene = room({ a: cosine, b: isSilent })
  scene.run(10)
  const late = scene.mixer.join('c')
  const frames: Int16Array[] = []
  for (let i = 0; i < 10; i++) {
    scene.run(1)
    const out = new Int16Array(FRAME)
    late.read(out)
    frames.push(out)
  }
  t.ok(bend(joined(frames)) < 2 * ofCosine)
  t.ok(amplitude(joined(frames.slice(5)), 200, RATE) > 9900)
})

t.test('who has left is gone: not heard, not listed, and the others go on', async (t) => {
  const { mixer, run, party, last } = room({ a: says(400), b: says(700), c: isSilent })
  run(50)
  t.same(mixer.speakers(), ['a', 'b'])
  mixer.leave(party('a'))
  t.equal(mixer.size, 3, 'it fades in the next tick')
  run(1)
  t.equal(mixer.size, 2)
  run(60)
  t.same(mixer.speakers(), ['b'])
  t.ok(amplitude(last('c', 1), 400, RATE) < 1)
  t.ok(amplitude(last('c', 1), 700, RATE) > 5990)
})

t.test('muted: heard by nobody, hears all, is no speaker', async (t) => {
  const { mixer, run, party, last } = room({ a: says(400), b: says(700) })
  party('a').isMuted = true
  run(100)
  t.ok(amplitude(last('b', 1), 400, RATE) < 1)
  t.ok(amplitude(last('a', 1), 700, RATE) > 5990)
  t.same(mixer.speakers(), ['b'])
})

t.test('of many the loudest are mixed, and whoever is louder takes the place of the quietest', async (t) => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  const hzOf = (id: string) => 300 + 200 * names.indexOf(id)
  const voices: Record<string, Voice> = Object.fromEntries(names.map((id, i) => [id, says(hzOf(id), 1000 - 50 * i)]))
  voices.h = (tick) => says(hzOf('h'), tick < 100 ? 100 : 4000)(tick)
  const { run, last } = room({ ...voices, listener: isSilent }, 3)
  const loud = () => names.filter((id) => amplitude(last('listener', 1), hzOf(id), RATE) > 50)
  run(100)
  t.same(loud(), ['a', 'b', 'c'])
  run(100)
  t.same(loud(), ['a', 'b', 'h'])
  t.ok(amplitude(last('h', 1), hzOf('h'), RATE) < 1, 'nor does it hear itself now')
})

t.test('about as loud is no reason to change: nobody is cut off and on', async (t) => {
  const random = seededRandom(3)
  const swaying =
    (hz: number): Voice =>
    (tick) =>
      says(hz, 3000 * (1 + 0.4 * random.fraction()))(tick)
  const ids = ['a', 'b', 'c', 'd', 'e', 'f']
  const { mixer, run, party } = room(Object.fromEntries(ids.map((id, i) => [id, swaying(300 + 100 * i)])), 3)
  run(5)
  const chosen = () => ids.filter((id) => party(id).isChosen)
  const before = chosen()
  t.equal(before.length, 3)
  for (let i = 0; i < 200; i++) {
    run(1)
    if (`${chosen()}` !== `${before}`) t.fail(`${before} → ${chosen()}`)
  }
  t.equal(mixer.size, 6)
})

t.test('speakers: after 60 ms of talk, until 400 ms of quiet; not for a click or a pause', async (t) => {
  const talk: Voice = (tick) => {
    const ms = 20 * tick
    // A click of one frame at 200 ms; talk from 1000 to 3000 with a pause of 300; silence after.
    if (ms === 200) return says(500, 20_000)(tick)
    const isLoud = ms >= 1000 && ms < 3000 && !(ms >= 2000 && ms < 2300)
    return isLoud ? says(500)(tick) : new Int16Array(FRAME)
  }
  const { run, changes } = room({ a: talk, b: isSilent })
  run(200)
  t.same(changes, ['1040 a', '3380 '])
})

t.test('speakers: a line’s noise is no talk, talk above it is', async (t) => {
  const random = seededRandom(5)
  const noise = (peak: number) => Int16Array.from({ length: FRAME }, () => peak * (2 * random.fraction() - 1))
  // At -34 dBov for 30 s, and then talk at -13.
  const line: Voice = (tick) => {
    const sound = noise(1150)
    if (tick < 1500) return sound
    return sine(500, RATE, FRAME, 9000, tick * FRAME).map((sample, i) => sample + (sound[i] ?? 0))
  }
  const { run, mixer, changes } = room({ a: line, b: () => noise(200) })
  run(1000)
  const before = changes.length
  run(500)
  t.same(mixer.speakers(), [], 'what goes on and on is noise')
  t.equal(changes.length, before)
  run(10)
  t.same(mixer.speakers(), ['a'])
})

t.test('what is written for the next tick before this one is read does no harm', async (t) => {
  const mixer = new Mixer<string>(RATE, FRAME)
  const [a, b] = [mixer.join('a'), mixer.join('b')]
  const out = new Int16Array(FRAME)
  const talk = (tick: number) => sine(500, RATE, FRAME, 6000, tick * FRAME)
  a.write(talk(0))
  for (let tick = 1; tick < 20; tick++) {
    mixer.mix()
    a.write(talk(tick))
    a.read(out)
    if (out.some(Boolean)) t.fail('a hears itself')
    b.read(out)
  }
  t.ok(out.some(Boolean))
})

t.test('a frame of another length, and one of no whole ms, are mistakes of ours', async (t) => {
  t.throws(() => new Mixer(8000, 161), RangeError)
  t.throws(() => new Mixer(8000, 160).join('a').write(new Int16Array(159)), RangeError)
})

t.test('48 kHz as well', async (t) => {
  const mixer = new Mixer<string>(48_000, 960)
  const [a, b] = [mixer.join('a'), mixer.join('b')]
  const heard: Int16Array[] = []
  for (let tick = 0; tick < 60; tick++) {
    a.write(sine(1000, 48_000, 960, 10_000, 960 * tick))
    mixer.mix()
    const out = new Int16Array(960)
    b.read(out)
    heard.push(out)
  }
  t.ok(snr(joined(heard.slice(10)), 1000, 48_000) > 80)
})
