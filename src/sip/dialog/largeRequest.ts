import { createRequest } from '../message/create.ts'
import { contacts } from '../message/fields.ts'
import type { HeaderLine } from '../message/headers.ts'
import type { SipRequest } from '../message/message.ts'
import { messageOctets } from '../message/write.ts'
import type { ClientFailure, ClientTransaction, ClientUser } from '../transaction/clientTransaction.ts'
import type { Flow } from '../transport/flow.ts'
import { contactFor } from './contact.ts'

/** What is within 200 octets of the MTU of an unknown path, RFC 3261 §18.1.1. */
const MOST_IN_DATAGRAM = 1300
/** Room for the Via that is yet to come. */
const VIA_OCTETS = 100

/** A request that was sent, or is about to be. */
export interface SentRequest {
  readonly request: SipRequest
  /** Takes an INVITE back; see `ClientTransaction`. */
  cancel(headers: readonly HeaderLine[]): void
}

/** Whether `request`, without its Via, is too large for one datagram. */
export function isLarge(request: SipRequest): boolean {
  return messageOctets(request) + VIA_OCTETS > MOST_IN_DATAGRAM
}

/**
 * A request that is too large for a datagram: it goes over a stream, and only if there is none over the datagram flow
 * after all (RFC 3261 §18.1.1). Via and Contact say what is used.
 */
export class LargeRequest implements SentRequest {
  readonly #request: SipRequest
  readonly #user: ClientUser
  readonly #send: (request: SipRequest, flow: Flow, user: ClientUser) => ClientTransaction
  #sent: ClientTransaction | null = null
  #taken: readonly HeaderLine[] | null = null

  constructor(
    request: SipRequest,
    ways: { readonly datagrams: Flow; readonly stream: Promise<Flow> },
    user: ClientUser,
    send: (request: SipRequest, flow: Flow, user: ClientUser) => ClientTransaction,
  ) {
    this.#request = request
    this.#user = user
    this.#send = send
    ways.stream.then(
      (stream) => this.#overStream(stream, ways.datagrams),
      () => this.#over(ways.datagrams, user),
    )
  }

  get request(): SipRequest {
    return this.#sent?.request ?? this.#request
  }

  cancel(headers: readonly HeaderLine[]): void {
    this.#taken = headers
    this.#sent?.cancel(headers)
  }

  #overStream(stream: Flow, datagrams: Flow): void {
    let state: 'silent' | 'heard' | 'given up' = 'silent'
    const giveUp = (): void => {
      if (state !== 'silent') return
      state = 'given up'
      unwatch()
      this.#over(datagrams, this.#user)
    }
    const unwatch = stream.onClosed(giveUp)
    this.#over(stream, {
      response: (response) => {
        if (state === 'given up') return
        state = 'heard'
        unwatch()
        this.#user.response(response)
      },
      failed: (failure: ClientFailure) => {
        if (failure === 'transport') giveUp()
        unwatch()
        if (state !== 'given up') this.#user.failed(failure)
      },
    })
  }

  // Each try is a transaction of its own, with a Via of its own.
  #over(flow: Flow, user: ClientUser): void {
    const { method, uri, body } = this.#request
    const headers = this.#request.headers.clone()
    const [contact] = contacts(headers)
    if (typeof contact === 'object') {
      headers.set(...contactFor(flow, contact.uri.kind === 'sip' ? contact.uri.user : null))
    }
    this.#sent = this.#send(createRequest({ method, uri, headers, body }), flow, user)
    if (this.#taken) this.#sent.cancel(this.#taken)
  }
}
