import type { Line } from '../bridge/bridge.ts'
import type { SipRequest } from '../sip/message/message.ts'
import type { Flow } from '../sip/transport/flow.ts'
import type { OutgoingCall } from './identity.ts'
import { type InboundCall, recognise } from './inbound.ts'
import { LiveTrunk, type TrunkParts, type Urgency } from './liveTrunk.ts'
import type { TrunkSettings, TrunkState } from './trunk.ts'

/** All trunks of the server, as the admin has them now. */
export class Trunks {
  readonly #parts: TrunkParts
  /** In the admin's order. */
  #trunks: readonly LiveTrunk[] = []

  constructor(parts: TrunkParts) {
    this.#parts = parts
  }

  get states(): readonly TrunkState[] {
    return this.#trunks.map(({ state }) => state)
  }

  find(name: string): LiveTrunk | null {
    return this.#trunks.find(({ settings }) => settings.name === name) ?? null
  }

  /** The trunks are these from now on: those that are the same go on as they are. */
  set(settings: readonly TrunkSettings[]): void {
    const before = this.#trunks
    const kept = settings.map((wanted) => before.find((trunk) => same(trunk.settings, wanted)))
    const next = ({ settings: { name } }: LiveTrunk): TrunkSettings | null =>
      settings.find((wanted) => wanted.name === name) ?? null
    const closed = before.filter((trunk) => !kept.includes(trunk)).map((trunk) => trunk.close(next(trunk)))
    this.#trunks = settings.map((wanted, at) => kept[at] ?? new LiveTrunk(wanted, this.#parts))
    const added = this.#trunks.filter((trunk) => !before.includes(trunk))
    // One whose account was changed keeps its Contact: what takes the old binding back must not come after what makes the new one.
    void Promise.all(closed).then(() => {
      for (const trunk of added) if (this.#trunks.includes(trunk)) trunk.start()
    })
  }

  /** The way into a trunk for one call; null: there is none now. */
  line(name: string, call: OutgoingCall, urgency: Urgency = 'usual'): Line | null {
    return this.find(name)?.line(call, urgency) ?? null
  }

  /** The trunk that brings an INVITE, and what it says; null: none does. `ownerOf`: as `recognise`. */
  recognise(
    request: SipRequest,
    { remote, protocol }: Flow,
    ownerOf: (called: string) => string | null,
  ): InboundCall<LiveTrunk> | null {
    return recognise(request, { address: remote.address, protocol }, this.#trunks, ownerOf)
  }

  /** Whether a trunk may send and be sent calls there. */
  isAllowed(address: string): boolean {
    return this.#trunks.some((trunk) => trunk.isAllowed(address))
  }

  /** Our own address is another one: providers are told. */
  addressChanged(): void {
    for (const trunk of this.#trunks) trunk.addressChanged()
  }

  /** Takes all registrations back. */
  async close(): Promise<void> {
    const trunks = this.#trunks
    this.#trunks = []
    await Promise.all(trunks.map((trunk) => trunk.close()))
  }
}

function same(a: TrunkSettings, b: TrunkSettings): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
