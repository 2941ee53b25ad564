import type { UserStore } from './api/userStore.ts'
import { echo } from './apps/echo.ts'
import type { Bridge, Device } from './bridge/bridge.ts'
import type { CallRecordStore } from './bridge/callRecord.ts'
import { CallTable } from './bridge/callTable.ts'
import { Exchange } from './bridge/exchange.ts'
import { watchLiveness } from './bridge/liveness.ts'
import type { ServerOptions } from './config.ts'
import type { MediaEngine } from './media/engine.ts'
import { isIP } from './platform/address.ts'
import type { Endpoint } from './platform/network.ts'
import type { Platform } from './platform/platform.ts'
import { Authenticator } from './sip/auth/authenticator.ts'
import type { CredentialStore } from './sip/auth/credentials.ts'
import { Nonces } from './sip/auth/nonces.ts'
import { Penalties } from './sip/auth/penalties.ts'
import { UserAgent } from './sip/dialog/userAgent.ts'
import { sameUri } from './sip/message/sameUri.ts'
import { parseUri, type Uri } from './sip/message/uri.ts'
import type { Binding, BindingStore } from './sip/registrar/bindingStore.ts'
import { Keepalive } from './sip/registrar/keepalive.ts'
import { Registrar } from './sip/registrar/registrar.ts'
import type { Advertiser } from './sip/transport/advertise.ts'
import type { Flow } from './sip/transport/flow.ts'
import { TransportLayer } from './sip/transport/layer.ts'
import { UasCore, userOf } from './sip/uasCore.ts'

export interface PbxParts {
  readonly options: ServerOptions
  readonly platform: Platform
  readonly engine: MediaEngine
  readonly advertiser: Advertiser
  readonly users: Pick<UserStore, 'find'> & CredentialStore
  readonly bindings: BindingStore
  readonly callRecords: CallRecordStore
  readonly realm: string
  /** Names by which phones may call us, besides our addresses; lower case. */
  readonly domains: readonly string[]
}

/** The phone system without the machine it runs on: SIP, registrations and calls, wired together. */
export interface Pbx {
  readonly transport: TransportLayer
  readonly agent: UserAgent
  readonly registrar: Registrar
  readonly keepalive: Keepalive
  readonly penalties: Penalties
  readonly calls: CallTable
  /** Binds the sockets of all `addresses`; gives the port. */
  listen(addresses: readonly string[]): Promise<number>
  /** A user was changed or removed: what is kept in memory of one that is gone goes too. */
  userChanged(name: string): void
  /** Ends every call and lets go of everything but the engine. */
  close(): void
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
  const agent = new UserAgent({
    clock,
    random,
    outside: (transaction) => core.receive(transaction),
    reopen: async (target, old) =>
      registeredFlow(target) ?? transport.connect(old.protocol, endpointOf(target) ?? old.remote, old.local),
  })

  // A phone to which nobody can connect is reached over the connection that it has registered over since.
  const registeredFlow = (target: Uri): Flow | null => {
    const binding = registrar.lookup(userOf(target) ?? '').find(({ contact }) => isAt(contact, target))
    return binding ? flowOf(binding) : null
  }
  const flowOf = (binding: Binding): Flow | null => transport.flowTo(binding.protocol, binding.source, binding.local)
  const keepalive = new Keepalive(clock, agent, flowOf)
  const registrar = new Registrar({
    ...{ clock, log, store: parts.bindings },
    limits: { min: options.expires.min, usual: options.expires.default, max: options.expires.max },
    changed: (user, bindings) => keepalive.watch(user, bindings),
  })
  for (const user of registrar.users()) keepalive.watch(user, registrar.lookup(user))

  const calls = new CallTable(clock, random, engine, parts.callRecords)
  const bridge: Bridge = {
    ...{ clock, random, log, agent, engine, calls },
    noAnswerAfter: options.noAnswer * 1000,
    devices: (user) => registrar.lookup(user).flatMap((binding) => deviceOf(binding, transport)),
    displayName: (user) => users.find(user)?.displayName ?? null,
  }
  const exchange = new Exchange(bridge, {
    isUser: (name) => users.find(name) !== null,
    apps: new Map([['*43', { name: 'echo', app: echo }]]),
  })
  const unwatch = watchLiveness(bridge)
  const ourHosts = new Set([...parts.domains, ...network.interfaces().map(({ address }) => address)])

  const core = new UasCore({
    ...{ clock, log, authenticator },
    handlers: {
      register: (transaction, user) => registrar.register(transaction, user),
      invite: (transaction, user) => exchange.invite(transaction, user),
    },
    isOurs: (host) => ourHosts.has(host) || host === advertiser.external,
  })

  return {
    ...{ transport, agent, registrar, keepalive, penalties, calls },
    userChanged(name) {
      if (users.find(name) === null) registrar.forget(name)
    },
    listen(addresses) {
      for (const address of addresses) ourHosts.add(address)
      return transport.listen(addresses, options.sipPort)
    },
    close() {
      for (const call of calls.all()) {
        calls.end(call, {
          by: 'server',
          outcome: call.answeredAt ? 'answered' : 'failed',
          status: 503,
          reason: 'the server was stopped',
        })
      }
      unwatch()
      keepalive.close()
      registrar.close()
      agent.close()
      transport.close()
    },
  }
}

function deviceOf(binding: Binding, transport: TransportLayer): Device[] {
  const contact = parseUri(binding.contact)
  if (!contact) return []
  return [
    {
      user: binding.user,
      contact,
      domain: binding.domain,
      userAgent: binding.userAgent,
      flow: transport.flowTo(binding.protocol, binding.source, binding.local),
      // A connection's source port is the phone's throw-away; it listens where its Contact says.
      connect: () => transport.connect(binding.protocol, endpointOf(contact) ?? binding.source, binding.local),
    },
  ]
}

function isAt(contact: string, target: Uri): boolean {
  const uri = parseUri(contact)
  return uri !== null && sameUri(uri, target)
}

// Only addresses: a name would have to be resolved on the call path.
function endpointOf(uri: Uri): Endpoint | null {
  if (uri.kind !== 'sip' || !isIP(uri.host)) return null
  return { address: uri.host, port: uri.port ?? 5060 }
}
