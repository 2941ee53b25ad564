import type { Clock, Millis } from '../../platform/clock.ts'

/** How many wrong passwords an address has, and for how long it then waits or is not heard at all. */
interface Patience {
  /** From this many failures on, each answer is held back. */
  readonly slowFrom: number
  readonly delay: Millis
  /** From this many on, the address is ignored. */
  readonly ignoreFrom: number
  readonly ignoredFor: Millis
}

const STRANGER: Patience = { slowFrom: 4, delay: 2_000, ignoreFrom: 10, ignoredFor: 600_000 }
/** A house full of phones with an old password must not lock itself out. */
const LAN: Patience = { slowFrom: 20, delay: 1_000, ignoreFrom: 100, ignoredFor: 60_000 }

/** A failure is forgotten when none followed for this long. */
const FORGIVEN_AFTER: Millis = 600_000
const MOST_ADDRESSES = 10_000

interface Offender {
  failures: number
  lastFailure: Millis
  ignoredUntil: Millis
}

/** Keeps those who guess passwords slow, then out. One success clears an address. */
export class Penalties {
  readonly #clock: Clock
  readonly #isLocal: (address: string) => boolean
  readonly #offenders = new Map<string, Offender>()

  constructor(clock: Clock, isLocal: (address: string) => boolean) {
    this.#clock = clock
    this.#isLocal = isLocal
  }

  /** Whether to hear this address at all. */
  admits(address: string): boolean {
    if (this.#offenders.size === 0) return true
    const offender = this.#offenders.get(address)
    return offender === undefined || offender.ignoredUntil <= this.#clock.now()
  }

  /** Notes a wrong password. Gives how long to hold the answer back, ms. */
  failed(address: string): Millis {
    const now = this.#clock.now()
    const patience = this.#isLocal(address) ? LAN : STRANGER
    const offender = this.#offender(address, now)
    offender.failures++
    offender.lastFailure = now
    if (offender.failures >= patience.ignoreFrom) {
      offender.ignoredUntil = now + patience.ignoredFor
      // When it is heard again, it is slow, and a few more failures silence it anew.
      offender.failures = patience.slowFrom
    }
    return offender.failures >= patience.slowFrom ? patience.delay : 0
  }

  succeeded(address: string): void {
    if (this.#offenders.size > 0) this.#offenders.delete(address)
  }

  /** Addresses that are not heard now. */
  ignored(): string[] {
    return [...this.#offenders.keys()].filter((address) => !this.admits(address))
  }

  #offender(address: string, now: Millis): Offender {
    const known = this.#offenders.get(address)
    // Moved to the end: the map is in the order of the last failure.
    this.#offenders.delete(address)
    const fresh = !known || now - known.lastFailure > FORGIVEN_AFTER
    const offender = fresh ? { failures: 0, lastFailure: now, ignoredUntil: 0 } : known
    this.#offenders.set(address, offender)
    if (this.#offenders.size > MOST_ADDRESSES) this.#forgetOldest()
    return offender
  }

  #forgetOldest(): void {
    for (const address of this.#offenders.keys()) {
      this.#offenders.delete(address)
      return
    }
  }
}
