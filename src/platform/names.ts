import type { Millis } from './clock.ts'

/** A name server's answers, each with how long it may be kept. A name that does not exist gives an empty list. */
export interface Names {
  /** IPv4 and IPv6 addresses. Rejects where no name server answers in time. */
  addresses(name: string): Promise<Answer<string>>
  /** RFC 2782. */
  services(name: string): Promise<Answer<ServiceRecord>>
  /** RFC 3403. */
  pointers(name: string): Promise<Answer<PointerRecord>>
}

export interface Answer<T> {
  readonly records: readonly T[]
  /** How long it holds; null: the name server did not say. */
  readonly ttl: Millis | null
}

export interface ServiceRecord {
  readonly target: string
  readonly port: number
  readonly priority: number
  readonly weight: number
}

export interface PointerRecord {
  readonly order: number
  readonly preference: number
  readonly flags: string
  /** As in `SIP+D2U`. */
  readonly service: string
  readonly replacement: string
}
