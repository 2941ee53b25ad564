import type { Flow } from '../sip/transport/flow.ts'
import { Branch, type BranchAnswer, type BranchEvents } from './branch.ts'
import type { Bridge, Device, Phone } from './bridge.ts'
import type { Call, Leg } from './call.ts'
import { type Caller, mayRingOthers } from './caller.ts'
import { reasonFor } from './causes.ts'
import { enterDirectly, mayGoDirectly } from './direct.ts'
import { Fork } from './fork.ts'
import { guarded } from './guarded.ts'
import type { RingTurn } from './hunt.ts'
import { openLegs, partyOf } from './openLegs.ts'
import { Redirections } from './redirect.ts'
import { endingOf, isOutage, LINE_DOWN, NO_CODEC, type Refusal, UNANSWERED, UNREACHABLE } from './refusal.ts'

/** How long a page may take to be loaded anew, ms. */
const BACK_WITHIN = 8_000

/** A device whose leg is open. */
export interface Entered {
  readonly flow: Flow
  readonly leg: Leg
}

/** How a turn of ringing came out. */
export type RingOutcome =
  | { readonly kind: 'answered'; readonly leg: Leg; readonly answer: BranchAnswer }
  | { readonly kind: 'failed'; readonly refusal: Refusal }
  | { readonly kind: 'stopped' }

/** One turn of a call that rings: the devices that ring together, and whoever takes the place of one of them. */
export class Ringing {
  readonly #bridge: Bridge
  readonly #call: Call
  readonly #caller: Caller
  readonly #fork: Fork
  readonly #devices: readonly Device[]
  #redirections: Redirections | null = null
  /** Phones may offer and answer in reliable provisional responses only where somebody can answer them. */
  #reliable: boolean

