import type { Clock, Millis } from '../../../../src/platform/clock.ts'
import type { Endpoint } from '../../../../src/platform/network.ts'
import type { SipMessage } from '../../../../src/sip/message/message.ts'
import { parseMessage } from '../../../../src/sip/message/parse.ts'
import type { VirtualNetwork } from '../network.ts'

/** One SIP message on its way. */
export interface Sent {
  readonly at: Millis
  readonly from: string
  readonly to: string
  readonly message: SipMessage
  /** When its copies arrive; none: it was lost. */
  readonly arrivals: readonly Millis[]
}

/** All SIP that went over a virtual network, and what became of each datagram. */
export class Trace {
  readonly #packets: { at: Millis; from: Endpoint; to: Endpoint; bytes: Uint8Array; delays: readonly Millis[] }[] = []

  constructor(network: VirtualNetwork, clock: Clock) {
    network.onPacket = (from, to, bytes, delays) => {
      if (isSip(bytes)) this.#packets.push({ at: clock.now(), from, to, bytes, delays })
    }
  }

  get length(): number {
    return this.#packets.length
  }

  /** The messages from `start` on between the server and any of `addresses`, in order. */
  messages(start: Millis, addresses: readonly string[]): Sent[] {
    const sent: Sent[] = []
    for (const { at, from, to, bytes, delays } of this.#packets) {
      if (at < start || !(addresses.includes(from.address) || addresses.includes(to.address))) continue
      const message = parseMessage(bytes, 'datagram')
      if (message.kind !== 'request' && message.kind !== 'response') continue
      const arrivals = delays.map((delay) => at + delay)
      sent.push({ at, from: from.address, to: to.address, message, arrivals })
    }
    return sent
  }
}

/** The messages as a person reads them, one a line. */
export function ladder(sent: readonly Sent[]): string {
  return sent.map(line).join('\n')
}

function line({ at, from, to, message, arrivals }: Sent): string {
  const { cSeq, callId } = message
  const what = message.kind === 'request' ? message.method : `${message.status} (${cSeq.method})`
  const fate = arrivals.length === 0 ? 'LOST' : arrivals.map((arrival) => `+${Math.round(arrival - at)}`).join(' ')
  const when = (at / 1000).toFixed(3).padStart(9)
  const body = message.body.length > 0 ? ' ≡' : ''
  return `${when} ${from} → ${to}  ${`${what}${body}`.padEnd(18)} ${cSeq.number}  ${callId.slice(0, 18)}  ${fate}`
}

// RTP and RTCP begin with the bits 10.
function isSip(bytes: Uint8Array): boolean {
  const [first = 0] = bytes
  return first < 0x80
}
