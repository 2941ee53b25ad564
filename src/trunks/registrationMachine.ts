import type { Millis } from '../platform/clock.ts'
import { MOST_ANSWERS } from '../sip/auth/clientDigest.ts'

/** RFC 5626 §4.5: the wait after all servers failed doubles from here, and is drawn between its half and its whole. */
const BACKOFF: Millis = 30_000
const BACKOFF_MOST: Millis = 1_800_000
/** Who refuses our password is not asked again so soon: a few more wrong ones, and many lock the account. */
const REFUSED: Millis = 300_000
/** A provider may ask for more patience than we would have, but not for ever. */
const RETRY_AFTER_MOST: Millis = 3_600_000
/** However short the grant, no more often than this. */
const REFRESH_LEAST: Millis = 5_000
/** A lost connection is opened again soon, unless it did not last. */
const LASTED: Millis = 60_000
const SOON: readonly [Millis, Millis] = [2_000, 8_000]
/** How often one round may be told that its expiry is too brief. */
const MOST_LONGER = 2
/** No registration is asked for longer than a day, whatever Min-Expires says; seconds. */
const LONGEST = 86_400

/** The tries of one round: all servers, one after the other. */
interface Round {
  /** Which of the servers, from 0. */
  readonly server: number
  /** Challenges that were answered at this server. */
  readonly proofs: number
  /** Seconds that are asked for. */
  readonly expires: number
  /** 423 that were heeded. */
  readonly longer: number
}

/** What outlives a round. */
interface Standing {
  /** When the last grant ends, clock time; null: nothing is granted. */
  readonly until: Millis | null
  /** Rounds that failed in a row. */
  readonly failures: number
  /** Seconds to ask for. */
  readonly expires: number
  /** Why the last round failed; null: it did not. */
  readonly problem: string | null
}

/** One trunk's registration, as the UAC of RFC 3261 §10.2 has it. */
export type RegisterState =
  | { readonly name: 'idle'; readonly expires: number }
  /** A REGISTER is on its way. */
  | ({ readonly name: 'trying'; readonly round: Round } & Standing)
  | ({ readonly name: 'registered'; readonly until: Millis; readonly since: Millis } & Standing)
  /** The round failed; the next one comes with the timer. */
  | ({ readonly name: 'waiting' } & Standing)
  /** The REGISTER that takes it back is on its way. */
  | { readonly name: 'leaving'; readonly proofs: number }
  | { readonly name: 'closed' }

/** What the provider, the network, the clock or the server's owner did. */
export type RegisterEvent =
  | { readonly type: 'granted'; readonly seconds: number }
  /** 401 or 407, and there are credentials for it. */
  | { readonly type: 'challenged' }
  /** 423: at least so many seconds. */
  | { readonly type: 'too-brief'; readonly seconds: number }
  /** The provider does not want this registration. */
  | { readonly type: 'refused'; readonly problem: string }
  /** This server is out of order or silent; `more`: whether there is another one. `retryAfter`: seconds. */
  | { readonly type: 'outage'; readonly problem: string; readonly more: boolean; readonly retryAfter: number | null }
  /** The connection that the registration stands on has ended. */
  | { readonly type: 'flow-lost' }
  /** Register now, whatever the state: at the start, with a new address, when the provider is back. */
  | { readonly type: 'now' }
  | { readonly type: 'fired'; readonly timer: 'again' | 'lapse' }
  | { readonly type: 'close' }

export type RegisterEffect =
  /** Send a REGISTER to this server; `proof`: as the last one, with the credentials that its challenge asks for. */
  | { readonly type: 'send'; readonly server: number; readonly expires: number; readonly proof: boolean }
  /** Forget whatever is on its way. */
  | { readonly type: 'drop' }
  /** Start timer `again`, by chance between the two, or `lapse`. */
  | { readonly type: 'wait'; readonly from: Millis; readonly to: Millis }
  | { readonly type: 'lapse'; readonly in: Millis }
  /** Stop a timer. */
  | { readonly type: 'stop'; readonly timer: 'again' | 'lapse' }
  /** Tell the locator that this server failed. */
  | { readonly type: 'skip'; readonly server: number }
  /** The state is one that people want to hear of. */
  | { readonly type: 'changed' }
  /** Nothing will follow. */
  | { readonly type: 'done' }

