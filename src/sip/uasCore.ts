import { plainAddress } from '../platform/address.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import type { Authenticator } from './auth/authenticator.ts'
import { ALL_SUPPORTED, ALLOW, ALLOWED_METHODS, KNOWN_METHODS, unsupported } from './dialog/capabilities.ts'
import { parseParameterized } from './message/fields.ts'
import type { HeaderLine, Headers } from './message/headers.ts'
import type { SipRequest } from './message/message.ts'
import { type Uri, unescapeUser } from './message/uri.ts'
import { OngoingRequests } from './ongoingRequests.ts'
import type { ServerTransaction } from './transaction/serverTransaction.ts'

/** Who answers the requests that have passed every check. `user` is proven. */
export interface RequestHandlers {
  register(transaction: ServerTransaction, user: string): void
  invite(transaction: ServerTransaction, user: string): void
}

export interface UasCoreOptions {
  readonly clock: Clock
  readonly log: Log
  readonly authenticator: Authenticator
  readonly handlers: RequestHandlers
  /**
   * What to do with an INVITE that the provider of a trunk brings, whose address proves it; null: it is of somebody else. The
   * provider may call us by any host.
   */
  readonly ofTrunk: (transaction: ServerTransaction) => (() => void) | null
  /** Whether this host (lower case, no brackets, an address as the system writes it) is us. */
  readonly isOurs: (host: string) => boolean
}

type Reply = readonly [status: number, headers: readonly HeaderLine[], reason?: string]

/** Foreign hosts that are told of in the log, at most. */
const MOST_NOTED = 100

/**
 * The UAS core for requests outside a dialog: RFC 3261 §8.2, but for the proof of identity, which comes last: it costs
 * two hashes and a look into the database.
 */
export class UasCore {
  readonly #options: UasCoreOptions
  readonly #foreign = new Set<string>()
  readonly #ongoing: OngoingRequests

  constructor(options: UasCoreOptions) {
    this.#options = options
    this.#ongoing = new OngoingRequests(options.clock)
  }

  receive(transaction: ServerTransaction): void {
    const { request } = transaction
    const take = request.method === 'INVITE' ? this.#options.ofTrunk(transaction) : null
    const target = take === null ? this.#inspectTarget(request) : null
    const refusal = inspectMethod(request) ?? target ?? inspectHeaders(request)
    if (refusal) return respond(transaction, refusal)
    if (take) return this.#takeOnce(transaction, take)
    switch (request.method) {
      // Neither costs us anything nor says who our users are, and both are what phones keep their NAT open with.
      case 'OPTIONS':
        return respond(transaction, [200, [ALLOW, ALL_SUPPORTED, ['Accept', 'application/sdp']]])
      case 'NOTIFY':
        return respond(transaction, notify(request))
      default:
        return this.#authenticate(transaction)
    }
  }

  // §8.2.2.1: we answer for ourselves, and never pass a request on to another host.
  #inspectTarget(request: SipRequest): Reply | null {
    const { uri } = request
    if (uri.kind === 'other') return [416, []]
    if (uri.kind === 'tel' || this.#isOurs(uri.host)) return null
    this.#noteForeign(uri.host)
    return [404, [], 'Not Our Domain']
  }

  // Once for each: most are scanners, but one may be the name by which the admin told a phone to call us.
  #noteForeign(host: string): void {
    if (this.#foreign.has(host) || this.#foreign.size >= MOST_NOTED) return
    this.#foreign.add(host)
    this.#options.log.warn({ host }, 'a phone calls us by a name that is not ours; if it is, add it to `domains`')
  }

