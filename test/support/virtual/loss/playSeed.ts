import type { Test } from 'tap'
import type { Impairment } from '../network.ts'
import { type Seeded, seededRandom, seedOf } from '../random.ts'
import { RfcPhone } from '../rfcPhone/rfcPhone.ts'
import { passwordOf, SERVER, type World, world } from '../world.ts'
import { calls } from './calls.ts'
import { excuse } from './excuse.ts'
import { forks } from './forks.ts'
import { Scene } from './scene.ts'
import { Missed, Stage } from './stage.ts'
import { ladder, Trace } from './trace.ts'

/** One way: a fifth lost, a twentieth doubled, and up to 0.6 s late, so that what was sent later may come first. */
const BAD: Impairment = { delay: 10, jitter: 600, loss: 0.2, duplicate: 0.05 }
/** A call that failed through no one's fault is made again, so often at most. */
const MOST_TRIES = 4
const HOURS = 4 * 3_600_000
/** How much of what went before is shown of an error that belongs to no play. */
const LOOK_BACK = 60_000
/** Longer than a registration, and than any transaction. */
const AFTERMATH = 200_000

interface Play {
  readonly name: string
  readonly phones: readonly RfcPhone[]
  act(scene: Scene): Promise<void>
}

/**
 * Plays every kind of call once, in an order and at moments that follow from the seed's name, over a network that loses,
 * doubles and reorders what goes over it on both hops; then sees that nothing is left of it.
 */
export async function playSeed(t: Test, name: string): Promise<void> {
  try {
    const { calls, messages, excuses } = await playAll(t, name)
    t.comment(`${calls} calls, ${messages} messages`)
    for (const found of excuses) t.comment(`made again: ${found}`)
  } catch (error) {
    if (!(error instanceof SeedFailed)) throw error
    t.comment(error.ladder)
    t.fail(error.message)
  }
}

/** Something went wrong; its message says how to see it again. */
class SeedFailed extends Error {
  readonly ladder: string

  constructor(seed: string, what: string, ladder: string) {
    super(`seed ${seed}: ${what}; again with: npm run test:loss -- --seed ${seed}`)
    this.ladder = ladder
  }
}

/** What a seed came to. */
interface Played {
  readonly calls: number
  readonly messages: number
  /** Why calls had to be made again. */
  readonly excuses: readonly string[]
}

async function playAll(t: Test, name: string): Promise<Played> {
  const seed = seedOf(name)
  // Longer than a 200 may take to come through.
  const options = { noAnswer: 40 }
  const all = await world(t, { users: ['101', '102', '103', '104'], options, seed })
  const idle = { timers: all.clock.timers, sockets: all.network.sockets }
  const run = new Run(all, seededRandom(seed ^ 0x5eed), name)
  await run.begin()
  await run.play()
  await run.end()
  const { agent, calls: table, registrar, transport } = all.pbx
  t.equal(all.clock.timers, idle.timers, 'no timer is left')
  t.equal(all.network.sockets, idle.sockets, 'no socket is left')
  t.equal(registrar.size, 0, 'no binding is left')
  t.equal(agent.transactions, 0, 'no transaction is left')
  t.equal(agent.dialogs, 0, 'no dialog is left')
  t.equal(table.size, 0, 'no call is left')
  t.equal(all.engine.legs, 0, 'no leg is left')
  t.same({ ...transport.counters }, { malformed: 0, ignored: 0, refused: 0, failed: 0 }, 'every message was understood')
  return run.played
}

class Run {
  readonly #world: World
  readonly #random: Seeded
  readonly #name: string
  readonly #stage: Stage
  readonly #trace: Trace
  readonly #excuses: string[] = []
  #phones: readonly RfcPhone[] = []
  #calls = 0

  constructor(all: World, random: Seeded, name: string) {
    this.#world = all
    this.#random = random
    this.#name = name
    this.#stage = new Stage(all.clock)
    this.#trace = new Trace(all.network, all.clock)
  }

