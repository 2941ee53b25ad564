import type { Caller } from '../dialplan/decision.ts'
import { IncomingInvite, type InviteEnd } from '../sip/dialog/incomingInvite.ts'
import { answerTerms } from '../sip/dialog/sessionTerms.ts'
import { tokens } from '../sip/message/fields.ts'
import type { HeaderLine } from '../sip/message/headers.ts'
import type { SipRequest } from '../sip/message/message.ts'
import type { Uri } from '../sip/message/uri.ts'
import type { ServerTransaction } from '../sip/transaction/serverTransaction.ts'
import { AppCall } from './appCall.ts'
import type { Bridge, Device } from './bridge.ts'
import type { Call, Ending } from './call.ts'
import { refusalReason } from './causes.ts'
import { dialledNumber } from './dialled.ts'
import { guarded } from './guarded.ts'
import { Hunt, noPhone } from './hunt.ts'
import { queryFor } from './query.ts'
import { ring, type WhatNext } from './ring.ts'

/** An app: an async function over a call. */
export type App = (call: AppCall) => Promise<void>

/** A call that comes in, and who is proven to make it. */
export interface Arrival {
  readonly transaction: ServerTransaction
  readonly caller: Caller
  /** Who calls, as people know it. */
  readonly from: string
  /** UTF-8; null: it has none. */
  readonly fromName: string | null
  /** Unescaped. */
  readonly dialled: string
  /** The caller does not want its number shown (RFC 3323). */
  readonly withheld: boolean
  /** What it uses while it is up, as UsageMeter's subjects: of a call from outside its trunk and number. */
  readonly uses: readonly string[]
}

/** Takes every call that comes in, asks the dial plan, and sets to work whoever the plan names. */
export class Exchange {
  readonly #bridge: Bridge
  readonly #apps: ReadonlyMap<string, App>

  /** `apps`: by the names that the plan calls them. */
  constructor(bridge: Bridge, apps: ReadonlyMap<string, App>) {
    this.#bridge = bridge
    this.#apps = apps
  }

  /** An INVITE outside a dialog, proven to come from `user`. */
  invite(transaction: ServerTransaction, user: string): void {
    const { uri } = transaction.request
    const gruu = this.#bridge.gruu(uri)
    if (gruu === 'unknown') return transaction.respond(404)
    const dialled = gruu?.user ?? dialledNumber(uri)
    if (dialled === null) return transaction.respond(484)
    const caller = { kind: 'user', user } as const
    const fromName = this.#bridge.displayName(user)
    const withheld = isWithheld(transaction.request)
    this.arrive({ transaction, caller, from: user, fromName, dialled, withheld, uses: [] }, gruu?.devices ?? null)
  }

