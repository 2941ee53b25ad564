import type { Clock, Millis, Timer } from '../../platform/clock.ts'
import type { Endpoint, UdpSocket } from '../../platform/network.ts'
import { hexToken, type Random } from '../../platform/random.ts'
import {
  type Candidate,
  hostPriority,
  type IceParameters,
  pairPriority,
  type RemoteIce,
  reflexivePriority,
} from './candidate.ts'
import { type Pair, Pairs, type Transaction } from './pair.ts'
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
/** The first retransmission of a check, ms; each further one takes twice as long (§14.3). */
const FIRST_WAIT = 500
/** After so many a check has failed. */
const SENDS = 5
/** How long a better pair may still be waited for before we choose one, ms. */
const PATIENCE = 100
/** A check of the chosen pair this often, ms, from four fifths of it to six (RFC 7675 §5.1). */
const CONSENT_EVERY = 5000
/** Without an answer for so long, nothing may be sent any more, ms (RFC 7675 §5.1). */
const CONSENT_LASTS = 30_000
/** A pair not heard of for so long gives way to any other, ms. */
const STALE = 2000
/** What a peer, or who has learnt its password, can make us remember and check (RFC 8445 §19.5.1). */
const MOST_PAIRS = 64

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
  readonly #transactions = new Map<string, Transaction>()
  readonly #tieBreaker: bigint
  /** Checks to send before all others: those that the peer's have triggered (§7.3.1.4). */
  readonly #triggered: Pair[] = []
  #role: IceRole
  #local: IceParameters
  /** Before the last restart: checks by it are still answered, for they may have left before. */
  #former: IceParameters | null = null
  #remote: RemoteIce | null = null
  #selected: Pair | null = null
  #connected = false
  #firstValidAt: Millis | null = null
  #consentAt: Millis = 0
  #consentUntil: Millis = 0
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
    return this.#transactions.size
  }

  /** Takes what the peer's description says. Other credentials than before restart ICE (RFC 8839 §4.4.1), with ours then. */
  update(local: IceParameters, remote: RemoteIce): void {
    const restarted = this.#remote !== null && this.#remote.ufrag !== remote.ufrag
    if (restarted) this.#restart()
    if (local.ufrag !== this.#local.ufrag) this.#former = this.#local
    this.#local = local
    this.#remote = remote
    // §6.1.1: of a lite and a full agent the full one chooses.
    if (remote.lite) this.#role = 'controlling'
    for (const candidate of remote.candidates) this.#pairUp(candidate)
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
    const pair = this.#selected
    if (pair !== null && leadsTo(pair, base, from)) return true
    const found = this.#pairs.find(base, from)
    return found !== null && (found.asked || found.state === 'valid')
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#transactions.clear()
    this.#pairs.clear()
    this.#selected = null
  }

  // What was chosen goes on until there is another (RFC 8445 §9).
  #restart(): void {
    this.#pairs.clear()
    this.#transactions.clear()
    this.#triggered.length = 0
    this.#firstValidAt = null
  }

  #pairUp(remote: Candidate): void {
    for (const [index, base] of this.#options.bases.entries()) {
      if (!this.#pairs.find(base, remote)) this.#newPair(base, index, remote, remote.priority)
    }
  }

  #newPair(base: UdpSocket, index: number, { address, port }: Endpoint, theirs: number): Pair | null {
    const remote = { address, port }
    if (this.#pairs.size >= MOST_PAIRS || !this.#options.mayBePeer(remote, base)) return null
    const ours = hostPriority(index)
    const priority = this.#role === 'controlling' ? pairPriority(ours, theirs) : pairPriority(theirs, ours)
    const pair: Pair = { base, index, remote, priority, state: 'waiting', nominated: false, asked: false, heardAt: 0 }
    this.#pairs.add(pair)
    return pair
  }

  // RFC 8445 §7.3.
  #asked(message: StunMessage, base: UdpSocket, from: Endpoint): void {
    const local = this.#addressed(message)
    if (local === null) return
    if (this.#conflicts(message)) return base.send(writeError(message.transaction, 487, local.password), from)
    base.send(writeSuccess(message.transaction, from, local.password), from)
    // Who asks by what was before the restart is still the peer, yet where it is now its next checks will say.
    if (local !== this.#local || this.#remote === null) return
    const index = this.#options.bases.indexOf(base)
    const pair = this.#pairs.find(base, from) ?? this.#newPair(base, index, from, message.priority)
    if (pair === null) return
    pair.asked = true
    if (message.useCandidate && this.#role === 'controlled') pair.nominated = true
    if (pair.state === 'valid') this.#choose(pair)
    else if (pair.state !== 'checking') this.#triggered.push(pair)
    this.#work()
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
  }

  // §7.2.5.
  #answered(message: StunMessage, base: UdpSocket, from: Endpoint): void {
    const transaction = this.#transactions.get(message.transaction)
    if (!transaction || !this.#remote || !isAuthentic(message, this.#remote.password)) return
    const { pair } = transaction
    this.#transactions.delete(message.transaction)
    if (message.kind === 'error') return this.#refused(message, pair)
    // §7.2.5.2.1: it has to come back the way it went.
    if (!leadsTo(pair, base, from)) return fail(pair)
    const now = this.#options.clock.now()
    pair.state = 'valid'
    pair.heardAt = now
    if (pair === this.#selected) this.#consentUntil = now + CONSENT_LASTS
    if (transaction.nominates) pair.nominated = true
    this.#firstValidAt ??= now
    this.#choose(pair)
    this.#work()
  }

  #refused({ errorCode }: StunMessage, pair: Pair): void {
    if (errorCode !== 487) return fail(pair)
    this.#switchRole()
    pair.state = 'waiting'
    this.#triggered.push(pair)
    this.#work()
  }

  // A pair that works is used until one is nominated (§12.1); of those that are, the best, unless it has fallen silent.
  #choose(pair: Pair): void {
    const now = this.#options.clock.now()
    const current = this.#selected
    const isSettled = current !== null && current.state === 'valid' && now < current.heardAt + CONSENT_EVERY + STALE
    if (current === pair) return
    if (isSettled && current.nominated && !(pair.nominated && pair.priority > current.priority)) return
    if (isSettled && !pair.nominated && pair.priority < current.priority) return
    this.#selected = pair
    this.#consentUntil = now + CONSENT_LASTS
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
    this.#repeat(now)
    this.#keepConsent(now)
    const next = this.#nextCheck(now)
    if (next) this.#check(next.pair, next.nominates, now)
    const wait = next ? PACE : this.#idle(now)
    this.#timer = this.#options.clock.after(wait, () => this.#work())
  }

  #nextCheck(now: Millis): { readonly pair: Pair; readonly nominates: boolean } | null {
    const triggered = this.#triggered.shift()
    if (triggered) return { pair: triggered, nominates: false }
    const nominee = this.#nominee(now)
    if (nominee) return { pair: nominee, nominates: true }
    const [waiting] = this.#pairs.sorted('waiting')
    return waiting ? { pair: waiting, nominates: false } : null
  }

  // §8.1.1: regular nomination, of the best pair once no better one is likely any more.
  #nominee(now: Millis): Pair | null {
    if (this.#role !== 'controlling' || this.#firstValidAt === null || now < this.#firstValidAt + PATIENCE) return null
    const [best] = this.#pairs.sorted('valid')
    const isUnderWay = [...this.#transactions.values()].some(({ nominates }) => nominates)
    const isDone = this.#pairs.sorted('valid').some(({ nominated }) => nominated)
    return best && !isDone && !isUnderWay ? best : null
  }

  #check(pair: Pair, nominates: boolean, now: Millis): void {
    const { random } = this.#options
    const remote = this.#remote
    if (remote === null) return
    if (pair.state !== 'valid') pair.state = 'checking'
    const id = hexToken(random, 12)
    const octets = writeCheck({
      transaction: id,
      username: `${remote.ufrag}:${this.#local.ufrag}`,
      password: remote.password,
      priority: reflexivePriority(pair.index),
      role: this.#role,
      tieBreaker: this.#tieBreaker,
      useCandidate: nominates,
    })
    const transaction = { id, pair, octets, nominates, sent: 0, dueAt: now }
    this.#transactions.set(id, transaction)
    send(transaction, now)
  }

  #repeat(now: Millis): void {
    for (const transaction of this.#transactions.values()) {
      if (now < transaction.dueAt) continue
      if (transaction.sent < SENDS) send(transaction, now)
      else {
        this.#transactions.delete(transaction.id)
        if (transaction.pair !== this.#selected) fail(transaction.pair)
      }
    }
  }

  #keepConsent(now: Millis): void {
    const pair = this.#selected
    if (pair === null) return
    if (now >= this.#consentUntil) {
      this.#selected = null
      this.#options.events.lost()
    } else if (now >= this.#consentAt) {
      this.#consentAt = now + this.#untilConsent()
      this.#check(pair, this.#role === 'controlling' && pair.nominated, now)
    }
  }

  #untilConsent(): Millis {
    return CONSENT_EVERY * (0.8 + (0.4 * this.#options.random.integer(1001)) / 1000)
  }

  // Until the next of what is due by time.
  #idle(now: Millis): Millis {
    let due = this.#selected ? Math.min(this.#consentAt, this.#consentUntil) : now + CONSENT_EVERY
    for (const { dueAt } of this.#transactions.values()) due = Math.min(due, dueAt)
    if (this.#firstValidAt !== null && now < this.#firstValidAt + PATIENCE)
      due = Math.min(due, this.#firstValidAt + PATIENCE)
    return Math.max(PACE, due - now)
  }
}

function leadsTo({ base, remote }: Pair, by: UdpSocket, to: Endpoint): boolean {
  return base === by && remote.port === to.port && remote.address === to.address
}

function fail(pair: Pair): void {
  pair.state = 'failed'
}

function send(transaction: Transaction, now: Millis): void {
  transaction.sent++
  transaction.dueAt = now + FIRST_WAIT * 2 ** (transaction.sent - 1)
  transaction.pair.base.send(transaction.octets, transaction.pair.remote)
}
