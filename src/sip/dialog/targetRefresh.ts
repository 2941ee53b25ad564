import type { HeaderLine } from '../message/headers.ts'
import type { SipResponse } from '../message/message.ts'
import type { ClientFailure } from '../transaction/clientTransaction.ts'
import { ALLOW, SUPPORTED } from './capabilities.ts'
import { SDP_TYPE } from './contact.ts'
import type { SentRequest } from './largeRequest.ts'
import type { Peer } from './peer.ts'
import type { SessionTimer } from './sessionTimer.ts'

export interface TargetRefreshEvents {
  /** The final response, once. */
  answered(response: SipResponse): void
  /** No answer came, or it could not be sent. */
  failed(failure: ClientFailure): void
}

/** A re-INVITE (RFC 3261 §14.1) or UPDATE (RFC 3311 §5.1) of ours on its way, asked again where a 422 wants more time (RFC 4028 §7.3). */
export class TargetRefresh {
  readonly #peer: Peer
  readonly #timer: SessionTimer
  readonly #method: 'INVITE' | 'UPDATE'
  readonly #body: Uint8Array | null
  readonly #events: TargetRefreshEvents
  #transaction: SentRequest | null = null

  /** Sends it. `body`: our offer; null for a re-INVITE that asks for one, or an UPDATE without. */
  constructor(
    peer: Peer,
    timer: SessionTimer,
    wanted: { readonly method: 'INVITE' | 'UPDATE'; readonly body: Uint8Array | null },
    events: TargetRefreshEvents,
  ) {
    this.#peer = peer
    this.#timer = timer
    this.#method = wanted.method
    this.#body = wanted.body
    this.#events = events
    this.#send()
  }

  /** Takes a re-INVITE back that is not yet answered (RFC 3261 §9.1). */
  withdraw(): void {
    if (this.#method === 'INVITE') this.#transaction?.cancel([])
  }

  #send(): void {
    const headers: HeaderLine[] = [this.#peer.contact, ALLOW, SUPPORTED, ...this.#timer.ask]
    if (this.#body) headers.push(SDP_TYPE)
    const body = this.#body ?? undefined
    const request = this.#peer.dialog.request({ method: this.#method, headers, body })
    const user = {
      response: (response: SipResponse) => this.#response(response),
      failed: (failure: ClientFailure) => this.#events.failed(failure),
    }
    this.#peer.send(request, user, (transaction) => {
      this.#transaction = transaction
    })
  }

  #response(response: SipResponse): void {
    if (response.status < 200) return
    if (response.status === 422 && this.#timer.raise(response)) return this.#send()
    this.#events.answered(response)
  }
}
