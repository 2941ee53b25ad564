import type { Clock } from '../platform/clock.ts'
import type { UsageMeter } from './bridge.ts'
import type { Call } from './call.ts'
import type { DayUsage } from './callRecord.ts'

interface Used {
  up: number
  calls: number
  minutes: number
}

/** What calls use of what the plan caps: counted while they are up, and from midnight to midnight. */
export class Usage implements UsageMeter {
  readonly #clock: Clock
  readonly #all: () => number
  readonly #startOfDay: (at: number) => number
  readonly #used = new Map<string, Used>()
  /** When each user's last call ended. */
  readonly #idle = new Map<string, number>()
  /** Of those who talk now, in how many calls. */
  readonly #inCalls = new Map<string, number>()
  /** Those whose call is up and answered, with when it was: their minutes count already. */
  readonly #talking = new Map<Call, readonly string[]>()
  #day: number

  /** `all`: how many other calls are up; `startOfDay`: the midnight before a wall-clock time; `before`: what records say of calls that began at a time or later. */
  constructor(parts: {
    readonly clock: Clock
    readonly all: () => number
    readonly startOfDay: (at: number) => number
    readonly before: (since: number) => readonly DayUsage[]
  }) {
    this.#clock = parts.clock
    this.#all = parts.all
    this.#startOfDay = parts.startOfDay
    this.#day = this.#startOfDay(this.#now())
    for (const { subject, calls, minutes } of parts.before(this.#day))
      this.#used.set(subject, { up: 0, calls, minutes })
  }

  callsUp(subject: string): number {
    return subject === 'any' ? this.#all() : (this.#used.get(subject)?.up ?? 0)
  }

  callsToday(subject: string): number {
    this.#turnDay()
    return this.#used.get(subject)?.calls ?? 0
  }

  minutesToday(subject: string): number {
    this.#turnDay()
    let minutes = this.#used.get(subject)?.minutes ?? 0
    for (const [call, subjects] of this.#talking) if (subjects.includes(subject)) minutes += this.#minutesOf(call)
    return minutes
  }

  idleSince(user: string): number {
    return this.#inCalls.has(user) ? this.#now() : (this.#idle.get(user) ?? 0)
  }

  take(call: Call, subjects: readonly string[], daily: boolean): () => void {
    this.#turnDay()
    for (const subject of subjects) this.#usedBy(subject).up++
    if (daily) this.#count(call, subjects)
    let taken = true
    return () => {
      if (!taken) return
      taken = false
      for (const subject of subjects) this.#usedBy(subject).up--
      if (daily) this.#settle(call, subjects)
    }
  }

  talk(users: readonly string[]): () => void {
    for (const user of users) this.#inCalls.set(user, (this.#inCalls.get(user) ?? 0) + 1)
    return () => {
      for (const user of users) {
        const others = (this.#inCalls.get(user) ?? 0) - 1
        if (others > 0) this.#inCalls.set(user, others)
        else this.#inCalls.delete(user)
        this.#idle.set(user, this.#now())
      }
    }
  }

  #count(call: Call, subjects: readonly string[]): void {
    const others = this.#talking.get(call) ?? []
    this.#talking.set(call, [...others, ...subjects])
    for (const subject of subjects) {
      // The next trunk of one call is no further call of who makes it.
      if (!call.uses.has(subject)) this.#usedBy(subject).calls++
      call.uses.add(subject)
    }
  }

  #settle(call: Call, subjects: readonly string[]): void {
    const ended = call.state === 'ended'
    const left = (this.#talking.get(call) ?? []).filter((subject) => !subjects.includes(subject))
    if (left.length === 0) this.#talking.delete(call)
    else this.#talking.set(call, left)
    for (const subject of subjects) {
      if (ended) this.#usedBy(subject).minutes += this.#minutesOf(call)
      // A trunk that did not take the call has had no part in it.
      else if (subject.startsWith('trunk:')) call.uses.delete(subject)
    }
  }

  // Of today alone; begun minutes count whole, as providers have it.
  #minutesOf({ answeredAt }: Call): number {
    if (answeredAt === null) return 0
    return Math.ceil((this.#now() - Math.max(answeredAt, this.#day)) / 60_000)
  }

  #usedBy(subject: string): Used {
    const known = this.#used.get(subject)
    if (known) return known
    const used = { up: 0, calls: 0, minutes: 0 }
    this.#used.set(subject, used)
    return used
  }

  #turnDay(): void {
    const day = this.#startOfDay(this.#now())
    if (day === this.#day) return
    this.#day = day
    for (const [subject, used] of this.#used) {
      if (used.up === 0) this.#used.delete(subject)
      else Object.assign(used, { calls: 0, minutes: 0 })
    }
  }

  #now(): number {
    return this.#clock.wall().getTime()
  }
}
