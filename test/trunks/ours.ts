import type { Endpoint } from '../../src/platform/network.ts'
import { ClientDigest } from '../../src/sip/auth/clientDigest.ts'
import { UserAgent } from '../../src/sip/dialog/userAgent.ts'
import { Advertiser } from '../../src/sip/transport/advertise.ts'
import type { Flow } from '../../src/sip/transport/flow.ts'
import { TransportLayer } from '../../src/sip/transport/layer.ts'
import type { Link, Target } from '../../src/trunks/provider.ts'
import { Registration, type RegistrationParts } from '../../src/trunks/registration.ts'
import type { CallSender } from '../../src/trunks/testCall.ts'
import type { TrunkSettings } from '../../src/trunks/trunk.ts'
import { silentLog } from '../support/silentLog.ts'
import { VirtualClock } from '../support/virtual/clock.ts'
import { type VirtualHost, VirtualNetwork } from '../support/virtual/network.ts'
import { Provider } from '../support/virtual/provider.ts'
import { seededRandom } from '../support/virtual/random.ts'

export const US = '10.0.0.1'
export const THEM = '203.0.113.5'

export const SETTINGS: TrunkSettings = {
  name: 'acme',
  preset: 'generic',
  host: 'provider.example',
  port: null,
  servers: [],
  transport: 'udp',
  username: 'acme',
  password: 'secret',
  register: true,
  allowIp: [],
  callerIdHeader: 'pai',
  userPhone: false,
  callerId: null,
  fromAccount: false,
  domain: null,
  diversion: 'none',
  numberFormat: 'e164',
  calledNumberIn: 'request-uri',
  callerIn: ['pai', 'from'],
  maxCalls: null,
  callsPerSecond: null,
  codecs: null,
  dtmf: 'events',
  ptime: null,
  sessionTimers: false,
  emergency: false,
  srtp: false,
  qualifyEvery: 60,
  expires: 3600,
}

/** Our side of a trunk on the virtual network, and a provider that is well. */
export interface Ours {
  readonly clock: VirtualClock
  readonly network: VirtualNetwork
  readonly host: VirtualHost
  readonly advertiser: Advertiser
  readonly agent: UserAgent
  readonly transport: TransportLayer
  readonly link: Link & CallSender
  readonly provider: Provider
  /** A further provider's server. */
  another(at: Endpoint): Promise<Provider>
  /** Timers, sockets aside, that still run. */
  readonly left: () => number
  close(): void
}

export async function ours(seed = 1): Promise<Ours> {
  const clock = new VirtualClock()
  const network = new VirtualNetwork(clock, seed)
  const host = network.host(US)
  const random = seededRandom(seed)
  const advertiser = new Advertiser(host, ['10.0.0.0/8'])
  const transport = new TransportLayer({
    ...{ clock, network: host, random, log: silentLog, advertiser },
    admits: () => true,
    receive: (message, flow) => agent.receive(message, flow),
  })
  const agent = new UserAgent({
    ...{ clock, random },
    outside: (transaction) => transaction.respond(404),
    ways: {
      reopen: () => Promise.reject(new Error('none')),
      answer: () => Promise.reject(new Error('none')),
      stream: () => null,
    },
    refuseOffer: () => null,
  })
  await transport.listen([US], 5060)
  const link: Ours['link'] = {
    ...{ clock, random },
    request: (...sent) => agent.request(...sent),
    sendAck: (...ack) => agent.sendAck(...ack),
    connect: ({ protocol, address, port }) => transport.connect(protocol, { address, port }, null),
  }
  const provider = await new Provider(network, clock, { address: THEM, port: 5060 }).start()
  return {
    ...{ clock, network, host, advertiser, agent, transport, link, provider },
    another: (at) => new Provider(network, clock, at).start(),
    left: () => clock.timers,
    close() {
      agent.close()
      transport.close()
    },
  }
}

export function at(address: string, protocol: Target['protocol'] = 'udp'): Target {
  return { protocol, address, port: 5060 }
}

/** A registration with what it has told so far. */
export interface Registering {
  readonly registration: Registration
  /** Its states, as they changed. */
  readonly states: string[]
  readonly seen: Endpoint[]
  readonly flows: Flow[]
  readonly failed: string[]
  targets: readonly Target[]
}

export function registering(
  side: Ours,
  how: Partial<RegistrationParts['settings'] & { password: string }> = {},
): Registering {
  const { password = 'secret', ...changes } = how
  const settings = { ...SETTINGS, ...changes }
  const told: Omit<Registering, 'registration'> = { states: [], seen: [], flows: [], failed: [], targets: [at(THEM)] }
  const { username } = settings
  const registration = new Registration({
    settings,
    contactUser: 'k3j2h1',
    digest: username === null ? null : new ClientDigest({ username, password }, side.link.random),
    link: side.link,
    servers: {
      resolve: async () => told.targets,
      failed: (target) => void told.failed.push(target.address),
    },
    changed: () => {
      const { state } = registration
      const problem = 'problem' in state ? state.problem : null
      told.states.push(problem === null ? state.state : `${state.state}: ${problem}`)
    },
    seenAs: (from) => void told.seen.push(from),
  })
  return Object.assign(told, { registration })
}
