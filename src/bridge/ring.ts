import type { Wish } from '../sdp/agreement.ts'
import type { IncomingInvite } from '../sip/dialog/incomingInvite.ts'
import type { Flow } from '../sip/transport/flow.ts'
import { Branch, type BranchAnswer } from './branch.ts'
import type { Bridge, Device } from './bridge.ts'
import type { Call, Ending, Leg, RelayedLeg } from './call.ts'
import { reasonFor } from './causes.ts'
import { converse } from './conversation.ts'
import { enterDirectly, mayGoDirectly, offeredDirectly } from './direct.ts'
import { EarlyExchange } from './earlyExchange.ts'
import { Fork } from './fork.ts'
import { guarded } from './guarded.ts'
import { offerOf, openLegs, type Party } from './openLegs.ts'
import { Redirections } from './redirect.ts'
import { endingOf, NO_CODEC, type Refusal, UNREACHABLE } from './refusal.ts'
import type { Said } from './said.ts'
import { talkDirectly } from './talkDirectly.ts'

/** How long a page may take to be loaded anew, ms. */
const BACK_WITHIN = 8_000

/** Rings all `devices` of a user together and joins the first that answers with the caller. */
export async function ring(
  bridge: Bridge,
  call: Call,
  invite: IncomingInvite,
  devices: readonly Device[],
): Promise<void> {
  const said = offeredDirectly(bridge, invite, call.from)
  // Those that the caller's media may go straight to need none of ours.
  const ready = devices.flatMap((device) => {
    const { user, flow } = device
    return flow === null || (said && mayGoDirectly(bridge, user, flow)) ? [] : [{ device, flow }]
  })
  const caller: Party = {
    role: 'caller',
    user: call.from,
    userAgent: invite.request.headers.first('user-agent'),
    flow: invite.transaction.flow,
    offer: offerOf(invite),
  }
  const legs = await openLegs(bridge, call, [caller, ...ready.map(party)])
  const [callerLeg, ...phones] = legs ?? []
  if (!callerLeg) return
  const offer = takeOffer(bridge, call, invite, callerLeg)
  if (offer === 'refused') return
  const ringing = new Ringing(bridge, call, invite, { leg: callerLeg, offer, said }, devices)
  const asked = phones.flatMap((leg, at) => {
    const found = ready[at]
    return found ? [ringing.invite(found.device, found.flow, leg)] : []
  })
  const others = devices.filter((device) => !ready.some((found) => found.device === device))
  asked.push(...others.map((device) => ringing.inviteLater(device)))
  guarded(bridge, call, ringing.untilAllRefuse(asked))
  await ringing.finish()
}

