import type { Wish } from '../sdp/agreement.ts'
import type { IncomingInvite } from '../sip/dialog/incomingInvite.ts'
import type { BranchAnswer } from './branch.ts'
import type { Bridge, Device } from './bridge.ts'
import type { Call, Ending, Leg, RelayedLeg } from './call.ts'
import { type Caller, mayRingOthers } from './caller.ts'
import { converse } from './conversation.ts'
import { mayGoDirectly, offeredDirectly } from './direct.ts'
import { EarlyExchange } from './earlyExchange.ts'
import type { RingTurn, Turn } from './hunt.ts'
import { offerOf, openLegs, type Party, partyOf } from './openLegs.ts'
import { endingOf, type Refusal } from './refusal.ts'
import { type Entered, Ringing } from './ringing.ts'
import { talkDirectly } from './talkDirectly.ts'

/** What is to be done when nobody has taken the call; `ending`: how it ends if that is nothing. */
export type WhatNext = (refusal: Refusal, ending: Ending) => Turn

/**
 * Rings, turn by turn, until somebody takes the call: all devices of a turn together, of which the first that answers is
 * joined with the caller. Gives what is to be done if that is no ringing; null: nothing is left to do.
 */
export async function ring(
  bridge: Bridge,
  call: Call,
  invite: IncomingInvite,
  first: RingTurn,
  next: WhatNext,
): Promise<{ readonly turn: Exclude<Turn, RingTurn>; readonly caller: Caller } | null> {
  const opened = await openFirst(bridge, call, invite, first.devices)
  if (opened === null) return null
  const { caller, entered } = opened
  let ringing = new Ringing(bridge, call, caller, first)
  ringing.begin(entered)
  for (;;) {
    const outcome = await ringing.outcome
    if (outcome.kind === 'stopped') return null
    if (outcome.kind === 'answered') {
      answered(bridge, call, caller, outcome)
      return null
    }
    const ending = endingOf(outcome.refusal, ringing.line)
    const turn = mayRingOthers(caller) ? next(outcome.refusal, ending) : ({ kind: 'end', ending } as const)
    if (turn.kind === 'end') return { turn, caller }
    leaveOthers(bridge, call, null)
    if (turn.kind === 'run') return { turn, caller }
    caller.early.turn(turn.devices.length === 1)
    ringing = new Ringing(bridge, call, caller, turn)
    ringing.begin()
  }
}

interface Opened {
  readonly caller: Caller
  readonly entered: ReadonlyMap<Device, Entered>
}

// The legs of the first turn are opened by one command, the caller's among them.
async function openFirst(
  bridge: Bridge,
  call: Call,
  invite: IncomingInvite,
  devices: readonly Device[],
): Promise<Opened | null> {
  const said = offeredDirectly(bridge, invite, call.by)
  // Those that the caller's media may go straight to need none of ours.
  const ready = devices.flatMap((device) => {
    const { user, flow } = device
    return flow === null || (said && mayGoDirectly(bridge, user, flow)) ? [] : [{ device, flow }]
  })
  const legs = await openLegs(bridge, call, [callerOf(call, invite), ...ready.map(partyOf)])
  const [leg, ...phones] = legs ?? []
  if (!leg) return null
  const offer = takeOffer(bridge, call, invite, leg)
  if (offer === 'refused') return null
  const early = new EarlyExchange(bridge, call, { invite, leg, offered: offer !== null }, devices.length === 1)
  const entered = ready.flatMap(({ device, flow }, at) => {
    const phone = phones[at]
    return phone ? [[device, { flow, leg: phone }] as const] : []
  })
  return { caller: { invite, leg, offer, said, early }, entered: new Map(entered) }
}

function callerOf(call: Call, invite: IncomingInvite): Party {
  const userAgent = invite.request.headers.first('user-agent')
  const { flow } = invite.transaction
  return { role: 'caller', user: call.by, userAgent, flow, offer: offerOf(invite) }
}

// null: the caller made no offer, and the phone that answers will be asked for one (RFC 3264 §4, RFC 3261 §13.2.1).
function takeOffer(bridge: Bridge, call: Call, invite: IncomingInvite, caller: RelayedLeg): Wish | null | 'refused' {
  if (invite.request.body.length === 0) return null
  const taken = caller.media.takeOffer(invite.request)
  if (taken.kind === 'offer') return taken.offer
  const { status, reason } = taken
  bridge.calls.end(call, { by: 'server', outcome: 'failed', status, reason })
  return 'refused'
}

function answered(
  bridge: Bridge,
  call: Call,
  caller: Caller,
  { leg, answer }: { readonly leg: Leg; readonly answer: BranchAnswer },
): void {
  // It ended between the answer and our hearing of it.
  if (call.state === 'ended') return answer.session.bye()
  leg.session = answer.session
  caller.invite.whenReady(() => join(bridge, call, caller, leg, answer))
}

function join(
  bridge: Bridge,
  call: Call,
  from: Caller,
  callee: Leg,
  { session, response, settled }: BranchAnswer,
): void {
  if (session.over) {
    const reason = `${callee.user} hung up before the caller was ready`
    return bridge.calls.end(call, { by: 'callee', outcome: 'failed', status: 480, reason })
  }
  const { leg: caller, offer, said, invite } = from
  const { answer: early, callerMoved } = from.early
  if (callee.way === 'relay')
    converse(bridge, call, { caller, callee, invite, response, settled, early, callerMoved, delayed: offer === null })
  else if (said) talkDirectly(bridge, call, { caller, offer: said, callee, invite, response })
  leaveOthers(bridge, call, callee)
}

function leaveOthers(bridge: Bridge, call: Call, winner: Leg | null): void {
  const others = call.legs.filter((leg) => leg.role === 'callee' && leg !== winner)
  for (const leg of others) bridge.calls.leave(call, leg)
}
