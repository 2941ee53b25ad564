import { createRequest } from '../../../src/sip/message/create.ts'
import { type HeaderLine, Headers } from '../../../src/sip/message/headers.ts'
import type { SipRequest } from '../../../src/sip/message/message.ts'
import { parseUri } from '../../../src/sip/message/uri.ts'
import type { ClientUser } from '../../../src/sip/transaction/clientTransaction.ts'
import { TransactionLayer } from '../../../src/sip/transaction/layer.ts'
import type { ServerTransaction } from '../../../src/sip/transaction/serverTransaction.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'
import { seededRandom } from '../../support/virtual/random.ts'
import { nameOf, TestFlow } from '../testFlow.ts'

/** A transaction layer on virtual time, one flow, and a transaction user that writes down what it hears. */
export class LayerBench {
  readonly clock = new VirtualClock()
  readonly flow: TestFlow
  readonly layer: TransactionLayer
  /** What the user heard: `180 INVITE`, `failed: timeout`, `request BYE`, `ack`, `again 200 INVITE`. */
  readonly heard: string[] = []
  /** Server transactions, in the order of their requests. */
  readonly arrived: ServerTransaction[] = []

  /** Where a closed flow leads anew; null: nowhere. */
  newFlow: TestFlow | null = null

  constructor(protocol: 'udp' | 'tcp' = 'udp') {
    this.flow = new TestFlow(this.clock, protocol)
    this.layer = new TransactionLayer(this.clock, seededRandom(1), {
      request: (transaction) => {
        this.heard.push(`request ${transaction.request.method}`)
        this.arrived.push(transaction)
      },
      ack: () => this.heard.push('ack'),
      answeredAgain: (response, _flow, another) =>
        this.heard.push(`${another ? 'another' : 'again'} ${nameOf(response)}`),
      reopen: async (_old, port) => {
        this.heard.push(`reopen to port ${port}`)
        if (this.newFlow === null) throw new Error('refused')
        return this.newFlow
      },
    })
  }

  get client(): ClientUser {
    return {
      response: (response) => this.heard.push(nameOf(response)),
      failed: (failure) => this.heard.push(`failed: ${failure}`),
    }
  }

  /** The request that arrived last. */
  get server(): ServerTransaction {
    const last = this.arrived.at(-1)
    if (!last) throw new Error('no request arrived')
    return last
  }

  /** Sends a request of ours and gives the transaction. */
  send(method: string, headers: readonly HeaderLine[] = []) {
    return this.layer.request(outgoing(method, headers), this.flow, this.client)
  }

  /** What the user heard since the last look. */
  hears(): string[] {
    return this.heard.splice(0)
  }

  /** When what was sent since the last look left, ms, as in `500 INVITE`. */
  timeline(): string[] {
    return this.flow.take().map(({ at, message }) => `${at} ${nameOf(message)}`)
  }
}

/** A request of ours, as whoever sends one makes it: without Via. */
export function outgoing(method: string, more: readonly HeaderLine[] = []): SipRequest {
  const uri = parseUri('sip:102@10.0.0.20')
  if (!uri) throw new Error('no URI')
  const headers = Headers.of([
    ['Max-Forwards', '70'],
    ['From', '<sip:101@10.0.0.1>;tag=ours'],
    ['To', '<sip:102@10.0.0.1>'],
    ['Call-ID', 'call-of-ours'],
    ['CSeq', `7 ${method}`],
    ...more,
  ])
  return createRequest({ method, uri, headers })
}
