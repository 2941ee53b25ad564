import type { LegId, Sound } from '../../src/media/engine.ts'
import { sine, wavOf } from '../media/sounds.ts'
import type { Scene } from './scene.ts'

const KEYS = '0123456789*#ABCDabcd x'
const COUNTRIES = ['DE', 'US', 'JP', 'ZZ', '']
const PROGRESS = ['ringback', 'busy', 'congestion'] as const

const FILES = ['good.wav', 'broken.wav', 'none.wav']
const GOOD = wavOf(sine(440, 16_000, 16_000), 16_000)

/** What signalling may ask of the engine while packets come. */
export class Commands {
  /** The last one given. */
  last = 'no command'
  readonly #scene: Scene
  #ids = 0

  constructor(scene: Scene) {
    this.#scene = scene
    const { files, random } = scene
    files.put('good.wav', GOOD)
    const broken = Buffer.from(GOOD)
    for (let flips = 0; flips < 10; flips++) broken[random.integer(60)] = random.integer(256)
    files.put('broken.wav', broken)
  }

  /** Links the first two legs, as most calls are. */
  begin(): void {
    this.#link(0, 1)
  }

  /** Gives one of them. */
  async give(): Promise<void> {
    const { random, engine } = this.#scene
    const kind = random.integer(100)
    if (kind < 20) this.#update()
    else if (kind < 28) this.#mix()
    else if (kind < 32) this.#record()
    else if (kind < 50) this.#link(random.integer(3), random.integer(3))
    else if (kind < 55) this.#noted('unlink', () => engine.unlink(`link ${random.integer(this.#ids + 1)}`))
    else if (kind < 70) this.#play()
    else if (kind < 80) this.#noted('stop', () => engine.stop(`play ${random.integer(this.#ids + 1)}`))
    else if (kind < 92) this.#type()
    else if (kind < 94) this.#noted('follow', () => engine.follow(['10.0.0.1', '192.0.2.1']))
    else await this.#reopen()
  }

  #update(): void {
    const leg = this.#scene.legs[this.#any()]
    if (leg) this.#noted(`update ${leg.id}`, () => this.#scene.engine.update(leg.id, leg.renegotiate()))
  }

  #link(from: number, to: number): void {
    const [a, b] = [this.#id(from), this.#id(to)]
    this.#noted(`link ${a}, ${b}`, () => this.#scene.engine.link(`link ${this.#ids++}`, a, b))
  }

  #play(): void {
    const [leg, sound] = [this.#id(this.#any()), this.#sound()]
    this.#noted(`play ${leg} ${JSON.stringify(sound)}`, () =>
      this.#scene.engine.play(`play ${this.#ids++}`, leg, sound),
    )
  }

  #sound(): Sound {
    const { random } = this.#scene
    const [progress = 'busy', country = ''] = [PROGRESS[random.integer(3)], COUNTRIES[random.integer(COUNTRIES.length)]]
    if (random.integer(3) === 0) return { kind: 'progress', progress, country }
    if (random.integer(3) === 0)
      return { kind: 'file', path: FILES[random.integer(3)] ?? '', times: 2, from: random.integer(2000) }
    const duration = [null, 1, 20, 500, 3000][random.integer(5)] ?? null
    return { kind: 'tone', hz: random.integer(8000), level: random.integer(60) - 63, duration }
  }

  #mix(): void {
    const { random, engine } = this.#scene
    const leg = this.#id(this.#any())
    if (random.integer(3) === 0) this.#noted(`unmix ${leg}`, () => engine.unmix(leg))
    else this.#noted(`mix ${leg}`, () => engine.mix(`room ${random.integer(2)}`, leg))
  }

  #record(): void {
    const { random, engine } = this.#scene
    const of = random.integer(2) === 0 ? this.#id(this.#any()) : `link ${this.#ids - 1 - random.integer(3)}`
    const channels = random.integer(2) === 0 ? 1 : 2
    const spec = { path: `${this.#ids % 20}.wav`, channels, maxDuration: 100 + random.integer(5000) } as const
    this.#noted(`record ${of}`, () => engine.record(`play ${this.#ids++}`, of, spec))
  }

  #type(): void {
    const { random, engine } = this.#scene
    const leg = this.#id(this.#any())
    const digits = Array.from({ length: random.integer(12) }, () => KEYS[random.integer(KEYS.length)]).join('')
    const duration = [undefined, 0, 40, 100, 9000][random.integer(5)]
    this.#noted(`sendDtmf ${leg} ${digits}`, () => engine.sendDtmf(leg, digits, duration))
  }

  async #reopen(): Promise<void> {
    const slot = this.#any()
    this.last = `reopen ${this.#id(slot)}`
    await this.#scene.open(slot)
  }

  #any(): number {
    return this.#scene.random.integer(this.#scene.legs.length)
  }

  #id(slot: number): LegId {
    return this.#scene.legs[slot]?.id ?? 'nobody'
  }

  #noted(what: string, give: () => void): void {
    this.last = what
    give()
  }
}
