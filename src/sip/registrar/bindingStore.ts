import type { Endpoint } from '../../platform/network.ts'

/** One registered contact of a user: RFC 3261 §10. Times are wall-clock ms since 1970, so that they survive a restart. */
export interface Binding {
  readonly user: string
  /** The Contact's addr-spec exactly as the phone wrote it: the Request-URI of calls to it (§10.3, §16.6). */
  readonly contact: string
  /** What identifies the binding among the user's: the +sip.instance (with reg-id) if there is one, else the contact. */
  readonly key: string
  /** The +sip.instance (RFC 5626 §4.1), as in `urn:uuid:…`; null: the phone gave none. */
  readonly instance: string | null
  /** Which of the instance's flows this is, where the phone uses outbound (RFC 5626 §4.2); null otherwise. */
  readonly regId: number | null
  /** Names this registration of the instance in its temporary GRUUs (RFC 5627); null without an instance. */
  readonly gruuEpoch: string | null
  /** The way to the phone, the proxy next to us first: the Route of requests to it (RFC 3327 §5.3). Each as it came. */
  readonly path: readonly string[]
  /** The Contact's parameters as they came (without `expires`), beginning with `;` or empty: echoed back (§10.3 step 8). */
  readonly contactParams: string
  /** 0–1000: thousandths, the field has three decimals (§25.1). */
  readonly q: number
  readonly callId: string
  readonly cSeq: number
  readonly expiresAt: number
  readonly registeredAt: number
  readonly userAgent: string | null
  /** The host by which the phone knows this server: the From domain of calls to it. */
  readonly domain: string
  /**
   * The flow it registered over: calls go back the same way. It is what a flow token of RFC 5626 §5.2 stands for: an edge
   * proxy has to write it into its Path; we are registrar and edge at once, and keep it here.
   */
  readonly protocol: 'udp' | 'tcp' | 'tls' | 'ws' | 'wss'
  readonly source: Endpoint
  readonly local: Endpoint
}

/** A user's changed bindings. */
export interface BindingChange {
  readonly user: string
  readonly put: readonly Binding[]
  /** Keys of those that are gone. */
  readonly removed: readonly string[]
}

/** Where bindings outlive the process. */
export interface BindingStore {
  /** All bindings, expired ones included. */
  load(): Binding[]
  /**
   * Saves a change. All saves of one turn of the event loop commit together; `done` runs after the commit, with the
   * error if it failed. A REGISTER is answered from `done`, so that what was answered 200 survives a kill.
   */
  save(change: BindingChange, done: (error?: Error) => void): void
}
