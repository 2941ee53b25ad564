import type { HeaderLine } from '../message/headers.ts'
import type { SipRequest } from '../message/message.ts'
import type { ClientMachine } from './clientMachine.ts'

export type { ClientFailure, ClientUser } from './clientMachine.ts'

/** One request of ours, as whoever sent it has it. */
export class ClientTransaction {
  readonly request: SipRequest
  readonly #machine: ClientMachine

  constructor(request: SipRequest, machine: ClientMachine) {
    this.request = request
    this.#machine = machine
  }

  /** Takes an INVITE back (RFC 3261 §9.1), with `headers`, such as Reason, in the CANCEL. Nothing once it is answered. */
  cancel(headers: readonly HeaderLine[]): void {
    this.#machine.cancel(headers)
  }
}