export interface RegisterOutcome {
  readonly state: RegisterState
  readonly effects: readonly RegisterEffect[]
}

/** Before `now` comes for the first time; `expires`: seconds to ask for. */
export function idleRegistration(expires: number): RegisterState {
  return { name: 'idle', expires }
}

/** One step at clock time `now`. */
export function stepRegistration(state: RegisterState, event: RegisterEvent, now: Millis): RegisterOutcome {
  switch (state.name) {
    case 'idle':
      if (event.type === 'close') return to({ name: 'closed' }, { type: 'done' })
      return event.type === 'now' ? begin({ ...fresh, expires: state.expires }) : to(state)
    case 'trying':
      return trying(state, event, now)
    case 'registered':
      return registered(state, event, now)
    case 'waiting':
      return waiting(state, event)
    case 'leaving':
      return leaving(state, event)
    case 'closed':
      return event.type === 'close' ? to(state, { type: 'done' }) : to(state)
    default:
      return state satisfies never
  }
}

const fresh = { until: null, failures: 0, problem: null }

type Trying = Extract<RegisterState, { name: 'trying' }>
type Registered = Extract<RegisterState, { name: 'registered' }>
type Waiting = Extract<RegisterState, { name: 'waiting' }>
type Leaving = Extract<RegisterState, { name: 'leaving' }>

function begin(standing: Standing, ...before: RegisterEffect[]): RegisterOutcome {
  const { until, failures, expires, problem } = standing
  const round = { server: 0, proofs: 0, expires, longer: 0 }
  const send = { type: 'send', server: 0, expires, proof: false } as const
  return to({ name: 'trying', round, until, failures, expires, problem }, ...before, send, CHANGED)
}

function trying(state: Trying, event: RegisterEvent, now: Millis): RegisterOutcome {
  const { round } = state
  switch (event.type) {
    case 'granted':
      return granted(state, event.seconds, now)
    case 'challenged':
      if (round.proofs === MOST_ANSWERS)
        return failed(state, 'the provider asks for the password again and again', REFUSED)
      return sendOn(state, { ...round, proofs: round.proofs + 1 }, true)
    case 'too-brief':
      return tooBrief(state, event.seconds)
    case 'refused':
      return failed(state, event.problem, REFUSED)
    case 'outage': {
      const skip = { type: 'skip', server: round.server } as const
      if (!event.more) return failed(state, event.problem, BACKOFF, event.retryAfter, skip)
      return sendOn(
        { ...state, problem: event.problem },
        { ...round, server: round.server + 1, proofs: 0 },
        false,
        skip,
      )
    }
    case 'now':
      return begin(state, { type: 'drop' })
    case 'fired':
      return event.timer === 'lapse' ? to({ ...state, until: null }, CHANGED) : to(state)
    case 'close':
      return leave(state)
    // What is on its way may be so over another one.
    case 'flow-lost':
      return to({ ...state, until: null }, LAPSE_STOPPED, CHANGED)
    default:
      return event satisfies never
  }
}

function granted(state: Trying, seconds: number, now: Millis): RegisterOutcome {
  if (seconds === 0) return failed(state, 'the provider answers 200, but registers us for no time', REFUSED)
  const span = seconds * 1000
  // Early enough for a try that fails and one more, and not at the same moment as everybody else.
  const from = Math.max(span * 0.8, REFRESH_LEAST)
  const { expires } = state.round
  return to(
    { name: 'registered', until: now + span, since: now, failures: 0, problem: null, expires },
    { type: 'wait', from, to: Math.max(span * 0.9, from) },
    { type: 'lapse', in: span },
    CHANGED,
  )
}

