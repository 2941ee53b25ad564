import type { Clock, Millis, Timer } from '../../platform/clock.ts'
import type { Endpoint, UdpSocket } from '../../platform/network.ts'
import { hexToken, type Random } from '../../platform/random.ts'
import { isSame as isSameEndpoint } from '../../rtp/source.ts'
import { type Candidate, type IceParameters, type RemoteIce, reflexivePriority } from './candidate.ts'
import { Checks } from './checks.ts'
import { isBetter, leadsTo, type Pair, Pairs } from './pair.ts'
import {
  type IceRole,
  isAuthentic,
  readStun,
  type StunMessage,
  writeCheck,
  writeError,
  writeSuccess,
} from './stunMessage.ts'

/** The pace of checks, ms (RFC 8445 §14.2). */
const PACE = 20
/** How long a better pair may still be waited for before we choose one, ms. */
const PATIENCE = 100
/** A check of the chosen pair this often, ms, from four fifths of it to six (RFC 7675 §5.1). */
const CONSENT_EVERY = 5000
/** Without an answer for so long, nothing may be sent any more, ms (RFC 7675 §5.1). */
const CONSENT_LASTS = 30_000
/** Checks that may come before the peer's description does. */
const MOST_EARLY = 16
/** How often one pair's checks may be refused for our role: once is honest, twice where both change theirs at a time. */
const MOST_CONFLICTS = 4

export interface IceEvents {
  /** There is a pair to send by; once in each agent's life. */
  connected(): void
  /** What the pair chosen leads to; again whenever another is chosen. */
  selected(remote: Endpoint, local: Endpoint): void
  /** Nobody has consented to be sent to for 30 s. A restart may mend it. */
  lost(): void
}

export interface IceAgentOptions {
  readonly clock: Clock
  readonly random: Random
  /** Our candidates' sockets, the preferred first. */
  readonly bases: readonly UdpSocket[]
  readonly local: IceParameters
  readonly role: IceRole
  /** Whether checks may be sent there at all. */
  readonly mayBePeer: (at: Endpoint, base: UdpSocket) => boolean
  readonly events: IceEvents
}

/**
 * A full ICE agent (RFC 8445) of one component, with host candidates alone: a server is found by the peer's checks, and
 * its own open the way through NATs. Whoever does not know the password is nobody: its checks get no answer, and what it
 * sends is not looked at.
 */
export class IceAgent {
  readonly #options: IceAgentOptions
  readonly #pairs = new Pairs()
  readonly #checks = new Checks()
  readonly #tieBreaker: bigint
  /** Pairs to check before all others: those that the peer has asked by (§7.3.1.4). */
  readonly #triggered: Pair[] = []
  /** What the peer has asked before we knew its password. */
  readonly #early: Asked[] = []
  #role: IceRole
  #local: IceParameters
  /** Before the last restart: checks by it are still answered, for they may have left before. */
  #former: IceParameters | null = null
  #remote: RemoteIce | null = null
  #selected: Pair | null = null
  /** The one selected before the last restart: the peer goes on with it until it has found another. */
  #before: Pair | null = null
  #connected = false
  #firstValidAt: Millis | null = null
  #consentAt: Millis = 0
  /** No check may be sent before. */
  #pacedUntil: Millis = 0
  #timer: Timer | null = null
  #closed = false

  constructor(options: IceAgentOptions) {
    this.#options = options
    this.#role = options.role
    this.#local = options.local
    this.#tieBreaker = BigInt(`0x${hexToken(options.random, 8)}`)
  }

  /** The pair that packets go by; null: none, or nobody consents any more. */
  get selected(): Pair | null {
    return this.#selected
  }

  /** How many checks are under way. */
  get checks(): number {
    return this.#checks.size
  }