  /** A call of somebody who is known. `devices`: where it goes without the dial plan being asked. */
  arrive(arrival: Arrival, devices: readonly Device[] | null = null): void {
    const { transaction, caller, from, fromName, dialled, withheld, uses } = arrival
    const { request } = transaction
    // RFC 3261 §16.3 step 3: we are about to pass it on.
    if (request.maxForwards === 0) return transaction.respond(483)
    // RFC 4028 §6: a session so short would be nothing but refreshes.
    const terms = answerTerms(request)
    if (terms.kind === 'too-small') return transaction.respond(422, { headers: terms.headers })
    const by = caller.kind === 'user' ? caller.user : `trunk:${caller.trunk}`
    const call = this.#bridge.calls.begin({ by, from, fromName, dialled, withheld })
    const invite = new IncomingInvite(this.#bridge.agent, transaction, contactUser(request.uri))
    invite.onEnded((end) => this.#bridge.calls.end(call, unanswered(from, end)))
    call.onEnded((ending) => refuse(invite, ending))
    call.onAnswered(() => call.onEnded(this.#bridge.usage.talk(talkers(call))))
    // It leads to one phone, whatever the plan has in mind for its user.
    if (devices) return guarded(this.#bridge, call, this.#straightTo(devices, call, invite))
    const hunt = new Hunt(this.#bridge, call, queryFor(this.#bridge, caller, dialled))
    // Once it was decided where it goes: it is none of the calls that are up before it.
    if (uses.length > 0) call.onEnded(this.#bridge.usage.take(call, uses, false))
    guarded(this.#bridge, call, this.#follow(hunt, call, invite))
  }

  async #straightTo(devices: readonly Device[], call: Call, invite: IncomingInvite): Promise<void> {
    if (devices.length === 0) return this.#bridge.calls.end(call, noPhone(call.dialled))
    const turn = { kind: 'ring', devices, timeout: this.#bridge.noAnswerAfter } as const
    const left = await ring(this.#bridge, call, invite, turn, (_, ending) => ({ kind: 'end', ending }))
    if (left?.turn.kind === 'end') this.#bridge.calls.end(call, left.turn.ending)
  }

  async #follow(hunt: Hunt, call: Call, invite: IncomingInvite): Promise<void> {
    const first = hunt.first()
    if (first.kind === 'end') return this.#bridge.calls.end(call, first.ending)
    if (first.kind === 'run')
      return this.#run(first.app, call, await AppCall.open(this.#bridge, call, invite, first.app))
    const next: WhatNext = ({ cause }, ending) => hunt.next(cause, ending)
    const left = await ring(this.#bridge, call, invite, first, next)
    if (left === null) return
    const { turn, caller } = left
    if (turn.kind === 'end') return this.#bridge.calls.end(call, turn.ending)
    const { leg, early } = caller
    return this.#run(
      turn.app,
      call,
      AppCall.takeOver(this.#bridge, call, { invite, leg, early: early.answer }, turn.app),
    )
  }

  // null: the call ended before it began.
  async #run(name: string, call: Call, appCall: AppCall | null): Promise<void> {
    const app = this.#apps.get(name)
    const reason = `there is no app ${name}`
    if (!app) return this.#bridge.calls.end(call, { by: 'server', outcome: 'not-found', status: 404, reason })
    if (appCall) await app(appCall)
  }
}

function talkers({ legs }: Call): readonly string[] {
  return legs.filter(({ role, session }) => role === 'caller' || session !== null).map(({ user }) => user)
}

// How a call ends that the caller took back, or was lost with.
function unanswered(caller: string, end: InviteEnd): Ending {
  const { status } = end
  switch (end.kind) {
    case 'taken-back':
      return { by: 'caller', outcome: 'cancelled', status, reason: `${caller} gave up`, causes: end.causes }
    case 'unacknowledged': {
      const reason = `${caller} never acknowledged a provisional response (no PRACK came)`
      return { by: 'server', outcome: 'failed', status, reason }
    }
    case 'unreachable':
      return { by: 'caller', outcome: 'failed', status, reason: `${caller} could not be reached any more` }
    default:
      return end satisfies never
  }
}

// The caller of a call that ends before it was answered gets the status as its answer.
function refuse(invite: IncomingInvite, ending: Ending): void {
  if (invite.transaction.answered) return
  const headers: HeaderLine[] = [...(ending.headers ?? [])]
  if (ending.status === 415 && ending.by === 'server') headers.push(['Accept', 'application/sdp'])
  const reason = refusalReason(ending)
  if (reason !== null) headers.push(['Reason', reason])
  invite.reject(ending.status < 300 ? 480 : ending.status, headers)
}

// RFC 3323 §4.2: any wish for privacy that concerns who calls.
function isWithheld({ headers, from }: SipRequest): boolean {
  if (from.uri.kind === 'sip' && from.uri.host === 'anonymous.invalid') return true
  return tokens(headers, 'privacy').some((value) => /\b(id|user|header|full)\b/i.test(value))
}

function contactUser(uri: Uri): string | null {
  return uri.kind === 'sip' ? uri.user : null
}
