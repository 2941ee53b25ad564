import type { PhoneNetwork } from './api/plan/network.ts'
import type { UserStore } from './api/userStore.ts'
import type { Bridge, Line, LineAttempt, UsageMeter } from './bridge/bridge.ts'
import type { Call } from './bridge/call.ts'
import type { Arrival } from './bridge/exchange.ts'
import type { CompiledPlan } from './dialplan/compiled.ts'
import type { Cause } from './dialplan/decision.ts'
import { formatNumber } from './dialplan/numberFormat.ts'
import { ownNumberOfTrunk } from './dialplan/routing.ts'
import type { Planner } from './planner.ts'
import type { Endpoint } from './platform/network.ts'
import type { Platform } from './platform/platform.ts'
import type { Repertoire } from './sdp/repertoire.ts'
import type { UserAgent } from './sip/dialog/userAgent.ts'
import { Locator } from './sip/locate/locator.ts'
import type { Target } from './sip/locate/target.ts'
import type { ServerTransaction } from './sip/transaction/serverTransaction.ts'
import type { Flow } from './sip/transport/flow.ts'
import type { TransportLayer } from './sip/transport/layer.ts'
import { type Diverted, diversionReason } from './trunks/forwarding.ts'
import { type InboundCall, inboundForms } from './trunks/inbound.ts'
import type { LiveTrunk } from './trunks/liveTrunk.ts'
import { effectiveTrunk, presets } from './trunks/presets.ts'
import type { Link } from './trunks/provider.ts'
import { SipLine } from './trunks/sipLine.ts'
import { trunkRepertoire } from './trunks/speech.ts'
import type { CallSender } from './trunks/testCall.ts'
import type { TrunkSettings, TrunkState } from './trunks/trunk.ts'
import { Trunks } from './trunks/trunks.ts'
import type { TestStep } from './trunks/trunkTest.ts'

export interface OutsideParts {
  readonly platform: Platform
  readonly planner: Planner
  /** What the admin has made of it, at first. */
  readonly network: PhoneNetwork
  readonly users: Pick<UserStore, 'find'>
  readonly transport: TransportLayer
  readonly agent: UserAgent
  readonly usage: UsageMeter
  readonly secret: Uint8Array
  /** A provider sees us at an address that is not the one we told it. */
  seenAs(from: Endpoint, flow: Flow): void
}

/** The phone network as the admin has made it: the plan that calls go by, the trunks, and the calls that cross them. */
export class Outside {
  readonly #parts: OutsideParts
  readonly #trunks: Trunks
  readonly #locator: Locator
  #plan: CompiledPlan
  /** The trunk that we are told our address by; null: none has told us yet. */
  #teller: string | null = null