  /** Takes what the peer's description says. Other credentials than before restart ICE (RFC 8839 §4.4.1), with ours then. */
  update(local: IceParameters, remote: RemoteIce): void {
    if (this.#remote !== null && !isSame(this.#remote, remote)) this.#restart()
    if (!isSame(local, this.#local)) this.#former = this.#local
    this.#local = local
    this.#remote = remote
    // §6.1.1: of a lite and a full agent the full one chooses.
    if (remote.lite && this.#role === 'controlled') this.#switchRole()
    for (const candidate of remote.candidates) this.#pairUp(candidate)
    for (const asked of this.#early.splice(0)) this.#askedBy(asked)
    this.#work()
  }

  /** A STUN datagram that came to `base`. */
  take(octets: Uint8Array, base: UdpSocket, from: Endpoint): void {
    const message = readStun(octets)
    if (message === null || this.#closed) return
    if (message.kind === 'request') this.#asked(message, base, from)
    else if (message.kind !== 'indication') this.#answered(message, base, from)
  }

  /** Whether the peer has shown itself at `from`, by a check or by its answer to ours: what else comes from there may be its. */
  isPeer(base: UdpSocket, from: Endpoint): boolean {
    if (this.#isInUse(base, from) !== null) return true
    const found = this.#pairs.find(base, from)
    if (found !== null) return found.asked || found.state === 'valid'
    return this.#early.some((asked) => asked.base === base && isSameEndpoint(asked.from, from))
  }

  /** A packet came that is the peer's without doubt. */
  heard(base: UdpSocket, from: Endpoint): void {
    const pair = this.#isInUse(base, from) ?? this.#pairs.find(base, from)
    if (pair !== null) pair.heardAt = this.#options.clock.now()
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#checks.clear()
    this.#pairs.clear()
    this.#selected = null
    this.#before = null
  }

  // Looked at before all others: each packet asks.
  #isInUse(base: UdpSocket, from: Endpoint): Pair | null {
    if (this.#selected !== null && leadsTo(this.#selected, base, from)) return this.#selected
    return this.#before !== null && leadsTo(this.#before, base, from) ? this.#before : null
  }

  // What was chosen goes on until there is another, which any is that works (RFC 8445 §9).
  #restart(): void {
    this.#pairs.clear()
    this.#checks.clear()
    this.#triggered.length = 0
    this.#firstValidAt = null
    this.#before = this.#selected
    if (this.#selected === null) return
    this.#selected.priority = 0
    this.#selected.nominatedAt = null
  }

  #pairUp(remote: Candidate): void {
    for (const base of this.#options.bases) {
      if (!this.#pairs.find(base, remote)) this.#newPair(base, remote, remote.priority)
    }
  }

  #newPair(base: UdpSocket, remote: Endpoint, theirs: number): Pair | null {
    const { bases, mayBePeer } = this.#options
    return mayBePeer(remote, base) ? this.#pairs.add(base, bases.indexOf(base), remote, theirs, this.#role) : null
  }

  // RFC 8445 §7.3.
  #asked(message: StunMessage, base: UdpSocket, from: Endpoint): void {
    const local = this.#addressed(message)
    if (local === null) return
    if (this.#conflicts(message)) return base.send(writeError(message.transaction, 487, local.password), from)
    base.send(writeSuccess(message.transaction, from, local.password), from)
    // Who asks by what was before the restart is still the peer, yet where it is now its next checks will say.
    if (local !== this.#local) return
    const { priority, useCandidate } = message
    const asked = { base, from, priority, useCandidate }
    if (this.#remote !== null) this.#askedBy(asked)
    else if (this.#early.length < MOST_EARLY && this.#options.mayBePeer(from, base)) this.#early.push(asked)
    this.#work()
  }

  #askedBy({ base, from, priority, useCandidate }: Asked): void {
    const known = this.#pairs.find(base, from)
    if (known === null) this.#pairs.makeRoom()
    const pair = known ?? this.#newPair(base, from, priority)
    if (pair === null) return
    const now = this.#options.clock.now()
    pair.asked = true
    if (useCandidate && this.#role === 'controlled') pair.nominatedAt = now
    pair.heardAt = now
    if (pair.state === 'valid') this.#choose(pair)
    if (pair.state !== 'valid' || this.#isDoubtful(pair, now)) this.#trigger(pair)
  }

  // Of the one in use, consent is asked for.
  #isDoubtful(pair: Pair, now: Millis): boolean {
    return pair !== this.#selected && now >= pair.answeredAt + CONSENT_EVERY
  }

  #trigger(pair: Pair): void {
    if (this.#triggered.includes(pair) || this.#checks.isBusy(pair)) return
    if (pair.state === 'failed') pair.state = 'waiting'
    this.#triggered.push(pair)
  }

  #addressed(message: StunMessage): IceParameters | null {
    const ufrag = message.username?.split(':', 1)[0]
    const local = [this.#local, this.#former].find((each) => each?.ufrag === ufrag) ?? null
    return local !== null && isAuthentic(message, local.password) ? local : null
  }

  // §7.3.1.1: both took themselves for the same; the greater tie-breaker chooses.
  #conflicts({ role }: StunMessage): boolean {
    if (role?.name !== this.#role) return false
    const weChoose = this.#tieBreaker >= role.tieBreaker
    if (weChoose === (this.#role === 'controlling')) return true
    this.#switchRole()
    return false
  }

  #switchRole(): void {
    this.#role = this.#role === 'controlling' ? 'controlled' : 'controlling'
    this.#pairs.prioritize(this.#role)
  }

  // §7.2.5.
  #answered(message: StunMessage, base: UdpSocket, from: Endpoint): void {
    if (this.#remote === null || !isAuthentic(message, this.#remote.password)) return
    const check = this.#checks.answered(message.transaction)
    if (check === null) return
    const { pair, role, nominates } = check
    if (message.kind === 'error') this.#refused(message, pair, role)
    // §7.2.5.2.1: it has to come back the way it went.
    else if (!leadsTo(pair, base, from)) pair.state = 'failed'
    else this.#proved(pair, nominates && this.#role === 'controlling')
    this.#work()
  }

  #proved(pair: Pair, nominated: boolean): void {
    const now = this.#options.clock.now()
    pair.state = 'valid'
    pair.answeredAt = now
    pair.heardAt = now
    if (nominated) pair.nominatedAt = now
    if (this.#pairs.has(pair)) this.#firstValidAt ??= now
    this.#choose(pair)
  }

  // Several checks may be refused for the same conflict: it is the role in them that was wrong.
  #refused({ errorCode }: StunMessage, pair: Pair, role: IceRole): void {
    pair.state = 'failed'
    if (errorCode !== 487) return
    if (role === this.#role) this.#switchRole()
    if (++pair.conflicts <= MOST_CONFLICTS) this.#trigger(pair)
  }

  #choose(pair: Pair): void {
    const now = this.#options.clock.now()
    if (pair === this.#selected || now >= pair.answeredAt + CONSENT_LASTS) return
    if (!isBetter(pair, this.#selected, now)) return
    this.#selected = pair
    this.#consentAt = now + this.#untilConsent()
    this.#options.events.selected(pair.remote, pair.base.local)
    if (this.#connected) return
    this.#connected = true
    this.#options.events.connected()
  }

  // Sends what is due, and comes again when more is.
  #work(): void {
    if (this.#closed || this.#remote === null) return
    this.#timer?.cancel()
    const now = this.#options.clock.now()
    // Of the one in use, consent and silence tell.
    for (const pair of this.#checks.repeat(now)) if (pair !== this.#selected) pair.state = 'failed'
    this.#keepConsent(now)
    if (now >= this.#pacedUntil) this.#next(now)
    const wait = now < this.#pacedUntil ? this.#pacedUntil - now : this.#idle(now)
    this.#timer = this.#options.clock.after(wait, () => this.#work())
  }

  #next(now: Millis): void {
    const nominee = this.#nominee(now)
    const pair = this.#triggered.shift() ?? nominee ?? this.#pairs.sorted('waiting')[0]
    if (pair === undefined) return
    this.#pacedUntil = now + PACE
    this.#check(pair, pair === nominee, true, now)
  }

  // §8.1.1: regular nomination, of the best pair once no better one is likely any more.
  #nominee(now: Millis): Pair | null {
    const pair = this.#selected
    if (this.#role !== 'controlling' || pair === null || pair.nominatedAt !== null || !this.#pairs.has(pair))
      return null
    if (this.#firstValidAt === null || now < this.#firstValidAt + PATIENCE || this.#checks.nominates) return null
    return pair
  }

  #check(pair: Pair, nominates: boolean, repeats: boolean, now: Millis): void {
    const remote = this.#remote
    if (remote === null) return
    if (pair.state !== 'valid') pair.state = 'checking'
    const [id, role] = [hexToken(this.#options.random, 12), this.#role]
    const octets = writeCheck({
      transaction: id,
      username: `${remote.ufrag}:${this.#local.ufrag}`,
      password: remote.password,
      priority: reflexivePriority(pair.index),
      role,
      tieBreaker: this.#tieBreaker,
      useCandidate: nominates,
    })
    this.#checks.send({ id, pair, octets, role, nominates }, repeats, now)
  }

  #keepConsent(now: Millis): void {
    const pair = this.#selected
    if (pair === null) return
    if (now >= pair.answeredAt + CONSENT_LASTS) {
      this.#selected = null
      this.#before = null
      // What worked then has to be proved anew.
      this.#pairs.doubt()
      this.#options.events.lost()
    } else if (now >= this.#consentAt) {
      this.#consentAt = now + this.#untilConsent()
      this.#check(pair, this.#role === 'controlling' && pair.nominatedAt !== null, false, now)
    }
  }

  #untilConsent(): Millis {
    return CONSENT_EVERY * (0.8 + (0.4 * this.#options.random.integer(1001)) / 1000)
  }

  // Until the next of what is due by time.
  #idle(now: Millis): Millis {
    const pair = this.#selected
    const consent = pair ? Math.min(this.#consentAt, pair.answeredAt + CONSENT_LASTS) : now + CONSENT_EVERY
    const patience = (this.#firstValidAt ?? now) + PATIENCE
    const due = Math.min(consent, this.#checks.dueAt, patience > now ? patience : consent)
    return Math.max(1, due - now)
  }
}

/** A check of the peer's. */
interface Asked {
  readonly base: UdpSocket
  readonly from: Endpoint
  readonly priority: number
  readonly useCandidate: boolean
}

function isSame(a: IceParameters, b: IceParameters): boolean {
  return a.ufrag === b.ufrag && a.password === b.password
}
