import { contacts, type NameAddr, parseQ } from '../sip/message/fields.ts'
import type { SipResponse } from '../sip/message/message.ts'
import type { Bridge, Device } from './bridge.ts'
import type { Call, Leg } from './call.ts'
import { type RefusedContact, wordsOf } from './callEvent.ts'
import { dialledNumber } from './dialled.ts'
import { noteRoute } from './noteRoute.ts'
import { queryFor } from './query.ts'

/** Targets that one call may be sent on to: enough for a chain of colleagues, too few to ring the whole house. */
const MOST_TARGETS = 5

/** Contacts that were not followed and are named in the record. */
const MOST_NOTED = 5

/** Answers whose Contacts are other places to ring (RFC 3261 §21.3); those of a 380 need a person to read its body. */
const FOLLOWED: readonly number[] = [300, 301, 302, 305]

/**
 * Where a phone's 3xx leads (RFC 3261 §8.1.3.4): only to numbers of our own dial plan, dialled as the phone's user. A
 * Contact at another host is not followed, whoever it is: a phone's own forwarding must neither call the world at our
 * cost nor have us send requests to an address of its choice.
 */
export class Redirections {
  readonly #bridge: Bridge
  readonly #call: Call
  /** Whom the call has rung: nobody twice, so that two phones that point at each other end. */
  readonly #tried: Set<string>
  /** Notes of what the dial plan said: they come after the one of what the phone said. */
  readonly #asked: (() => void)[] = []
  #left = MOST_TARGETS

  /** Owns `rung`: the users whose phones ring from the beginning. */
  constructor(bridge: Bridge, call: Call, rung: Set<string>) {
    this.#bridge = bridge
    this.#call = call
    this.#tried = rung
  }

  /** The phones to ring instead of that of `leg`, which answered so: group by group, each when the one before has failed. */
  follow(leg: Leg, response: SipResponse): readonly (readonly Device[])[] {
    const groups: { readonly q: number; readonly devices: Device[] }[] = []
    const to: string[] = []
    const refused: RefusedContact[] = []
    for (const { q, contact } of byPreference(response)) {
      const found = this.#targets(leg.user, contact)
      if (typeof found === 'string') {
        refused.push({ contact: wordsOf(contact.uri.text), why: found })
        continue
      }
      to.push(...found)
      const devices = found.flatMap((user) => this.#bridge.devices(user))
      const last = groups.at(-1)
      if (last?.q === q) last.devices.push(...devices)
      else groups.push({ q, devices })
    }
    const { log } = this.#call
    log.note({ at: log.now(), type: 'redirected', phone: leg.number, to, refused: refused.slice(0, MOST_NOTED) })
    for (const note of this.#asked.splice(0)) note()
    return groups.map(({ devices }) => devices)
  }

  #targets(as: string, { uri }: NameAddr): readonly string[] | RefusedContact['why'] {
    const ours = uri.kind === 'tel' || (uri.kind === 'sip' && this.#bridge.isOurs(uri.host))
    if (!ours) return 'foreign'
    const dialled = dialledNumber(uri)
    if (dialled === null) return 'unknown'
    if (this.#left === 0) return 'limit'
    const query = queryFor(this.#bridge, { kind: 'user', user: as }, dialled)
    const attempt = this.#bridge.route(query)
    this.#asked.push(() => noteRoute(this.#call, query, attempt))
    // An app talks to the caller alone, and the other phones may still ring.
    // Nor does a phone call the phone network in its user's name: `user forward` does.
    if (attempt.action !== 'ring') return attempt.action === 'run' ? 'app' : 'unknown'
    const fresh = attempt.users.filter((user) => !this.#tried.has(user))
    if (fresh.length === 0) return 'tried'
    this.#left--
    for (const user of fresh) this.#tried.add(user)
    return fresh
  }
}

// §20.10: q tells the preferred from the others; who says nothing means 1.
function byPreference(response: SipResponse): { readonly q: number; readonly contact: NameAddr }[] {
  const found = FOLLOWED.includes(response.status) ? contacts(response.headers) : []
  if (found === '*') return []
  const all = found.map((contact) => ({ q: parseQ(contact.params.get('q') ?? '1') ?? 1000, contact }))
  return all.sort((a, b) => b.q - a.q)
}
