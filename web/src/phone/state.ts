import type { Problem } from '../problems.ts'
import type { Quality } from '../quality/verdict.ts'

/** The connection to the server. */
export type Line =
  | { readonly at: 'signed-out'; readonly problem?: Problem }
  /** `typed`: by a person at the form, who is not yet known to be let in. */
  | { readonly at: 'signing-in'; readonly user: string; readonly typed: boolean }
  | { readonly at: 'ready'; readonly user: string }
  /** `retryAt`: when it is tried again, ms since 1970; null while it is being tried. */
  | { readonly at: 'lost'; readonly user: string; readonly problem: Problem; readonly retryAt: number | null }

export interface Peer {
  /** What is dialled to reach them. */
  readonly user: string
  /** What they call themselves; null if they do not say. */
  readonly name: string | null
}

/** Where the sound of a call is: on its way, there, or gone. */
export type Sound = 'connecting' | 'flowing' | 'silent' | 'broken'

export type CallState = 'calling' | 'ringing' | 'incoming' | 'connecting' | 'talking'

export interface Call {
  readonly id: string
  readonly direction: 'out' | 'in'
  readonly peer: Peer
  readonly state: CallState
  /** The other side is heard before it answers: no ringing of our own. */
  readonly early: boolean
  readonly muted: boolean
  readonly heldByMe: boolean
  readonly heldByPeer: boolean
  readonly sound: Sound
  readonly quality: Quality | null
  /** ms since 1970. */
  readonly startedAt: number
  readonly answeredAt: number | null
}

export type Outcome = 'talked' | 'missed' | 'elsewhere' | 'rejected' | 'cancelled' | 'failed'

/** How a call was when it ended. */
export interface EndedCall {
  readonly call: Call
  /** ms since 1970. */
  readonly endedAt: number
  readonly outcome: Outcome
  readonly problem: Problem | null
}

export interface PhoneState {
  readonly line: Line
  readonly calls: readonly Call[]
  /** The call that is on the screen and heard. */
  readonly active: string | null
  /** The last call that ended, until its note is dismissed or another begins. */
  readonly ended: EndedCall | null
  /** What keeps the phone from working as it should, until it is dismissed. */
  readonly notice: Problem | null
}

export type PhoneEvent =
  | { readonly type: 'line'; readonly line: Line }
  | { readonly type: 'begun'; readonly call: Call }
  | { readonly type: 'ringing'; readonly id: string; readonly early: boolean }
  | { readonly type: 'answering'; readonly id: string }
  | { readonly type: 'answered'; readonly id: string; readonly at: number }
  | { readonly type: 'named'; readonly id: string; readonly peer: Peer }
  | { readonly type: 'muted'; readonly id: string; readonly on: boolean }
  | { readonly type: 'held'; readonly id: string; readonly by: 'me' | 'peer'; readonly on: boolean }
  | { readonly type: 'sound'; readonly id: string; readonly sound: Sound }
  | { readonly type: 'quality'; readonly id: string; readonly quality: Quality }
  | { readonly type: 'chosen'; readonly id: string }
  | { readonly type: 'ended'; readonly ended: EndedCall }
  | { readonly type: 'noticed'; readonly problem: Problem }
  | { readonly type: 'dismissed' }

export const INITIAL: PhoneState = { line: { at: 'signed-out' }, calls: [], active: null, ended: null, notice: null }

/** What the phone is after `event`. */
export function reduce(state: PhoneState, event: PhoneEvent): PhoneState {
  switch (event.type) {
    case 'line':
      return { ...state, line: event.line }
    case 'begun':
      return begin(state, event.call)
    case 'chosen':
      return { ...state, active: event.id }
    case 'ended':
      return end(state, event.ended)
    case 'noticed':
      return { ...state, notice: event.problem }
    case 'dismissed':
      return { ...state, notice: null, ended: null }
    default:
      return { ...state, calls: state.calls.map((call) => (call.id === event.id ? changed(call, event) : call)) }
  }
}

/** A new call of ours goes on the screen; one that comes in does so only if there is no other. */
function begin(state: PhoneState, call: Call): PhoneState {
  const active = call.direction === 'out' || state.active === null ? call.id : state.active
  return { ...state, calls: [...state.calls, call], active, ended: null, notice: null }
}

function end(state: PhoneState, ended: EndedCall): PhoneState {
  const calls = state.calls.filter(({ id }) => id !== ended.call.id)
  if (calls.length === state.calls.length) return state
  const active = state.active === ended.call.id ? (next(calls)?.id ?? null) : state.active
  return { ...state, calls, active, ended }
}

/** What comes on the screen behind a call that ended: one that rings first, so that it can be answered. */
function next(calls: readonly Call[]): Call | undefined {
  return calls.find(({ state }) => state === 'incoming') ?? calls.at(-1)
}

type Change = Extract<PhoneEvent, { id: string }>

function changed(call: Call, event: Exclude<Change, { type: 'chosen' }>): Call {
  switch (event.type) {
    case 'ringing':
      return { ...call, state: 'ringing', early: call.early || event.early }
    case 'answering':
      return { ...call, state: 'connecting' }
    case 'answered':
      return { ...call, state: 'talking', answeredAt: event.at }
    case 'named':
      return { ...call, peer: event.peer }
    case 'muted':
      return { ...call, muted: event.on }
    case 'held':
      return event.by === 'me' ? { ...call, heldByMe: event.on } : { ...call, heldByPeer: event.on }
    case 'sound':
      return { ...call, sound: event.sound }
    case 'quality':
      return { ...call, quality: event.quality }
    default:
      return event satisfies never
  }
}

/** A call that has just begun. */
export function newCall(id: string, direction: 'out' | 'in', peer: Peer, at: number): Call {
  return {
    id,
    direction,
    peer,
    state: direction === 'out' ? 'calling' : 'incoming',
    early: false,
    muted: false,
    heldByMe: false,
    heldByPeer: false,
    sound: 'connecting',
    quality: null,
    startedAt: at,
    answeredAt: null,
  }
}

/** What a person calls the other side: its name, or else its number. */
export function nameOf({ user, name }: Peer): string {
  return name ?? user
}
