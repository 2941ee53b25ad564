import t from 'tap'
import { IncomingInvite } from '../../../src/sip/dialog/incomingInvite.ts'
import { OutgoingInvite, type OutgoingInviteOptions, type Progress } from '../../../src/sip/dialog/outgoingInvite.ts'
import type { Session } from '../../../src/sip/dialog/session.ts'
import type { Reoffer } from '../../../src/sip/dialog/sessionUser.ts'
import { UserAgent } from '../../../src/sip/dialog/userAgent.ts'
import type { SipRequest, SipResponse } from '../../../src/sip/message/message.ts'
import { formatCauses } from '../../../src/sip/message/reason.ts'
import { parseUri } from '../../../src/sip/message/uri.ts'
import type { ServerTransaction } from '../../../src/sip/transaction/serverTransaction.ts'
import type { Flow } from '../../../src/sip/transport/flow.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'
import { seededRandom } from '../../support/virtual/random.ts'
import { type HeaderChanges, reply, request } from '../messages.ts'
import { nameOf, TestFlow } from '../testFlow.ts'

/** A user agent on virtual time, and the peer at the far end of its one flow: the test. */
export class DialogBench {
  readonly clock = new VirtualClock()
  readonly flow: TestFlow
  readonly agent: UserAgent
  /** What the users of invites and sessions heard. */
  readonly heard: string[] = []
  /** Requests outside a dialog. */
  readonly outside: ServerTransaction[] = []
  readonly reoffers: Reoffer[] = []
  /** The provisional responses to our INVITEs. */
  readonly progress: Progress[] = []
  readonly requested: ServerTransaction[] = []
  /** Where a closed flow leads anew; null: nowhere. */
  newFlow: TestFlow | null = null

  /** What becomes of a refresh that the user is asked for. */
  refreshed = 200

  constructor(protocol: 'udp' | 'tcp' = 'udp') {
    this.flow = new TestFlow(this.clock, protocol)
    this.agent = new UserAgent({
      clock: this.clock,
      random: seededRandom(1),
      outside: (transaction) => this.outside.push(transaction),
      refuseOffer: () => Buffer.from('refusal'),
      ways: {
        reopen: (request) => this.#opens(`reopen ${request.uri.text}`),
        answer: () => this.#opens('reopen for the answer'),
        stream: (request) => (this.newFlow ? this.#opens(`stream for ${request.method}`) : null),
      },
    })
  }

  async #opens(what: string): Promise<Flow> {
    this.heard.push(what)
    if (this.newFlow === null) throw new Error('refused')
    return this.newFlow
  }

  /** What was heard since the last look. */
  hears(): string[] {
    return this.heard.splice(0)
  }

  comes(message: SipRequest | SipResponse, flow: TestFlow = this.flow): void {
    this.agent.receive(message, flow)
  }

  /** Attaches a user that writes down what it hears. */
  attach(session: Session): void {
    session.attach({
      reoffered: (reoffer) => {
        this.heard.push('reoffer')
        this.reoffers.push(reoffer)
      },
      acknowledged: (ack) => this.heard.push(`ack ${Buffer.from(ack.body)}`.trim()),
      requested: (transaction) => {
        this.heard.push(`request ${transaction.request.method}`)
        this.requested.push(transaction)
      },
      refresh: async () => {
        this.heard.push('refresh')
        return this.refreshed
      },
      ended: (end) => {
        const why = end.by === 'peer' ? formatCauses(end.causes) : end.reason
        this.heard.push(`ended by ${end.by}: ${why}`)
      },
    })
  }

  /** An INVITE to us that is not yet answered. */
  rings(headers: HeaderChanges = {}): IncomingInvite {
    this.comes(request('INVITE', { branch: 'z9hG4bK-first', headers, body: 'offer' }))
    const transaction = this.outside.at(-1)
    if (!transaction) throw new Error('no INVITE came')
    const invite = new IncomingInvite(this.agent, transaction, '102')
    invite.onEnded((end) => {
      const why = end.kind === 'taken-back' ? `: ${formatCauses(end.causes)}` : ''
      this.heard.push(`${end.kind} ${end.status}${why}`)
    })
    return invite
  }

