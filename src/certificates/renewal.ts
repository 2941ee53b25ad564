import type { Millis } from '../platform/clock.ts'
import type { Certificate } from './certificate.ts'
import { certificatesIn, fits } from './pair.ts'

/** From when to when a certificate is good, ms since 1970. */
export interface Life {
  readonly from: number
  readonly to: number
}

/** The life of a certificate for all of `names`; null: it cannot be used, or is not for them. */
export function lifeOf(certificate: Certificate, names: readonly string[]): Life | null {
  if (!fits(certificate)) return null
  const [first] = certificatesIn(certificate.chain)
  const given = new Set((first?.subjectAltName ?? '').toLowerCase().split(', '))
  if (first === undefined || !names.every((name) => given.has(`dns:${name}`))) return null
  return { from: Date.parse(first.validFrom), to: Date.parse(first.validTo) }
}

/** When to renew: at two thirds of its life, so that a third is left for whatever may be amiss. */
export function renewalOf({ from, to }: Life): number {
  return from + ((to - from) * 2) / 3
}

/** Authorities count failures: five an hour for a name are all that Let's Encrypt allows. */
const FIRST_WAIT: Millis = 5 * 60_000
const LONGEST_WAIT: Millis = 6 * 3600_000

/** How long to wait after the `failures`th attempt in a row that has failed. */
export function waitAfter(failures: number): Millis {
  return Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures - 1))
}