  constructor(parts: OutsideParts) {
    const { platform, planner, usage } = parts
    const { clock, random, log, names } = platform
    this.#parts = parts
    this.#locator = new Locator({ names, clock, random })
    this.#trunks = new Trunks({
      locator: this.#locator,
      link: (host) => this.#link(host),
      hasVanished: (target, flow) => this.#hasVanished(target, flow),
      callsUp: (trunk) => usage.callsUp(`trunk:${trunk}`),
      write: (e164, format) => formatNumber(e164, format, planner.country),
      secret: parts.secret,
      changed: (state) => log[state.state === 'down' ? 'warn' : 'info'](state, `trunk ${state.name} is ${state.state}`),
      seenAs: (trunk, from, flow) => this.#seenAs(trunk, from, flow),
    })
    this.#plan = planner.planOf(parts.network, log)
  }

  /** What calls go by now. */
  get plan(): CompiledPlan {
    return this.#plan
  }

  get trunks(): readonly TrunkState[] {
    return this.#trunks.states
  }

  /** Registers the trunks of the beginning: when we can be called. */
  open(): void {
    this.#trunks.set(settingsOf(this.#parts.network))
  }

  /** Trunks, numbers or rules are others now: calls from now on go by them. */
  change(network: PhoneNetwork): void {
    this.#plan = this.#parts.planner.planOf(network, this.#parts.platform.log)
    this.#trunks.set(settingsOf(network))
  }

  /** As Bridge's. */
  line(attempt: LineAttempt, call: Call, { cause, lastResort }: Parameters<Bridge['line']>[2]): Line | null {
    if (attempt.action === 'sip') return this.#sipLine(attempt.uri, call)
    const { trunk, number, callerId, emergency } = attempt
    const divertedBy = this.#diverted(attempt.divertedBy, cause)
    const withheld = call.withheld && !emergency
    const urgency = lastResort ? 'last-resort' : emergency ? 'emergency' : 'usual'
    const said = { number, callerId, callerName: call.fromName, divertedBy, withheld }
    return this.#trunks.line(trunk, said, urgency)
  }

  /** What legs of a trunk speak. `base`: what any leg can. */
  repertoire(trunk: string, base: Repertoire): Repertoire {
    const found = this.#trunks.find(trunk)
    return found ? trunkRepertoire(found.settings, base) : base
  }

  /** How a trunk is told keys, where not in its media; null: in its media. */
  keys(trunk: string): 'info' | null {
    return this.#trunks.find(trunk)?.settings.dtmf === 'info' ? 'info' : null
  }

  /** Whether the media of a trunk are SRTP alone. Of one that was removed meanwhile nobody knows: rather no call than one in the clear. */
  needsSrtp(trunk: string): boolean {
    return this.#trunks.find(trunk)?.settings.srtp ?? true
  }

  /** The call that a trunk brings by this INVITE; null: it is of somebody else. `full`: the trunk has no room for it. */
  arrival(transaction: ServerTransaction): Arrival | 'full' | null {
    const { request, flow } = transaction
    const found = this.#trunks.recognise(request, flow, (called) => this.#ownerOf(called))
    if (found === null) return null
    if (!found.trunk.hasRoom) return 'full'
    const { name } = found.trunk.settings
    const dialled = this.#calledOf(found)
    const number = found.caller.number && this.#e164(found.caller.number, found.trunk)
    return {
      transaction,
      caller: { kind: 'trunk', trunk: name, number },
      from: number ?? 'anonymous',
      fromName: found.caller.name,
      dialled,
      withheld: number === null,
      uses: [`trunk:${name}`, `number:${dialled}`],
    }
  }

  /** Our own address is another one. */
  addressChanged(): void {
    this.#trunks.addressChanged()
  }

  /** Tries a trunk, step by step; `call`: a number to ring, null for none. Null: there is no such trunk. */
  test(trunk: string, call: string | null): AsyncIterable<TestStep> | null {
    return this.#trunks.find(trunk)?.test(call) ?? null
  }

  /** Whether a flow leads to a trunk: what is sent there is not moved to another transport. */
  isTrunk(address: string): boolean {
    return this.#trunks.isAllowed(address)
  }

  async close(): Promise<void> {
    await this.#trunks.close()
    this.#locator.close()
  }

  // One alone is believed: where two providers see us come by two lines, each would have us tell the other another address.
  #seenAs(trunk: string, from: Endpoint, flow: Flow): void {
    const known = this.#teller !== null && this.#trunks.find(this.#teller) !== null
    if (known && this.#teller !== trunk) return
    this.#teller = trunk
    this.#parts.seenAs(from, flow)
  }

  #link(host: string): Link & CallSender {
    const { agent, platform } = this.#parts
    const { clock, random } = platform
    return {
      ...{ clock, random },
      request: (...request) => agent.request(...request),
      sendAck: (...ack) => agent.sendAck(...ack),
      connect: (target) => this.#connect(target, host),
    }
  }

  async #connect(target: Target, host: string): Promise<Flow> {
    const { transport, platform } = this.#parts
    const address = target.protocol === 'udp' ? await platform.network.sourceFor(target.address) : null
    return transport.connect(target.protocol, target, address === null ? null : { address, port: 0 }, host)
  }

  async #hasVanished(target: Target, flow: Flow): Promise<boolean> {
    return target.protocol === 'udp' && this.#parts.transport.hasVanished(target, flow.local)
  }

  #sipLine(uri: string, call: Call): Line | null {
    return SipLine.to(uri, call.from, {
      locator: this.#locator,
      connect: (target, host) => this.#connect(target, host),
    })
  }

  // Why the last one sent it on is known; of those before nothing is kept.
  #diverted(subjects: readonly string[], cause: Cause | null): readonly Diverted[] {
    return subjects.flatMap((subject, at) => {
      const number = this.#numberOf(subject)
      const reason = at === subjects.length - 1 ? diversionReason(cause) : 'unknown'
      return number === null ? [] : [{ number, reason }]
    })
  }

  #numberOf(subject: string): string | null {
    const [, kind, name = ''] = /^(user|number):(.*)$/.exec(subject) ?? []
    if (kind === 'user') return this.#parts.users.find(name)?.callerId ?? null
    return kind === 'number' ? name : null
  }

  #ownerOf(called: string): string | null {
    const { numbers } = this.#plan
    const e164 = this.#parts.planner.numbering.read(called)?.e164 ?? ''
    return (numbers.get(e164) ?? numbers.get(`+${called}`))?.entry.trunk ?? null
  }

  // Providers leave out signs and prefixes: what makes it a number of ours is what it means.
  #calledOf({ called, trunk }: InboundCall<LiveTrunk>): string {
    const { name, numberFormat } = trunk.settings
    for (const form of inboundForms(called, numberFormat)) {
      const own = ownNumberOfTrunk(form, name, this.#plan)
      if (own) return own.entry.number
    }
    return called
  }

  #e164(number: string, { settings }: LiveTrunk): string {
    const [form = number] = inboundForms(number, settings.numberFormat)
    return this.#parts.planner.numbering.read(form)?.e164 ?? number
  }
}

function settingsOf({ trunks }: PhoneNetwork): readonly TrunkSettings[] {
  return trunks.flatMap((entry) => {
    const preset = presets().get(entry.preset)
    return preset ? [effectiveTrunk(entry, preset)] : []
  })
}