function party({ device, flow }: { device: Device; flow: Flow }): Party {
  return { role: 'callee', user: device.user, userAgent: device.userAgent, flow, offer: null }
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

/** Who calls, and what it offers. */
interface Caller {
  readonly leg: RelayedLeg
  /** null: nothing. */
  readonly offer: Wish | null
  /** The same as it stands, where its media may go without us; null: they go through us. */
  readonly said: Said | null
}

/** A call while it rings, and what becomes of it. */
class Ringing {
  readonly #bridge: Bridge
  readonly #call: Call
  readonly #invite: IncomingInvite
  readonly #caller: Caller
  readonly #early: EarlyExchange
  readonly #fork: Fork
  readonly #devices: readonly Device[]
  #redirections: Redirections | null = null
  /** Phones may offer and answer in reliable provisional responses only where somebody can answer them. */
  #reliable: boolean

  constructor(bridge: Bridge, call: Call, invite: IncomingInvite, caller: Caller, devices: readonly Device[]) {
    const single = devices.length === 1
    this.#bridge = bridge
    this.#call = call
    this.#invite = invite
    const { leg, offer } = caller
    this.#caller = caller
    this.#early = new EarlyExchange(bridge, call, { invite, leg, offered: offer !== null }, single)
    this.#reliable = offer !== null || (single && invite.reliable)
    this.#devices = devices
    this.#fork = new Fork(this.#early)
    call.onEnded((ending) => this.#fork.stop(reasonFor(ending)))
    const noAnswer = bridge.clock.after(bridge.noAnswerAfter, () => this.#noAnswer())
    void this.#fork.outcome.then(() => noAnswer.cancel())
  }

  /** Rings a phone. Settles when it has refused, and so has whatever it pointed to. */
  async invite(device: Device, flow: Flow, leg: Leg): Promise<void> {
    const offer = this.#offerTo(leg)
    if (offer === 'no codec') return this.#unreachable(device, 'codecs')
    // RFC 3261 §16.6 step 3: each hop takes one, so that a loop ends.
    const maxForwards = (this.#invite.request.maxForwards ?? 70) - 1
    // What a phone says early of media that go directly is not passed on, so it must not count for good.
    const reliable = this.#reliable && leg.way === 'relay'
    const how = { device, leg, flow, offer, reliable, maxForwards }
    const refusal = await this.#fork.ring((events) => new Branch(this.#bridge, this.#call, how, events))
    if (refusal.ofFlow && device.next && !this.#fork.over) return this.#overNextFlow(device.next, leg)
    const back = refusal.gone ? await this.#whenBack(device) : null
    if (back) return this.#overNextFlow(back, leg)
    const instead = this.#redirected(leg, refusal)
    if (instead.length === 0) return this.#fork.refused(refusal)
    for (const devices of instead) await this.#ringInstead(devices)
  }

  #offerTo(leg: Leg): Uint8Array | null | 'no codec' {
    const { offer, said } = this.#caller
    if (leg.way === 'direct') return said?.sdp ?? null
    const made = offer && leg.media.offer(offer)
    return made?.kind === 'rejected' ? 'no codec' : (made?.body ?? null)
  }

  /** Rings a phone whose connection must first be opened, or whose media are none of ours; the others don't wait for it. */
  async inviteLater(device: Device): Promise<void> {
    const flow = device.flow ?? (await device.connect().catch(() => null))
    if (this.#fork.over) return
    if (!flow) return device.next ? this.inviteLater(device.next) : this.#unreachable(device, 'connection')
    const leg = await this.#enter(device, flow)
    if (!leg) return
    if (this.#fork.over) this.#bridge.calls.leave(this.#call, leg)
    else await this.invite(device, flow, leg)
  }

  // A page that is loaded anew while it rings would ring no more, and its person wonder why.
  #whenBack(device: Device): Promise<Device | null> {
    const over = this.#fork.outcome.then(() => null)
    return Promise.race([this.#bridge.whenBack(device, BACK_WITHIN), over])
  }

  // Once the caller has got an answer of ours (early media), its media stay with us.
  async #enter(device: Device, flow: Flow): Promise<Leg | null> {
    const [bridge, call] = [this.#bridge, this.#call]
    const isDirect = this.#caller.said !== null && !this.#early.heard && mayGoDirectly(bridge, device.user, flow)
    if (isDirect) return enterDirectly(bridge, call, device, flow)
    const [leg = null] = (await openLegs(bridge, call, [party({ device, flow })])) ?? []
    return leg
  }

  // RFC 5626 §7. It may be of another address of ours, and needs a leg of its own.
  #overNextFlow(device: Device, leg: Leg): Promise<void> {
    this.#bridge.calls.leave(this.#call, leg)
    return this.inviteLater(device)
  }

  async untilAllRefuse(asked: readonly Promise<void>[]): Promise<void> {
    await Promise.all(asked)
    this.#fork.exhausted()
  }

  #unreachable({ user }: Device, why: 'codecs' | 'connection'): void {
    const { log } = this.#call
    log.note({ at: log.now(), type: 'unreachable', user, why })
    this.#fork.refused(why === 'codecs' ? NO_CODEC : UNREACHABLE)
  }

  #redirected(leg: Leg, { response }: Refusal): readonly (readonly Device[])[] {
    if (response === null || response.status >= 400) return []
    // The caller has got this phone's offer (RFC 3262 §5), and no other's can be brought to it while it rings.
    if (this.#caller.offer === null && this.#early.heard) return []
    const rung = (): Set<string> => new Set(this.#devices.map(({ user }) => user))
    this.#redirections ??= new Redirections(this.#bridge, this.#call, rung())
    return this.#redirections.follow(leg, response)
  }

  async #ringInstead(devices: readonly Device[]): Promise<void> {
    if (this.#fork.over) return
    if (devices.length > 1) this.#several()
    await Promise.all(devices.map((device) => this.inviteLater(device)))
  }

  #several(): void {
    this.#early.several()
    this.#reliable = this.#caller.offer !== null
  }

  /** Waits for how it comes out, and acts on it. */
  async finish(): Promise<void> {
    const outcome = await this.#fork.outcome
    if (outcome.kind === 'failed') return this.#refused(outcome.refusal)
    if (outcome.kind === 'stopped') return
    const { answer, branch } = outcome
    // It ended between the answer and our hearing of it.
    if (this.#call.state === 'ended') return answer.session.bye()
    branch.leg.session = answer.session
    this.#invite.whenReady(() => this.#join(branch.leg, answer))
  }

  #join(callee: Leg, { session, response, settled }: BranchAnswer): void {
    if (session.over) {
      const reason = `${callee.user} hung up before the caller was ready`
      return this.#end({ by: 'callee', outcome: 'failed', status: 480, reason })
    }
    const { leg: caller, offer, said } = this.#caller
    const [invite, delayed] = [this.#invite, offer === null]
    const { answer: early, callerMoved } = this.#early
    if (callee.way === 'relay')
      converse(this.#bridge, this.#call, { caller, callee, invite, response, settled, early, callerMoved, delayed })
    else if (said) talkDirectly(this.#bridge, this.#call, { caller, offer: said, callee, invite, response })
    this.#closeOthers(callee)
  }

  #closeOthers(winner: Leg): void {
    const others = this.#call.legs.filter((leg) => leg.role === 'callee' && leg !== winner)
    for (const leg of others) this.#bridge.calls.leave(this.#call, leg)
  }

  #noAnswer(): void {
    this.#end({ by: 'server', outcome: 'no-answer', status: 480, reason: 'nobody answered' })
  }

  #refused(refusal: Refusal): void {
    this.#end(endingOf(refusal))
  }

  #end(ending: Ending): void {
    this.#bridge.calls.end(this.#call, ending)
  }
}