  /** A call to us that is up. */
  incoming(headers: HeaderChanges = {}): IncomingCall {
    const session = this.rings(headers).accept(Buffer.from('answer'))
    this.attach(session)
    const answer = this.flow.take().at(-1)?.message
    if (answer?.kind !== 'response' || answer.status !== 200) throw new Error('not answered')
    return new IncomingCall(this, session, answer)
  }

  /** An INVITE of ours that is not yet answered. */
  invites(how: Partial<OutgoingInviteOptions> = {}): {
    invite: OutgoingInvite
    request: SipRequest
    sessions: Session[]
  } {
    const uri = parseUri('sip:102@10.0.0.20:5060;line=1')
    if (!uri) throw new Error('no URI')
    const sessions: Session[] = []
    const from = '"Alice" <sip:101@pbx.example>'
    const to = '<sip:102@pbx.example>'
    const invite = new OutgoingInvite(
      this.agent,
      {
        flow: this.flow,
        uri,
        from,
        to,
        route: [],
        contactUser: '101',
        maxForwards: 69,
        body: Buffer.from('offer'),
        reliable: true,
        sessionTimer: true,
        headers: [],
        proof: null,
        ...how,
      },
      {
        progressed: (progress) => {
          this.heard.push(nameOf(progress.response))
          this.progress.push(progress)
        },
        reoffered: (reoffer) => {
          this.heard.push('early reoffer')
          this.reoffers.push(reoffer)
        },
        answered: (session, response) => {
          this.heard.push(nameOf(response))
          sessions.push(session)
        },
        failed: (status, response) => this.heard.push(`failed ${status}${response ? '' : ', unanswered'}`),
      },
    )
    return { invite, request: this.flow.request('INVITE'), sessions }
  }

  /** A call of ours that is up. */
  outgoing(headers: Readonly<Record<string, string>> = { Contact: '<sip:102@10.0.0.20:5060>' }): OutgoingCall {
    const { request, sessions } = this.invites()
    this.comes(reply(request, 200, { headers, body: 'answer' }))
    const [session] = sessions
    if (!session) throw new Error('not answered')
    this.attach(session)
    session.acknowledge(request.cSeq.number)
    this.flow.request('ACK')
    this.hears()
    return new OutgoingCall(this, session, request)
  }

  /** Fails if anything is left when all transactions had their time. */
  async nothingIsLeft(): Promise<void> {
    await this.clock.advance(64_000)
    t.equal(this.agent.transactions, 0, 'no transaction is left')
    t.equal(this.agent.dialogs, 0, 'no dialog is left')
    t.equal(this.flow.holds + (this.newFlow?.holds ?? 0), 0, 'nobody holds a flow')
    t.equal(this.clock.timers, 0, 'no timer is left')
  }
}

/** The peer's side of a dialog: the requests that it sends. */
abstract class PeerCall {
  readonly session: Session
  readonly #bench: DialogBench
  #cSeq = 1

  constructor(bench: DialogBench, session: Session) {
    this.#bench = bench
    this.session = session
  }

  protected abstract readonly identity: HeaderChanges

  /** A request of the peer in the dialog, its number the next one unless `cSeq` says otherwise. */
  sends(
    method: string,
    how: { cSeq?: number; headers?: HeaderChanges; body?: string; flow?: TestFlow } = {},
  ): SipRequest {
    const cSeq = how.cSeq ?? (method === 'ACK' ? this.#cSeq : ++this.#cSeq)
    const headers = { ...this.identity, CSeq: `${cSeq} ${method}`, ...how.headers }
    const sent = request(method, { headers, body: how.body ?? '' })
    this.#bench.comes(sent, how.flow)
    return sent
  }
}

class IncomingCall extends PeerCall {
  readonly answer: SipResponse
  protected readonly identity: HeaderChanges

  constructor(bench: DialogBench, session: Session, answer: SipResponse) {
    super(bench, session)
    this.answer = answer
    this.identity = { From: answer.from.text, To: answer.to.text, 'Call-ID': answer.callId }
  }
}

class OutgoingCall extends PeerCall {
  readonly invite: SipRequest
  protected readonly identity: HeaderChanges

  constructor(bench: DialogBench, session: Session, invite: SipRequest) {
    super(bench, session)
    this.invite = invite
    this.identity = { From: `${invite.to.text};tag=bob`, To: invite.from.text, 'Call-ID': invite.callId }
  }
}
