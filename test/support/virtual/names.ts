import type { Clock, Millis } from '../../../src/platform/clock.ts'
import type { Answer, Names, PointerRecord, ServiceRecord } from '../../../src/platform/names.ts'

/** What a name has; what is left out it has none of. */
export interface NameRecords {
  readonly addresses?: readonly string[]
  readonly services?: readonly ServiceRecord[]
  readonly pointers?: readonly PointerRecord[]
  /** ms; null, as when left out: the server does not say. */
  readonly ttl?: Millis | null
}

/** A name server in memory, whose records a test sets and changes. */
export class VirtualNames implements Names {
  readonly #clock: Clock
  readonly #records = new Map<string, NameRecords>()
  /** How long each answer takes. */
  delay: Millis = 1
  /** Questions to it are rejected after `delay`: no server answers. */
  silent = false
  /** Each name that alone gets no answer. */
  readonly silentAbout = new Set<string>()
  /** Each question so far, as in `addresses sip.example.com`. */
  readonly asked: string[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Gives `name` these records and no others; null: there is no such name. */
  set(name: string, records: NameRecords | null): void {
    if (records === null) this.#records.delete(name)
    else this.#records.set(name, records)
  }

  addresses(name: string): Promise<Answer<string>> {
    return this.#answer('addresses', name, (records) => records.addresses)
  }

  services(name: string): Promise<Answer<ServiceRecord>> {
    return this.#answer('services', name, (records) => records.services)
  }

  pointers(name: string): Promise<Answer<PointerRecord>> {
    return this.#answer('pointers', name, (records) => records.pointers)
  }

  async #answer<T>(
    kind: string,
    name: string,
    of: (records: NameRecords) => readonly T[] | undefined,
  ): Promise<Answer<T>> {
    this.asked.push(`${kind} ${name}`)
    await new Promise<void>((resolve) => void this.#clock.after(this.delay, resolve))
    if (this.silent || this.silentAbout.has(name)) {
      throw Object.assign(new Error(`no answer about ${name}`), { code: 'ETIMEOUT' })
    }
    const records = this.#records.get(name) ?? {}
    return { records: of(records) ?? [], ttl: records.ttl ?? null }
  }
}
