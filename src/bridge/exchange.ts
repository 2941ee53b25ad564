import type { RouteDecision } from '../dialplan/route.ts'
import { IncomingInvite, type InviteEnd } from '../sip/dialog/incomingInvite.ts'
import { answerTerms } from '../sip/dialog/sessionTerms.ts'
import type { HeaderLine } from '../sip/message/headers.ts'
import type { Uri } from '../sip/message/uri.ts'
import type { ServerTransaction } from '../sip/transaction/serverTransaction.ts'
import { AppCall } from './appCall.ts'
import type { Bridge, Device } from './bridge.ts'
import type { Call, Ending } from './call.ts'
import type { Outcome } from './callRecord.ts'
import { refusalReason } from './causes.ts'
import { dialledNumber } from './dialled.ts'
import { guarded } from './guarded.ts'
import { noteRoute } from './noteRoute.ts'
import { ring } from './ring.ts'

/** An app: an async function over a call. */
export type App = (call: AppCall) => Promise<void>

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
    const { request } = transaction
    const gruu = this.#bridge.gruu(request.uri)
    if (gruu === 'unknown') return transaction.respond(404)
    const dialled = gruu?.user ?? dialledNumber(request.uri)
    if (dialled === null) return transaction.respond(484)
    // RFC 3261 §16.3 step 3: we are about to pass it on.
    if (request.maxForwards === 0) return transaction.respond(483)
    // RFC 4028 §6: a session so short would be nothing but refreshes.
    const terms = answerTerms(request)
    if (terms.kind === 'too-small') return transaction.respond(422, { headers: terms.headers })
    const call = this.#bridge.calls.begin({ from: user, fromName: this.#bridge.displayName(user), dialled })
    const invite = new IncomingInvite(this.#bridge.agent, transaction, contactUser(request.uri))
    invite.onEnded((end) => this.#end(call, unanswered(user, end)))
    call.onEnded((ending) => refuse(invite, ending))
    // It leads to one phone, whatever the plan has in mind for its user.
    if (gruu) return guarded(this.#bridge, call, this.#ring(gruu.devices, call, invite))
    const decision = this.#bridge.route({ from: user, dialled })
    noteRoute(call, user, dialled, decision)
    guarded(this.#bridge, call, this.#carryOut(decision, call, invite))
  }

  async #carryOut(decision: RouteDecision, call: Call, invite: IncomingInvite): Promise<void> {
    switch (decision.action) {
      case 'reject':
        return this.#fail(call, 'not-found', decision.status, decision.reason)
      case 'run':
        return this.#run(decision.app, call, invite)
      case 'ring': {
        const devices = decision.targets.flatMap(({ user }) => this.#bridge.devices(user))
        return this.#ring(devices, call, invite)
      }
      default:
        decision satisfies never
    }
  }

  async #ring(devices: readonly Device[], call: Call, invite: IncomingInvite): Promise<void> {
    if (devices.length > 0) return ring(this.#bridge, call, invite, devices)
    this.#fail(call, 'offline', 480, `no phone of ${call.dialled} is registered`)
  }

  async #run(name: string, call: Call, invite: IncomingInvite): Promise<void> {
    const app = this.#apps.get(name)
    if (!app) return this.#fail(call, 'not-found', 404, `there is no app ${name}`)
    const appCall = await AppCall.open(this.#bridge, call, invite, name)
    if (appCall) await app(appCall)
  }

  #fail(call: Call, outcome: Outcome, status: number, reason: string): void {
    this.#end(call, { by: 'server', outcome, status, reason })
  }

  #end(call: Call, ending: Ending): void {
    this.#bridge.calls.end(call, ending)
  }
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

function contactUser(uri: Uri): string | null {
  return uri.kind === 'sip' ? uri.user : null
}