  #isOurs(host: string): boolean {
    return this.#options.isOurs(plainAddress(host))
  }

  // §8.2.2.2
  #takeOnce(transaction: ServerTransaction, take: () => void): void {
    const { request } = transaction
    if (this.#ongoing.has(request)) return transaction.respondStatelessly(482)
    this.#ongoing.add(request)
    take()
  }

  #authenticate(transaction: ServerTransaction): void {
    const { request, flow } = transaction
    // §8.2.2.2. Before the proof: its nonce was used up by the one that came first.
    if (this.#ongoing.has(request)) return transaction.respondStatelessly(482)
    const claimed = claimedUser(request)
    const { method, headers } = request
    const claim = { method, authorization: headers.all('authorization'), uri: null }
    const verdict = this.#options.authenticator.judge(claim, flow.remote.address, claimed ?? '')
    if (verdict.kind === 'known') {
      this.#ongoing.add(request)
      if (claimed === verdict.user) return this.#dispatch(transaction, verdict.user)
      // A user speaks for itself alone.
      return transaction.respond(403, { reason: 'From Is Not Yours' })
    }
    if (verdict.failed) {
      const { address } = flow.remote
      this.#options.log.warn({ address, claimed, method: request.method }, 'wrong password or unknown user')
    }
    const challenge = (): void => transaction.respondStatelessly(401, { headers: verdict.headers })
    if (verdict.delay > 0) this.#options.clock.after(verdict.delay, challenge)
    else challenge()
  }

  #dispatch(transaction: ServerTransaction, user: string): void {
    const { handlers } = this.#options
    const { method, to } = transaction.request
    switch (method) {
      case 'REGISTER':
        // §10.3 step 5: an address of record has a host of ours.
        if (to.uri.kind === 'sip' && this.#isOurs(to.uri.host)) return handlers.register(transaction, user)
        return transaction.respond(404, { reason: 'Not Our Domain' })
      case 'INVITE':
        return handlers.invite(transaction, user)
      case 'SUBSCRIBE':
        // RFC 6665 §4.2.1.1: no event package of ours yet.
        return transaction.respond(489, { headers: [['Allow-Events', 'keep-alive']] })
      case 'MESSAGE':
        // Text goes with a call, not without one.
        return transaction.respond(403, { reason: 'Only Within a Call' })
      default:
        // BYE, INFO and the like belong to a dialog, and there is none.
        return transaction.respond(481)
    }
  }
}

// Who sends these has proven nothing yet, not even its address, and an INVITE's refusal would be repeated ten times.
function respond(transaction: ServerTransaction, [status, headers, reason]: Reply): void {
  transaction.respondStatelessly(status, { headers, reason })
}

// §8.2.1, §21.5.2
function inspectMethod({ method }: SipRequest): Reply | null {
  if (ALLOWED_METHODS.some((allowed) => allowed === method)) return null
  return [KNOWN_METHODS.includes(method) ? 405 : 501, [ALLOW]]
}

function inspectHeaders(request: SipRequest): Reply | null {
  // §8.2.2.3
  const missing = unsupported(request)
  if (missing.length > 0) return [420, [['Unsupported', missing.join(', ')]]]
  const encoding = request.headers.first('content-encoding')
  // §8.2.3
  if (request.body.length > 0 && encoding !== null && encoding.toLowerCase() !== 'identity') {
    return [415, [['Accept-Encoding', 'identity']]]
  }
  // §10.3 step 5; RFC 4475 §3.3.4
  if (request.method === 'REGISTER' && request.to.uri.kind !== 'sip') return [400, [], 'To Is No SIP Address']
  if (request.method === 'INVITE' && !acceptsSdp(request.headers)) return [406, []]
  return null
}

// §20.1: without Accept, SDP is welcome; without a value, nothing is. Whoever refuses SDP cannot be answered.
function acceptsSdp(headers: Headers): boolean {
  if (!headers.has('accept')) return true
  return headers.list('accept').some((range) => {
    const type = parseParameterized(range)?.value.toLowerCase()
    return type === 'application/sdp' || type === 'application/*' || type === '*/*'
  })
}

// What phones send to keep their NAT open; any other NOTIFY belongs to a subscription (RFC 6665 §4.1.3).
function notify(request: SipRequest): Reply {
  const event = parseParameterized(request.headers.first('event') ?? '')
  return event?.value.toLowerCase() === 'keep-alive' ? [200, []] : [481, []]
}

/** The user that From claims; a REGISTER speaks for its To (RFC 3261 §10.2). null: From is no SIP address. */
function claimedUser(request: SipRequest): string | null {
  return userOf((request.method === 'REGISTER' ? request.to : request.from).uri)
}

/** The user part of a SIP URI, unescaped; null if it has none. */
export function userOf(uri: Uri): string | null {
  if (uri.kind !== 'sip' || uri.user === null) return null
  return unescapeUser(uri.user)
}
