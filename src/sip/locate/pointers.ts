import type { PointerRecord } from '../../platform/names.ts'
import type { TargetProtocol } from './target.ts'

/** A way that NAPTR records name. */
export interface Pointer {
  readonly protocol: TargetProtocol
  readonly replacement: string
  /** Whether SRV records are to be found there, not addresses. */
  readonly toService: boolean
}

/** More ways than these nobody has. */
const MOST_POINTERS = 8

const PROTOCOLS: ReadonlyMap<string, TargetProtocol> = new Map([
  ['SIP+D2U', 'udp'],
  ['SIP+D2T', 'tcp'],
  ['SIPS+D2T', 'tls'],
])

/** RFC 3263 §4.1: those of our transports, in the order that the records want. */
export function pointersFor(records: readonly PointerRecord[]): Pointer[] {
  return [...records]
    .sort((a, b) => a.order - b.order || a.preference - b.preference)
    .flatMap(({ service, flags, replacement }) => {
      const protocol = PROTOCOLS.get(service.toUpperCase())
      const flag = flags.toLowerCase()
      return protocol && (flag === 's' || flag === 'a') ? [{ protocol, replacement, toService: flag === 's' }] : []
    })
    .slice(0, MOST_POINTERS)
}
