import type { Phone } from './bridge/bridge.ts'
import type { Clock, Millis } from './platform/clock.ts'

/** Phones that are gone and are waited for: a page that is loaded anew registers again within seconds. */
export class Returns {
  readonly #clock: Clock
  readonly #devices: (user: string) => readonly Phone[]
  readonly #waiting = new Map<string, Set<() => void>>()

  /** `devices`: a user's phones as they are now. */
  constructor(clock: Clock, devices: (user: string) => readonly Phone[]) {
    this.#clock = clock
    this.#devices = devices
  }

  /** The registrations of `user` are others now. */
  changed(user: string): void {
    for (const look of this.#waiting.get(user) ?? []) look()
  }

  /** The same phone over a new connection; null if there is none within `span`, or nothing to know it by. */
  wait({ user, instance, flow: old }: Phone, span: Millis): Promise<Phone | null> {
    if (instance === null) return Promise.resolve(null)
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(user) ?? new Set()
      this.#waiting.set(user, waiting)
      const done = (device: Phone | null): void => {
        timer.cancel()
        waiting.delete(look)
        if (waiting.size === 0) this.#waiting.delete(user)
        resolve(device)
      }
      const look = (): void => {
        const back = this.#devices(user).find((device) => device.instance === instance)
        if (back?.flow?.open && back.flow !== old) done(back)
      }
      const timer = this.#clock.after(span, () => done(null))
      waiting.add(look)
      look()
    })
  }
}
