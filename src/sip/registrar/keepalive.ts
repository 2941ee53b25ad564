import { bracketed, plainAddress } from '../../platform/address.ts'
import type { Clock, Millis, Timer } from '../../platform/clock.ts'
import { hexToken } from '../../platform/random.ts'
import { contactFor, USER_AGENT } from '../dialog/contact.ts'
import type { UserAgent } from '../dialog/userAgent.ts'
import { createRequest } from '../message/create.ts'
import { Headers } from '../message/headers.ts'
import type { SipRequest } from '../message/message.ts'
import { parseUri, type Uri } from '../message/uri.ts'
import { type Flow, isWebSocket } from '../transport/flow.ts'
import type { Binding } from './bindingStore.ts'

/** Shorter than the 30 s after which the meanest NATs forget a UDP mapping. */
const PING_EVERY: Millis = 25_000

interface Watched {
  binding: Binding
  timer: Timer
  roundTrip: Millis | null
}

/**
 * Sends OPTIONS to phones behind NAT, which keeps the mapping open and measures the round trip. Any answer counts, be it
 * an error: it came back.
 */
export class Keepalive {
  readonly #clock: Clock
  readonly #agent: UserAgent
  readonly #flowTo: (binding: Binding) => Flow | null
  readonly #watched = new Map<string, Map<string, Watched>>()

  constructor(clock: Clock, agent: UserAgent, flowTo: (binding: Binding) => Flow | null) {
    this.#clock = clock
    this.#agent = agent
    this.#flowTo = flowTo
  }

  /** Watches just these bindings of `user` from now on; a phone that is where it says it is needs nothing. */
  watch(user: string, bindings: readonly Binding[]): void {
    const old = this.#watched.get(user)
    const now = new Map<string, Watched>()
    for (const binding of bindings) {
      if (!isElsewhere(binding)) continue
      const watched = old?.get(binding.key)
      old?.delete(binding.key)
      if (watched) watched.binding = binding
      now.set(binding.key, watched ?? this.#start(binding))
    }
    for (const { timer } of old?.values() ?? []) timer.cancel()
    if (now.size > 0) this.#watched.set(user, now)
    else this.#watched.delete(user)
  }

  /** The last round trip, ms; null if there is none yet. */
  roundTrip(binding: Binding): Millis | null {
    if (isWebSocket(binding.protocol)) return this.#flowTo(binding)?.roundTrip ?? null
    return this.#watched.get(binding.user)?.get(binding.key)?.roundTrip ?? null
  }

  close(): void {
    for (const watched of this.#watched.values()) for (const { timer } of watched.values()) timer.cancel()
    this.#watched.clear()
  }

  // The first one soon, but not all at once after a restart with thousands of phones.
  #start(binding: Binding): Watched {
    const watched: Watched = { binding, timer: { cancel() {} }, roundTrip: null }
    watched.timer = this.#clock.after(this.#agent.random.integer(PING_EVERY), () => this.#ping(watched))
    return watched
  }

  #ping(watched: Watched): void {
    watched.timer = this.#clock.after(PING_EVERY, () => this.#ping(watched))
    const flow = this.#flowTo(watched.binding)
    const uri = parseUri(watched.binding.contact)
    if (!flow || !uri) return
    const sent = this.#clock.now()
    this.#agent.request(this.#options(watched.binding, uri, flow), flow, {
      response: () => {
        watched.roundTrip = this.#clock.now() - sent
      },
      failed: () => {
        watched.roundTrip = null
      },
    })
  }

  #options(binding: Binding, uri: Uri, flow: Flow): SipRequest {
    const { random } = this.#agent
    const headers = Headers.of([
      ['Max-Forwards', '70'],
      ['From', `<sip:${bracketed(binding.domain)}>;tag=${hexToken(random, 8)}`],
      ['To', `<${uri.text}>`],
      ['Call-ID', hexToken(random, 16)],
      ['CSeq', `${1 + random.integer(1 << 16)} OPTIONS`],
      contactFor(flow, null),
      USER_AGENT,
    ])
    return createRequest({ method: 'OPTIONS', uri, headers })
  }
}

// What lies behind a proxy is the proxy's to keep open, and a WebSocket has pings of its own.
function isElsewhere({ protocol, contact, source, path }: Binding): boolean {
  if (path.length > 0 || isWebSocket(protocol)) return false
  const uri = parseUri(contact)
  return uri?.kind !== 'sip' || plainAddress(uri.host) !== source.address || (uri.port ?? 5060) !== source.port
}
