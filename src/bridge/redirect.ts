import { contacts, type NameAddr, parseQ } from '../sip/message/fields.ts'
import type { SipResponse } from '../sip/message/message.ts'
import type { Bridge, Device } from './bridge.ts'
import { dialledNumber } from './dialled.ts'

/** Targets that one call may be sent on to: enough for a chain of colleagues, too few to ring the whole house. */
const MOST_TARGETS = 5

/** Answers whose Contacts are other places to ring (RFC 3261 §21.3); those of a 380 need a person to read its body. */
const FOLLOWED: readonly number[] = [300, 301, 302, 305]

/**
 * Where a phone's 3xx leads (RFC 3261 §8.1.3.4): only to numbers of our own dial plan, dialled as the phone's user. A
 * Contact at another host is not followed, whoever it is: a phone's own forwarding must neither call the world at our
 * cost nor have us send requests to an address of its choice.
 */
export class Redirections {
  readonly #bridge: Bridge
  /** Whom the call has rung: nobody twice, so that two phones that point at each other end. */
  readonly #tried: Set<string>
  #left = MOST_TARGETS

  /** Owns `rung`: the users whose phones ring from the beginning. */
  constructor(bridge: Bridge, rung: Set<string>) {
    this.#bridge = bridge
    this.#tried = rung
  }

  /** The phones to ring instead of the one of `user` that answered so: group by group, each when the one before has failed. */
  follow(user: string, response: SipResponse): readonly (readonly Device[])[] {
    if (!FOLLOWED.includes(response.status)) return []
    const groups: { readonly q: number; readonly devices: Device[] }[] = []
    for (const { q, contact } of byPreference(response)) {
      const devices = this.#devices(user, contact)
      const last = groups.at(-1)
      if (last?.q === q) last.devices.push(...devices)
      else if (devices.length > 0) groups.push({ q, devices: [...devices] })
    }
    return groups.map(({ devices }) => devices)
  }

  #devices(user: string, { uri }: NameAddr): readonly Device[] {
    const ours = uri.kind === 'tel' || (uri.kind === 'sip' && this.#bridge.isOurs(uri.host))
    const dialled = ours ? dialledNumber(uri) : null
    if (dialled === null || this.#left === 0) return []
    const decision = this.#bridge.route({ from: user, dialled })
    // An app talks to the caller alone, and the other phones may still ring.
    if (decision.action !== 'ring') return []
    const fresh = decision.targets.filter((target) => !this.#tried.has(target.user))
    if (fresh.length > 0) this.#left--
    for (const target of fresh) this.#tried.add(target.user)
    return fresh.flatMap((target) => this.#bridge.devices(target.user))
  }
}

// §20.10: q tells the preferred from the others; who says nothing means 1.
function byPreference(response: SipResponse): { readonly q: number; readonly contact: NameAddr }[] {
  const found = contacts(response.headers)
  if (found === '*') return []
  const all = found.map((contact) => ({ q: parseQ(contact.params.get('q') ?? '1') ?? 1000, contact }))
  return all.sort((a, b) => b.q - a.q)
}