function tooBrief(state: Trying, seconds: number): RegisterOutcome {
  const { round } = state
  if (round.longer === MOST_LONGER || seconds <= round.expires || seconds > LONGEST) {
    return failed(
      state,
      `the provider wants a registration of ${seconds} s, and of another length when asked for it`,
      REFUSED,
    )
  }
  return sendOn(state, { ...round, expires: seconds, longer: round.longer + 1 }, false)
}

function sendOn(state: Trying, round: Round, proof: boolean, ...before: RegisterEffect[]): RegisterOutcome {
  const { server, expires } = round
  return to({ ...state, round }, ...before, { type: 'send', server, expires, proof })
}

function failed(
  { until, expires, ...state }: Trying,
  problem: string,
  base: Millis,
  retryAfter: number | null = null,
  ...before: RegisterEffect[]
): RegisterOutcome {
  const failures = state.failures + 1
  const whole = Math.min(base * 2 ** Math.min(failures, 10), BACKOFF_MOST)
  const wanted = Math.min((retryAfter ?? 0) * 1000, RETRY_AFTER_MOST)
  const from = Math.max(whole / 2, wanted)
  const wait = { type: 'wait', from, to: Math.max(whole, from * 1.1) } as const
  return to({ name: 'waiting', until, expires, failures, problem }, ...before, wait, CHANGED)
}

function registered(state: Registered, event: RegisterEvent, now: Millis): RegisterOutcome {
  switch (event.type) {
    case 'now':
      return begin(state, AGAIN_STOPPED)
    case 'fired':
      return event.timer === 'again' ? begin(state) : lapsed(state)
    case 'flow-lost': {
      const [from, until] = now - state.since > LASTED ? SOON : [BACKOFF, 2 * BACKOFF]
      const problem = 'the connection to the provider was lost'
      return to(
        { name: 'waiting', until: null, failures: 0, expires: state.expires, problem },
        LAPSE_STOPPED,
        { type: 'wait', from, to: until },
        CHANGED,
      )
    }
    case 'close':
      return leave(state)
    default:
      // An answer to nothing that is still asked.
      return to(state)
  }
}

function lapsed(state: Registered): RegisterOutcome {
  return begin({ ...state, until: null }, AGAIN_STOPPED)
}

function waiting(state: Waiting, event: RegisterEvent): RegisterOutcome {
  switch (event.type) {
    case 'now':
      return begin(state, AGAIN_STOPPED)
    case 'fired':
      return event.timer === 'again' ? begin(state) : to({ ...state, until: null }, CHANGED)
    case 'flow-lost':
      return to({ ...state, until: null }, LAPSE_STOPPED, CHANGED)
    case 'close':
      return leave(state)
    default:
      return to(state)
  }
}

// RFC 3261 §10.2.2. Whoever closes waits for this; the shell sees to it that it is not long.
function leave(state: Trying | Registered | Waiting): RegisterOutcome {
  const stop: RegisterEffect[] = [{ type: 'drop' }, AGAIN_STOPPED, LAPSE_STOPPED]
  if (state.until === null) return to({ name: 'closed' }, ...stop, { type: 'done' })
  return to({ name: 'leaving', proofs: 0 }, ...stop, { type: 'send', server: 0, expires: 0, proof: false })
}

function leaving(state: Leaving, event: RegisterEvent): RegisterOutcome {
  if (event.type === 'challenged' && state.proofs < 2) {
    return to({ name: 'leaving', proofs: state.proofs + 1 }, { type: 'send', server: 0, expires: 0, proof: true })
  }
  if (event.type === 'now' || event.type === 'fired' || event.type === 'close') return to(state)
  return to({ name: 'closed' }, { type: 'drop' }, { type: 'done' })
}

const CHANGED: RegisterEffect = { type: 'changed' }
const AGAIN_STOPPED: RegisterEffect = { type: 'stop', timer: 'again' }
const LAPSE_STOPPED: RegisterEffect = { type: 'stop', timer: 'lapse' }

function to(state: RegisterState, ...effects: RegisterEffect[]): RegisterOutcome {
  return { state, effects }
}
