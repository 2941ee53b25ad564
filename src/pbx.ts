import type { PhoneNetwork } from './api/plan/network.ts'
import type { UserStore } from './api/userStore.ts'
import { echo } from './apps/echo.ts'
import { tone } from './apps/tone.ts'
import type { Call, Ending } from './bridge/call.ts'
import type { CallRecordStore } from './bridge/callRecord.ts'
import { CallTable } from './bridge/callTable.ts'
import { type App, Exchange } from './bridge/exchange.ts'
import { watchForgeries } from './bridge/forgeries.ts'
import { watchKeys } from './bridge/keys.ts'
import { refuseOffer } from './bridge/legMedia.ts'
import { watchLiveness } from './bridge/liveness.ts'
import { readdress } from './bridge/readdress.ts'
import { Usage } from './bridge/usage.ts'
import type { ServerOptions } from './config.ts'
import { startOfDay } from './dialplan/zone.ts'
import { OwnHosts, ownAddresses } from './interfaces.ts'
import type { MediaEngine } from './media/engine.ts'
import { Outside } from './outside.ts'
import type { Planner } from './planner.ts'
import type { Platform } from './platform/platform.ts'
import { Reach } from './reach.ts'
import { Returns } from './returns.ts'
import { Authenticator } from './sip/auth/authenticator.ts'
import type { CredentialStore } from './sip/auth/credentials.ts'
import { Nonces } from './sip/auth/nonces.ts'
import { Penalties } from './sip/auth/penalties.ts'
import { UserAgent } from './sip/dialog/userAgent.ts'
import type { BindingStore } from './sip/registrar/bindingStore.ts'
import { Gruus } from './sip/registrar/gruus.ts'
import { Keepalive } from './sip/registrar/keepalive.ts'
import { Registrar } from './sip/registrar/registrar.ts'
import type { ServerTransaction } from './sip/transaction/serverTransaction.ts'
import type { Advertiser } from './sip/transport/advertise.ts'
import { TransportLayer } from './sip/transport/layer.ts'
import { UasCore } from './sip/uasCore.ts'
import { StunServer } from './stun/server.ts'
import { wiredBridge } from './wiredBridge.ts'

const APPS: ReadonlyMap<string, App> = new Map([
  ['echo', echo],
  ['tone', tone],
])

export interface PbxParts {
  readonly options: ServerOptions
  readonly platform: Platform
  readonly engine: MediaEngine
  readonly advertiser: Advertiser
  readonly users: Pick<UserStore, 'find'> & CredentialStore
  readonly bindings: BindingStore
  readonly callRecords: CallRecordStore
  readonly realm: string
  readonly gruuSecret: Uint8Array
  readonly planner: Planner
  /** What the admin has made of the phone network, at first. */
  readonly phoneNetwork: PhoneNetwork
  /** A provider sees us come from this address. */
  readonly seenAs?: (address: string) => void
  /** Names by which phones may call us, besides our addresses; lower case. */
  readonly domains: readonly string[]
}

/** The phone system without the machine it runs on: SIP, registrations and calls, wired together. */
export interface Pbx {
  readonly transport: TransportLayer
  readonly stun: StunServer
  readonly authenticator: Authenticator
  readonly agent: UserAgent
  readonly registrar: Registrar
  readonly keepalive: Keepalive
  readonly penalties: Penalties
  readonly calls: CallTable
  /** Whether a host, as plainAddress gives it, is this server. */
  isOurs(host: string): boolean
  /**
   * Binds the sockets of all `addresses`, and follows them as the interfaces come and go; gives the port. `changed` hears
   * of each change, too.
   */
  listen(addresses: () => readonly string[], changed?: (addresses: readonly string[]) => void): Promise<number>
  /** The address by which the internet knows us is another: who knows us by the old one is told. */
  addressChanged(): void
  /** The phone network: trunks, and the plan that calls go by. */
  readonly outside: Outside
  readonly usage: Usage
  /** A user was changed or removed: what is kept in memory of one that is gone goes too. */
  userChanged(name: string): void
  /** Ends every call and lets go of everything but the engine; resolves when providers know it, or in 2 s. */
  close(): Promise<void>
}

