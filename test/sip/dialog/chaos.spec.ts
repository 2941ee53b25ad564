import fc from 'fast-check'
import t from 'tap'
import { IncomingInvite } from '../../../src/sip/dialog/incomingInvite.ts'
import { OutgoingInvite, type Progress } from '../../../src/sip/dialog/outgoingInvite.ts'
import type { Session } from '../../../src/sip/dialog/session.ts'
import type { SipRequest, SipResponse } from '../../../src/sip/message/message.ts'
import { parseUri } from '../../../src/sip/message/uri.ts'
import { reply, request } from '../messages.ts'
import { TestFlow } from '../testFlow.ts'
import { DialogBench } from './bench.ts'

const ACTS = [
  ...(['invite', 'cancel', 'progress', 'describe', 'accept', 'reject'] as const),
  ...(['acknowledge', 'reoffer', 'update', 'ask', 'bye', 'answer', 'refuse', 'prack'] as const),
]

/** What a request may carry: an offer or none, and what it supports. */
const EXTENSIONS = {
  none: {},
  reliable: { Supported: '100rel', Allow: 'UPDATE' },
  timer: { Supported: 'timer', 'Session-Expires': '90;refresher=uas' },
} as const

/** One thing that happens. Where there is nothing for it to happen to, nothing does. */
type Happening =
  | {
      kind: 'request'
      method: string
      branch: number
      cSeq: number
      tag: 'none' | 'ours' | 'junk'
      callId: string
      extension: keyof typeof EXTENSIONS
    }
  | { kind: 'reply'; which: number; status: number; tag: string; rSeq: number | null }
  | { kind: 'time'; ms: number }
  | { kind: 'flow'; state: 'open' | 'closed' | 'refusing' }
  | { kind: 'ours'; act: (typeof ACTS)[number]; which: number }

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    kind: fc.constant<'request'>('request'),
    method: fc.constantFrom('INVITE', 'ACK', 'BYE', 'CANCEL', 'INFO', 'OPTIONS', 'UPDATE', 'PRACK'),
    branch: fc.nat(5),
    cSeq: fc.integer({ min: 1, max: 6 }),
    tag: fc.constantFrom<'none' | 'ours' | 'junk'>('none', 'ours', 'ours', 'ours', 'junk'),
    callId: fc.constantFrom('one', 'two'),
    extension: fc.constantFrom<keyof typeof EXTENSIONS>('none', 'reliable', 'timer'),
  }),
  fc.record({
    kind: fc.constant<'reply'>('reply'),
    which: fc.nat(4),
    status: fc.constantFrom(100, 180, 183, 200, 200, 408, 422, 481, 486, 491, 503),
    tag: fc.constantFrom('bob', 'bob', 'fork'),
    rSeq: fc.constantFrom(null, 1, 2),
  }),
  fc.record({ kind: fc.constant<'time'>('time'), ms: fc.constantFrom(0, 100, 700, 5_000, 33_000, 100_000) }),
  fc.record({
    kind: fc.constant<'flow'>('flow'),
    state: fc.constantFrom<'open' | 'closed' | 'refusing'>('open', 'open', 'closed', 'refusing'),
  }),
  fc.record({ kind: fc.constant<'ours'>('ours'), act: fc.constantFrom(...ACTS), which: fc.nat(4) }),
)

/** The two ends of a flow at which anything may happen at any time. */
class Chaos {
  readonly bench: DialogBench
  readonly #anew: TestFlow
  readonly #ringing: IncomingInvite[] = []
  readonly #inviting: OutgoingInvite[] = []
  readonly #sessions: { readonly session: Session; readonly cSeq: number }[] = []

  constructor(protocol: 'udp' | 'tcp') {
    this.bench = new DialogBench(protocol)
    this.#anew = new TestFlow(this.bench.clock, protocol)
    this.bench.newFlow = this.#anew
  }

  async happens(what: Happening): Promise<void> {
    const { flow, clock } = this.bench
    switch (what.kind) {
      case 'request':
        return this.#comes(what)
      case 'reply':
        return this.#replies(what)
      case 'time':
        return clock.advance(what.ms)
      case 'flow':
        flow.open = what.state !== 'closed'
        flow.refuses = what.state === 'refusing'
        return
      case 'ours':
        this.#act(what.act, what.which)
        return
      default:
        what satisfies never
    }
  }