  get played(): Played {
    return { calls: this.#calls, messages: this.#trace.length, excuses: this.#excuses }
  }

  async begin(): Promise<void> {
    const { network, clock } = this.#world
    network.impairment = BAD
    const users = ['101', '102', '103', '103', '104']
    this.#phones = await Promise.all(
      users.map((user, at) => {
        const server = { address: SERVER, port: 5060 }
        const options = { user, password: passwordOf(user), address: `10.0.0.${11 + at}`, server }
        return RfcPhone.create(network, clock, seededRandom(this.#random.integer(2 ** 31)), options)
      }),
    )
    for (const phone of this.#phones) phone.registration.begin()
    await this.#together([this.#registered()])
  }

  /** Two lines of plays at once: calls of two phones, and calls that ring two. */
  async play(): Promise<void> {
    const [alice, bob, desk, kitchen, carol] = this.#phones
    if (!(alice && bob && desk && kitchen && carol)) throw new Error('there are five phones')
    const twoParty = Object.entries(calls).map(([name, act]): Play => {
      const [from, to] = this.#random.integer(2) === 0 ? [alice, bob] : [bob, alice]
      return { name, phones: [from, to], act: (scene) => act(scene, from, to) }
    })
    const forked = Object.entries(forks).map(([name, act]): Play => {
      return { name, phones: [carol, desk, kitchen], act: (scene) => act(scene, carol, desk, kitchen) }
    })
    await this.#together([this.#line(twoParty), this.#line(forked)])
  }

  /** Some phones unregister, others just vanish; then all that is under way runs out. */
  async end(): Promise<void> {
    for (const { registration } of this.#phones) {
      if (this.#random.integer(2) === 0) registration.leave()
      else registration.stop()
    }
    await this.#together([this.#stage.pause(AFTERMATH)])
    const unfinished = this.#phones.filter((phone) => phone.unfinished > 0)
    if (unfinished.length > 0) this.#fail(0, this.#phones, `${unfinished[0]?.address} has something left`)
    for (const phone of this.#phones) phone.close()
    await this.#world.clock.advance(0)
  }

  async #registered(): Promise<void> {
    const all = (): boolean => this.#phones.every(({ registration }) => registration.registered)
    await this.#stage.until('all phones registered', all, 120_000)
  }

  async #line(plays: readonly Play[]): Promise<void> {
    for (const play of shuffled(plays, this.#random)) {
      await this.#perform(play)
      await this.#stage.pause(this.#random.fraction() * 2_000)
    }
  }

  async #perform(play: Play): Promise<void> {
    const start = this.#world.clock.now()
    for (let attempt = 1; ; attempt++) {
      this.#calls++
      const scene = new Scene(this.#stage, seededRandom(this.#random.integer(2 ** 31)))
      const missed = await outcomeOf(play.act(scene))
      if (missed === null) return
      const found = excuse(this.#trace.messages(start, addresses(play.phones)), SERVER)
      if (found === null || attempt === MOST_TRIES) this.#fail(start, play.phones, `${play.name}: ${missed.message}`)
      this.#excuses.push(`${play.name}: ${missed.message}: ${found}`)
      const cleared = await outcomeOf(scene.clear())
      if (cleared) this.#fail(start, play.phones, `${play.name}, given up: ${cleared.message}`)
    }
  }

  async #together(lines: readonly Promise<void>[]): Promise<void> {
    const state: { done: boolean; failure: unknown } = { done: false, failure: null }
    Promise.all(lines).then(
      () => {
        state.done = true
      },
      (error) => {
        state.failure = error
      },
    )
    const stops = (): boolean => {
      this.#stage.look()
      return state.done || state.failure !== null
    }
    await this.#world.clock.advanceUntil(stops, HOURS).catch((error) => this.#shocked(error))
    if (state.failure !== null) throw state.failure
    if (!state.done) this.#fail(0, this.#phones, 'it never came to an end')
  }

  // A phone was sent what no phone should be sent.
  #shocked(error: unknown): never {
    this.#fail(this.#world.clock.now() - LOOK_BACK, this.#phones, error instanceof Error ? error.message : `${error}`)
  }

  #fail(start: number, phones: readonly RfcPhone[], what: string): never {
    throw new SeedFailed(this.#name, what, ladder(this.#trace.messages(start, addresses(phones))))
  }
}

async function outcomeOf(act: Promise<void>): Promise<Missed | null> {
  try {
    await act
    return null
  } catch (error) {
    if (error instanceof Missed) return error
    throw error
  }
}

function addresses(phones: readonly RfcPhone[]): string[] {
  return phones.map(({ address }) => address)
}

function shuffled<Item>(items: readonly Item[], random: Seeded): Item[] {
  const order = items.map((item) => ({ item, at: random.fraction() }))
  return order.sort((a, b) => a.at - b.at).map(({ item }) => item)
}