export function createPbx(parts: PbxParts): Pbx {
  const { options, platform, engine, advertiser, users, realm } = parts
  const { clock, network, random, log } = platform

  const nonces = new Nonces(clock, random)
  const penalties = new Penalties(clock, (address) => advertiser.isLocal(address))
  const algorithms = options.digest
  const authenticator = new Authenticator({ realm, algorithms, credentials: users, nonces, penalties, random })

  const transport = new TransportLayer({
    ...{ clock, network, random, log, advertiser },
    admits: (address) => penalties.admits(address),
    receive: (message, flow) => agent.receive(message, flow),
  })
  const stun = new StunServer({ clock, network, log, admits: (address) => penalties.admits(address) })
  const agent: UserAgent = new UserAgent({
    clock,
    random,
    outside: (transaction) => core.receive(transaction),
    ways: {
      reopen: (request, old) => reach.reopen(request, old),
      answer: (old, port) => reach.answer(old, port),
      stream: (request, flow) => reach.stream(request, flow),
    },
    refuseOffer,
  })
  const gruus = new Gruus(parts.gruuSecret, random)
  const reach: Reach = new Reach({
    ...{ transport, gruus },
    lookup: (user) => registrar.lookup(user),
    isUser: (name) => users.find(name) !== null,
    ofTrunk: (address) => outside.isTrunk(address),
  })
  const returns = new Returns(clock, (user) => reach.devices(user))
  const keepalive = new Keepalive(clock, agent, (binding) => reach.flow(binding))
  const registrar = new Registrar({
    ...{ clock, log, gruus, store: parts.bindings },
    limits: { min: options.expires.min, usual: options.expires.default, max: options.expires.max },
    changed: (user, bindings) => {
      keepalive.watch(user, bindings)
      returns.changed(user)
    },
  })
  for (const user of registrar.users()) keepalive.watch(user, registrar.lookup(user))

  const hosts = new OwnHosts(clock, network, advertiser, parts.domains)
  const calls = new CallTable(clock, random, engine, parts.callRecords)
  const { planner, callRecords } = parts
  const usage = new Usage({
    clock,
    // The call for which it is asked is none of them.
    all: () => Math.max(0, calls.size - 1),
    startOfDay: (at) => startOfDay(at, planner.tz),
    before: (since) => callRecords.usedSince(since),
  })
  const outside: Outside = new Outside({
    ...{ platform, planner, users, transport, agent, usage, secret: parts.gruuSecret },
    network: parts.phoneNetwork,
    seenAs: ({ address }, { remote, advertised }) => {
      const outside = !advertiser.isLocal(remote.address) && !advertiser.isLocal(address)
      if (outside && address !== advertised.address) parts.seenAs?.(address)
    },
  })
  const bridge = wiredBridge({
    ...{ options, platform, agent, engine, transport, calls, usage, outside, hosts, reach, returns, users },
  })
  const exchange = new Exchange(bridge, APPS)
  const unwatch = [watchLiveness(bridge), watchKeys(bridge), watchForgeries(bridge)]

  const core = new UasCore({
    ...{ clock, log, authenticator },
    handlers: {
      register: (transaction, user) => registrar.register(transaction, user),
      invite: (transaction, user) => exchange.invite(transaction, user),
    },
    isOurs: (host) => hosts.has(host),
    ofTrunk: (transaction) => fromTrunk(outside, exchange, transaction),
  })

  const interfacesChanged = (addresses: readonly string[]): void => {
    log.info({ addresses }, 'the addresses of this host have changed')
    engine.follow(ownAddresses(network, advertiser))
    void transport.follow(addresses)
    void stun.follow(addresses)
    outside.addressChanged()
  }

  return {
    ...{ transport, stun, authenticator, agent, registrar, keepalive, penalties, calls, outside, usage },
    userChanged(name) {
      if (users.find(name) === null) registrar.forget(name)
    },
    addressChanged() {
      transport.addressChanged()
      outside.addressChanged()
      readdress(bridge, ({ protocol, remote, local }) => transport.flowTo(protocol, remote, local))
    },
    isOurs: (host) => hosts.has(host),
    async listen(addresses, changed = () => {}) {
      hosts.listening(addresses())
      const port = await transport.listen(addresses(), options.sipPort)
      await stun.listen(addresses(), options.stunPort ?? neighbourOf(options.sipPort))
      outside.open()
      hosts.follow(addresses, (now) => {
        interfacesChanged(now)
        changed(now)
      })
      return port
    },
    async close() {
      for (const call of calls.all()) calls.end(call, stopped(call))
      hosts.close()
      await outside.close()
      for (const stop of unwatch) stop()
      keepalive.close()
      registrar.close()
      agent.close()
      transport.close()
      stun.close()
    },
  }
}

/** What to do with an INVITE of a trunk; null: it is of none. */
function fromTrunk(outside: Outside, exchange: Exchange, transaction: ServerTransaction): (() => void) | null {
  const arrival = outside.arrival(transaction)
  if (arrival === null) return null
  return () => (arrival === 'full' ? transaction.respond(486) : exchange.arrive(arrival))
}

/** 0 stays 0: any port that is free. */
function neighbourOf(sipPort: number): number {
  return sipPort === 0 || sipPort === 65_535 ? 0 : sipPort + 1
}

function stopped(call: Call): Ending {
  const outcome = call.answeredAt === null ? 'failed' : 'answered'
  return { by: 'server', outcome, status: 503, reason: 'the server was stopped' }
}