  constructor(bridge: Bridge, call: Call, caller: Caller, { devices, timeout }: RingTurn) {
    this.#bridge = bridge
    this.#call = call
    this.#caller = caller
    this.#devices = devices
    this.#reliable = caller.offer !== null || (devices.length === 1 && caller.invite.reliable)
    this.#fork = new Fork(caller.early)
    call.onEnded((ending) => this.#fork.stop(reasonFor(ending)))
    const noAnswer = bridge.clock.after(timeout, () => this.#fork.giveUp(UNANSWERED, reasonFor(endingOf(UNANSWERED))))
    void this.#fork.outcome.then(() => noAnswer.cancel())
  }

  /** The trunk that alone is asked, as people know it; null: phones ring. */
  get line(): string | null {
    const [device] = this.#devices
    return device?.kind === 'line' ? device.user.replace(/^trunk:/, 'trunk ') : null
  }

  /** Settles with the first answer, the best refusal, or the call's end. */
  get outcome(): Promise<RingOutcome> {
    return this.#fork.outcome.then((outcome) =>
      outcome.kind === 'answered' ? { kind: 'answered', leg: outcome.branch.leg, answer: outcome.answer } : outcome,
    )
  }

  /** Rings them all. `entered`: those whose legs are open already. */
  begin(entered: ReadonlyMap<Device, Entered> = new Map()): void {
    // Those that can be asked at once come first: they are numbered in this order.
    const asked = [...entered].map(([device, { flow, leg }]) => this.#invite(device, flow, leg))
    const others = this.#devices.filter((device) => !entered.has(device))
    asked.push(...others.map((device) => this.#inviteLater(device)))
    guarded(this.#bridge, this.#call, this.#untilAllRefuse(asked))
  }

  async #untilAllRefuse(asked: readonly Promise<void>[]): Promise<void> {
    await Promise.all(asked)
    this.#fork.exhausted()
  }

  // Settles when it has refused, and so has whatever it pointed to.
  async #invite(device: Device, flow: Flow, leg: Leg): Promise<void> {
    const offer = this.#offerTo(leg)
    if (offer === 'no codec') return this.#unreachable(device, 'codecs')
    // RFC 3261 §16.6 step 3: each hop takes one, so that a loop ends.
    const maxForwards = (this.#caller.invite.request.maxForwards ?? 70) - 1
    // What a phone says early of media that go directly is not passed on, so it must not count for good.
    const reliable = this.#reliable && leg.way === 'relay'
    const how = { device, leg, flow, offer, reliable, maxForwards }
    const refusal = await this.#fork.ring((events) => new Branch(this.#bridge, this.#call, how, toldOf(device, events)))
    if (device.kind === 'line') device.outcome(!isOutage(refusal))
    if (refusal.ofFlow && device.next && !this.#fork.over) return this.#overNextFlow(device.next, leg)
    const back = refusal.gone && device.kind === 'phone' ? await this.#whenBack(device) : null
    if (back) return this.#overNextFlow(back, leg)
    const instead = device.kind === 'phone' ? this.#redirected(leg, refusal) : []
    if (instead.length === 0) return this.#fork.refused(refusal)
    for (const devices of instead) await this.#ringInstead(devices)
  }

  #offerTo(leg: Leg): Uint8Array | null | 'no codec' {
    const { offer, said } = this.#caller
    if (leg.way === 'direct') return said?.sdp ?? null
    const made = offer && leg.media.offer(offer)
    return made?.kind === 'rejected' ? 'no codec' : (made?.body ?? null)
  }

  // Rings a phone whose connection must first be opened, or whose media are none of ours; the others don't wait for it.
  async #inviteLater(device: Device): Promise<void> {
    const flow = device.flow ?? (await device.connect().catch(() => null))
    if (this.#fork.over) return
    if (!flow) return device.next ? this.#inviteLater(device.next) : this.#unreachable(device, 'connection')
    const leg = await this.#enter(device, flow)
    if (!leg) return
    if (this.#fork.over) this.#bridge.calls.leave(this.#call, leg)
    else await this.#invite(device, flow, leg)
  }

  // A page that is loaded anew while it rings would ring no more, and its person wonder why.
  #whenBack(phone: Phone): Promise<Phone | null> {
    const over = this.#fork.outcome.then(() => null)
    return Promise.race([this.#bridge.whenBack(phone, BACK_WITHIN), over])
  }

  // Once the caller has got an answer of ours (early media), its media stay with us.
  async #enter(device: Device, flow: Flow): Promise<Leg | null> {
    const [bridge, call] = [this.#bridge, this.#call]
    const { said, early } = this.#caller
    if (said !== null && !early.heard && mayGoDirectly(bridge, device.user, flow))
      return enterDirectly(bridge, call, device, flow)
    const [leg = null] = (await openLegs(bridge, call, [partyOf({ device, flow })])) ?? []
    return leg
  }

  // RFC 5626 §7. It may be of another address of ours, and needs a leg of its own.
  #overNextFlow(device: Device, leg: Leg): Promise<void> {
    this.#bridge.calls.leave(this.#call, leg)
    return this.#inviteLater(device)
  }

  #unreachable({ user, kind }: Device, why: 'codecs' | 'connection'): void {
    const { log } = this.#call
    log.note({ at: log.now(), type: 'unreachable', user, why })
    this.#fork.refused(why === 'codecs' ? NO_CODEC : kind === 'line' ? LINE_DOWN : UNREACHABLE)
  }

  #redirected(leg: Leg, { response }: Refusal): readonly (readonly Device[])[] {
    if (response === null || response.status >= 400 || !mayRingOthers(this.#caller)) return []
    const rung = (): Set<string> => new Set(this.#devices.map(({ user }) => user))
    this.#redirections ??= new Redirections(this.#bridge, this.#call, rung())
    return this.#redirections.follow(leg, response)
  }

  async #ringInstead(devices: readonly Device[]): Promise<void> {
    if (this.#fork.over) return
    if (devices.length > 1) this.#several()
    await Promise.all(devices.map((device) => this.#inviteLater(device)))
  }

  #several(): void {
    this.#caller.early.several()
    this.#reliable = this.#caller.offer !== null
  }
}

// A line that takes a call is not out of order.
function toldOf(device: Device, events: BranchEvents): BranchEvents {
  if (device.kind === 'phone') return events
  return {
    ...events,
    answered(branch, answer) {
      device.outcome(true)
      events.answered(branch, answer)
    },
  }
}
