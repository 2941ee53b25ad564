import { hexToken, type Random } from '../../platform/random.ts'
import { hash } from './digest.ts'
import type { Headers } from './headers.ts'
import type { Via } from './via.ts'

/**
 * To tags for whoever answers without a transaction: each repeat of a request gets the same one (RFC 3261 §8.2.7), no
 * other request does, nor any after a restart, and nobody can foretell it (§19.3).
 */
export class StatelessTags {
  readonly #secret: string

  constructor(random: Random) {
    this.#secret = hexToken(random, 16)
  }

  /** The tag for this request, malformed or not: 16 hex digits. */
  of({ headers, via }: { readonly headers: Headers | null; readonly via: Via | null }): string {
    const dialog = `${headers?.first('call-id')} ${headers?.first('from')} ${headers?.first('cseq')}`
    return hash('SHA-256', `${this.#secret} ${via?.branch} ${dialog}`).slice(0, 16)
  }
}
