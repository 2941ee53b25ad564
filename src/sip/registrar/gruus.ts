import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'
import type { Random } from '../../platform/random.ts'
import { quote } from '../message/grammar.ts'
import { Params } from '../message/params.ts'
import { escapeUser, sipUri, type Uri, unescapeUser } from '../message/uri.ts'
import type { Binding } from './bindingStore.ts'

/** What the user part of a temporary GRUU begins with. */
const TEMPORARY = 'tgruu.'
const NONCE_OCTETS = 12
const TAG_OCTETS = 16
const PUBLIC_OCTETS = 15

/** Whom a GRUU names: the bindings of `user` for which `names` holds. */
export interface GruuTarget {
  readonly kind: 'public' | 'temporary'
  readonly user: string
  names(binding: Binding): boolean
}

/**
 * GRUUs (RFC 5627): addresses that lead to one phone of a user. Nothing is kept of those that were given out. A public
 * one is a MAC over user and instance, the same for ever. A temporary one is the encrypted name of a registration, unlike
 * any other of the same phone, and good as long as that registration lasts (the construction of its appendix A.2, with
 * an authenticated cipher in place of a cipher and a MAC).
 */
export class Gruus {
  readonly #random: Random
  readonly #publicKey: Uint8Array
  readonly #temporaryKey: Uint8Array

  /** `secret`: at least 32 octets, the same in each start, or the GRUUs that are out there lead nowhere. */
  constructor(secret: Uint8Array, random: Random) {
    this.#random = random
    this.#publicKey = derived(secret, 'public')
    this.#temporaryKey = derived(secret, 'temporary')
  }

  /** The parameters of a Contact in a 200 (§5.3), beginning with `;`; empty for a phone without an instance. */
  params(binding: Binding): string {
    const { user, instance, gruuEpoch, domain: host } = binding
    if (instance === null || gruuEpoch === null) return ''
    const lasting = { user: escapeUser(user), host, params: Params.of({ gr: this.#mac(user, instance) }) }
    const passing = { user: this.#seal(`${user}\0${gruuEpoch}`), host, params: Params.of({ gr: '' }) }
    return `;pub-gruu=${quote(sipUri(lasting).text)};temp-gruu=${quote(sipUri(passing).text)}`
  }

  /** Whom `uri` names; null if it is no GRUU, `unknown` if none of ours. */
  target(uri: Uri): GruuTarget | 'unknown' | null {
    const gr = uri.kind === 'sip' ? uri.params.get('gr') : null
    if (uri.kind !== 'sip' || gr === null) return null
    if (gr === '') return this.#temporary(uri.user ?? '')
    const user = unescapeUser(uri.user ?? '')
    if (!user) return 'unknown'
    const names = ({ instance }: Binding): boolean => instance !== null && this.#mac(user, instance) === gr
    return { kind: 'public', user, names }
  }

  #temporary(userPart: string): GruuTarget | 'unknown' {
    const opened = userPart.startsWith(TEMPORARY) ? this.#open(userPart.slice(TEMPORARY.length)) : null
    const [user, epoch] = opened?.split('\0') ?? []
    if (!user || !epoch) return 'unknown'
    return { kind: 'temporary', user, names: ({ gruuEpoch }) => gruuEpoch === epoch }
  }

  #mac(user: string, instance: string): string {
    const mac = createHmac('sha256', this.#publicKey).update(`${user}\0${instance}`).digest()
    return mac.subarray(0, PUBLIC_OCTETS).toString('base64url')
  }

  #seal(text: string): string {
    const nonce = this.#random.bytes(NONCE_OCTETS)
    const cipher = createCipheriv('aes-256-gcm', this.#temporaryKey, nonce)
    const sealed = [nonce, cipher.update(text, 'latin1'), cipher.final(), cipher.getAuthTag()]
    return TEMPORARY + Buffer.concat(sealed).toString('base64url')
  }

  #open(text: string): string | null {
    const octets = Buffer.from(text, 'base64url')
    if (octets.length <= NONCE_OCTETS + TAG_OCTETS) return null
    const end = octets.length - TAG_OCTETS
    const cipher = createDecipheriv('aes-256-gcm', this.#temporaryKey, octets.subarray(0, NONCE_OCTETS), {
      authTagLength: TAG_OCTETS,
    })
    cipher.setAuthTag(octets.subarray(end))
    try {
      return cipher.update(octets.subarray(NONCE_OCTETS, end), undefined, 'latin1') + cipher.final('latin1')
    } catch {
      // Somebody made it up.
      return null
    }
  }
}

function derived(secret: Uint8Array, purpose: string): Uint8Array {
  return createHmac('sha256', secret).update(`gruu ${purpose}`).digest()
}