  /** We let go of all that we have, and the peer says nothing more. */
  async ends(): Promise<void> {
    const { bench } = this
    bench.flow.open = true
    bench.flow.refuses = false
    for (const invite of this.#ringing) invite.reject(480)
    for (const invite of this.#inviting) invite.cancel(null)
    for (const { session } of this.#sessions) session.bye()
    for (const transaction of [...bench.outside, ...bench.requested]) transaction.respond(480)
    // 64·T1 for the ACK that does not come, as long for the BYE behind it, and as long again for its repeats.
    await bench.clock.advance(100_000)
  }

  /** What is left that should not be. */
  left(): Record<string, number> {
    const { agent, clock, flow } = this.bench
    const holds = flow.holds + this.#anew.holds
    const left = { transactions: agent.transactions, dialogs: agent.dialogs, timers: clock.timers, holds }
    return Object.fromEntries(Object.entries(left).filter(([, count]) => count !== 0))
  }

  #comes({ method, branch, cSeq, tag, callId, extension }: Extract<Happening, { kind: 'request' }>): void {
    const { bench } = this
    const known = bench.outside.length
    const tags = { none: '', junk: ';tag=junk', ours: `;tag=${this.#tagFor(callId)}` }
    const headers = {
      ...{ To: `<sip:102@10.0.0.1>${tags[tag]}`, 'Call-ID': callId, CSeq: `${cSeq} ${method}` },
      ...EXTENSIONS[extension],
      ...(method === 'PRACK' && { RAck: this.#rAck(callId) }),
    }
    const body = extension === 'none' ? '' : 'offer'
    bench.comes(request(method, { branch: `z9hG4bK-chaos-${branch}`, headers, body }))
    const arrived = bench.outside.length > known ? bench.outside.at(-1) : undefined
    if (arrived?.request.method === 'INVITE') this.#ringing.push(new IncomingInvite(bench.agent, arrived, '102'))
  }

  #tagFor(callId: string): string {
    return this.#sent().findLast((sent) => sent.kind === 'response' && sent.callId === callId)?.to.tag ?? 'none-yet'
  }

  #rAck(callId: string): string {
    const reliable = this.#sent().findLast((sent) => sent.callId === callId && sent.headers.has('rseq'))
    return `${reliable?.headers.first('rseq') ?? 1} ${reliable?.cSeq.number ?? 1} INVITE`
  }

  #replies({ which, status, tag, rSeq }: Extract<Happening, { kind: 'reply' }>): void {
    const asked = this.#sent().filter((sent) => sent.kind === 'request' && sent.method !== 'ACK')
    const request = asked.at(-1 - which)
    const headers: Record<string, string> = { 'Session-Expires': '90;refresher=uac', 'Min-SE': '5000', Allow: 'UPDATE' }
    if (rSeq !== null && status < 200) Object.assign(headers, { Require: '100rel', RSeq: String(rSeq) })
    const body = status === 183 || status === 200 ? 'answer' : ''
    if (request?.kind === 'request') this.bench.comes(reply(request, status, { tag, headers, body }))
  }

  #act(act: (typeof ACTS)[number], which: number): unknown {
    const { reoffers } = this.bench
    const at = -1 - which
    const ringing = this.#ringing.at(at)
    const known = this.#sessions.at(at)
    switch (act) {
      case 'invite':
        return this.#inviting.push(this.#invite())
      case 'cancel':
        return this.#inviting.at(at)?.cancel(null)
      case 'progress':
        return ringing?.progress(180)
      case 'describe':
        return ringing?.progress(183, Buffer.from('answer'))
      case 'accept':
        return ringing && !ringing.transaction.answered && this.#adopt(ringing.accept(Buffer.from('answer')), 0)
      case 'reject':
        return ringing?.reject(486)
      case 'acknowledge':
        return known && known.cSeq > 0 && known.session.acknowledge(known.cSeq)
      case 'reoffer':
        return known?.session.reoffer(Buffer.from('offer')).then((outcome) => {
          if (outcome.kind === 'accepted') outcome.acknowledge()
        })
      case 'update':
        return known?.session.reoffer(Buffer.from('offer'), 'UPDATE')
      case 'prack':
        return this.bench.progress.at(at)?.acknowledge?.(Buffer.from('answer'))
      case 'ask':
        return known?.session.ask({ method: 'OPTIONS' })
      case 'bye':
        return known?.session.bye()
      case 'answer':
        return reoffers.at(at)?.accept(Buffer.from('answer'))
      case 'refuse':
        return reoffers.at(at)?.reject(488)
      default:
        return act satisfies never
    }
  }

  #invite(): OutgoingInvite {
    const uri = parseUri('sip:102@10.0.0.20')
    if (!uri) throw new Error('no URI')
    const { agent, flow } = this.bench
    const from = '<sip:101@10.0.0.1>'
    const how = {
      flow,
      uri,
      from,
      to: '<sip:102@10.0.0.1>',
      route: [],
      contactUser: null,
      maxForwards: 70,
      body: this.#inviting.length % 2 === 0 ? null : Buffer.from('offer'),
      reliable: true,
      sessionTimer: true,
      headers: [],
      proof: null,
    }
    const answered = (session: Session, { cSeq }: SipResponse): void => this.#adopt(session, cSeq.number)
    const progressed = (progress: Progress): unknown => this.bench.progress.push(progress)
    return new OutgoingInvite(agent, how, { progressed, reoffered() {}, answered, failed() {} })
  }

  #adopt(session: Session, cSeq: number): void {
    this.bench.attach(session)
    this.#sessions.push({ session, cSeq })
  }

  #sent(): (SipRequest | SipResponse)[] {
    return [...this.bench.flow.all, ...this.#anew.all].sort((a, b) => a.at - b.at).map(({ message }) => message)
  }
}

t.test('whatever happens, in whatever order: nothing throws, and in the end nothing is left', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<'udp' | 'tcp'>('udp', 'tcp'),
      fc.array(happening, { minLength: 5, maxLength: 60, size: 'max' }),
      async (protocol, happenings) => {
        const chaos = new Chaos(protocol)
        for (const what of happenings) await chaos.happens(what)
        await chaos.ends()
        const left = chaos.left()
        if (Object.keys(left).length > 0) throw new Error(`left: ${JSON.stringify(left)}`)
      },
    ),
    { numRuns: 300 },
  )
  t.pass()
})
