import type { Test } from 'tap'
import { bothHa1 } from '../../../src/api/ha1.ts'
import { EMPTY_NETWORK, type PhoneNetwork } from '../../../src/api/plan/network.ts'
import type { CallRecord } from '../../../src/bridge/callRecord.ts'
import { BUILT_IN_NUMBERS } from '../../../src/builtInNumbers.ts'
import { loadOptions, type ServerOptions } from '../../../src/config.ts'
import type { DialClass } from '../../../src/dialplan/plan.ts'
import type { MediaEngine } from '../../../src/media/engine.ts'
import { createLocalEngine } from '../../../src/media/localEngine.ts'
import { createPbx, type Pbx } from '../../../src/pbx.ts'
import { planner } from '../../../src/planner.ts'
import type { Endpoint, OnDatagram, TcpConnection, TcpListener, UdpSocket } from '../../../src/platform/network.ts'
import { PortPool } from '../../../src/rtp/ports/ports.ts'
import { Advertiser } from '../../../src/sip/transport/advertise.ts'
import { openStore, type Store } from '../../../src/store/store.ts'
import { silentLog } from '../silentLog.ts'
import { type PhoneMedia, VirtualAudio } from './audio.ts'
import { BrowserMedia } from './browserMedia.ts'
import { VirtualClock } from './clock.ts'
import { VirtualFiles } from './files.ts'
import { type FakeHandshakes, fakeHandshakes } from './handshakes.ts'
import { VirtualNames } from './names.ts'
import { behindNat } from './nat.ts'
import { type VirtualHost, VirtualNetwork } from './network.ts'
import { type PhoneOptions, VirtualPhone } from './phone.ts'
import { seededRandom } from './random.ts'
import { serverWebSocket, WSS_PORT } from './webSocket.ts'
import { openWire } from './wire.ts'

export const SERVER = '10.0.0.1'

const PCMU = '0 PCMU/8000'
const PCMA = '8 PCMA/8000'
const DTMF = '101 telephone-event/8000'

/** What Chrome offers, without what it only thinks it could do. */
export const BROWSER_CODECS = [
  '111 opus/48000/2',
  '9 G722/8000',
  '0 PCMU/8000',
  '8 PCMA/8000',
  '110 telephone-event/48000',
  '126 telephone-event/8000',
]

export interface WorldOptions {
  readonly users?: readonly string[]
  /** What all of them may dial; calls within the house alone if left out. */
  readonly allow?: readonly DialClass[]
  /** The numbers that they show, E.164, by their names. */
  readonly callerIds?: Readonly<Record<string, string>>
  /** What the admin has made of the phone network. */
  readonly phoneNetwork?: Partial<PhoneNetwork>
  readonly options?: Partial<ServerOptions>
  readonly rtpPorts?: { readonly from: number; readonly to: number }
  /** Addresses of the server's interfaces. */
  readonly addresses?: readonly string[]
  /** Our address toward the internet. */
  readonly external?: string
  /** Whether the server is not told it, and learns it from what providers see. */
  readonly learns?: boolean
  /** Where numbers are read. */
  readonly country?: string
  /** The database; in memory if left out, and then lost in a restart. */
  readonly file?: string
  /** What the network's losses and the server's own chance follow from. */
  readonly seed?: number
}

/**
 * How a phone differs from the usual; `address` and `port`: where it really sends from. One by WSS is a browser;
 * `tellsAddress`: whether it may say where it is, and `inside`: where it thinks to be, behind a NAT that lets answers in alone.
 */
export type PhoneSetup = Partial<PhoneOptions> & {
  readonly address?: string
  readonly port?: number
  readonly tellsAddress?: boolean
  readonly inside?: string
}

interface Server {
  /** The machine that it runs on. */
  readonly host: VirtualHost
  readonly pbx: Pbx
  readonly advertiser: Advertiser
  readonly engine: MediaEngine
  readonly store: Store
  /** What its legs of WebRTC shake hands by. */
  readonly handshakes: FakeHandshakes
  readonly webrtcPorts: PortPool
}

/** A whole server, its network and its phones, on virtual time. */
export interface World extends Server {
  readonly clock: VirtualClock
  readonly network: VirtualNetwork
  /** Its name server. */
  readonly names: VirtualNames
  /** A phone of `user` on a host of its own. */
  phone(user: string, how?: PhoneSetup): Promise<VirtualPhone>
  /** An admin changes the phone network: what is named takes the place of what there was. */
  changes(phoneNetwork: Partial<PhoneNetwork>): void
  /** The internet knows the server by another address from now on. */
  readdresses(external: string): void
  /** The records of calls that have ended, the latest first. */
  records(): Promise<readonly CallRecord[]>
  /** Fails if anything is left: a timer, a transaction, a dialog, a leg, a call. */
  nothingIsLeft(t: Test): Promise<void>
  /**
   * Kills the server, as far as what it kept goes: nothing more is written, and another one begins with what stands in
   * the database. `pbx`, `engine` and `store` of this world are the new ones.
   */
  restart(): Promise<void>
}

/** Builds a world and tears it down with the test. */
export async function world(t: Test, how: WorldOptions = {}): Promise<World> {
  const clock = new VirtualClock()
  const network = new VirtualNetwork(clock, how.seed)
  const names = new VirtualNames(clock)
  const servers: Server[] = []
  let server = await newServer({ network, names }, clock, how, servers.length)
  servers.push(server)
  const phones: VirtualPhone[] = []
  const webSockets = new Map<string, TcpListener>()
  t.teardown(async () => {
    for (const phone of phones) phone.close()
    for (const listener of webSockets.values()) listener.close()
    await stop(server, clock)
    for (const { store } of servers) await store.close()
  })
  return {
    ...{ clock, network, names },
    get host() {
      return server.host
    },
    get pbx() {
      return server.pbx
    },
    get advertiser() {
      return server.advertiser
    },
    get engine() {
      return server.engine
    },
    get store() {
      return server.store
    },
    get handshakes() {
      return server.handshakes
    },
    get webrtcPorts() {
      return server.webrtcPorts
    },
    async phone(user, options = {}) {
      // Of the server that runs by then, as the web port is none of the pbx.
      const known = options.server?.address ?? SERVER
      const address = known === how.external ? SERVER : known
      if (options.transport === 'wss' && !webSockets.has(address)) {
        const at = { address, port: WSS_PORT }
        const accept = (stream: TcpConnection): void => server.pbx.transport.acceptWebSocket(serverWebSocket(stream))
        webSockets.set(address, await server.host.listenTcp(at, accept))
      }
      const phone = await newPhone(network, clock, user, phones.length, options)
      phones.push(phone)
      return phone
    },
    changes(phoneNetwork) {
      const { pbx, store } = server
      store.plan.save({ ...store.plan.load(), ...phoneNetwork })
      pbx.outside.change(store.plan.load())
    },
    readdresses(external) {
      const { advertiser, host } = server
      advertiser.external = external
      const inside = how.addresses?.[0] ?? SERVER
      const former = network.router?.outside
      network.router = { inside, outside: external, former, isLocal: (address) => advertiser.isLocal(address) }
      server.engine.follow([...host.addresses, external])
      server.pbx.addressChanged()
    },
    async records() {
      await clock.advance(0)
      const { callRecords } = server.store
      const listed = callRecords.list({ since: null, user: null }, 100, null)
      return listed.flatMap(({ id }) => callRecords.find(id) ?? [])
    },
    async nothingIsLeft(t) {
      const { pbx, store } = server
      const { trunks } = store.plan.load()
      // What asks and registers from time to time is never at rest.
      if (trunks.length > 0) pbx.outside.change(EMPTY_NETWORK)
      // The longest timer of a transaction, and as long again and a quarter for what lingers of it.
      await clock.advance(80_000)
      t.equal(server.pbx.agent.transactions, 0, 'no transaction is left')
      t.equal(server.pbx.agent.dialogs, 0, 'no dialog is left')
      t.equal(server.pbx.calls.size, 0, 'no call is left')
      t.equal(server.engine.legs, 0, 'no leg is left')
      t.equal(server.webrtcPorts.inUse, 0, 'no port is left')
      for (const { name } of trunks) t.equal(pbx.usage.callsUp(`trunk:${name}`), 0, `no call is left over ${name}`)
      if (trunks.length > 0) pbx.outside.change(store.plan.load())
    },
    async restart() {
      // Its store is left as it is: closing would write what is queued.
      await stop(server, clock)
      server = await newServer({ network, names }, clock, how, servers.length)
      servers.push(server)
    },
  }
}

async function newServer(
  { network, names }: Pick<World, 'network' | 'names'>,
  clock: VirtualClock,
  how: WorldOptions,
  nth: number,
): Promise<Server> {
  const { addresses = [SERVER], file = ':memory:', seed = 42 } = how
  const random = seededRandom(seed + nth)
  const host = network.host(...addresses)
  const platform = { clock, network: host, names, random, log: silentLog }
  const store = openStore({ file, clock, random, log: silentLog, checkpoints: 'inline' })
  if (nth === 0) beginStore(store, how)
  const ports = PortPool.create(how.rtpPorts?.from ?? 10000, how.rtpPorts?.to ?? 10199)
  const advertiser = new Advertiser(platform.network, null)
  const ownAddresses = [...addresses]
  if (how.external !== undefined) {
    if (!how.learns) advertiser.external = how.external
    ownAddresses.push(how.external)
    const inside = addresses[0] ?? SERVER
    network.router = { inside, outside: how.external, isLocal: (address) => advertiser.isLocal(address) }
  }
  const handshakes = fakeHandshakes('server', clock)
  const webrtcPorts = PortPool.createSingle(20000, 20099)
  const engine = createLocalEngine({
    ...platform,
    webrtc: { ports: webrtcPorts, handshakes: async () => handshakes },
    files: new VirtualFiles(),
    ports,
    keptPairs: Math.floor(ports.pairs / 4),
    ownAddresses,
  })
  const options = { ...loadOptions(null, {}), ...how.options }
  const { users, bindings, callRecords, realm, gruuSecret } = store
  const domains = ['pbx.example', 'localhost', '2001:db8:0::5']
  const pbx: Pbx = createPbx({
    seenAs(address) {
      if (!how.learns || advertiser.external === address) return
      advertiser.external = address
      pbx.addressChanged()
    },
    ...{ options, platform, engine, advertiser, users, bindings, callRecords, realm, gruuSecret, domains },
    planner: planner({ users, builtIn: BUILT_IN_NUMBERS, country: how.country ?? null, tz: 'Etc/UTC' }),
    phoneNetwork: store.plan.load(),
  })
  await pbx.listen(() => host.addresses)
  return { pbx, advertiser, engine, store, host, handshakes, webrtcPorts }
}

async function stop({ pbx, engine }: Server, clock: VirtualClock): Promise<void> {
  let closed = false
  void pbx.close().then(() => (closed = true))
  await clock.advanceUntil(() => closed, 3_000)
  await engine.shutdown()
}

function beginStore(store: Store, { users = ['101', '102', '103'], phoneNetwork = {}, ...how }: WorldOptions): void {
  for (const name of users) addUser(store, name, how)
  store.plan.save({ ...EMPTY_NETWORK, ...phoneNetwork })
}

function addUser(store: Store, name: string, { allow = ['internal'], callerIds = {} }: WorldOptions): void {
  const user = {
    name,
    displayName: null,
    callerId: callerIds[name] ?? null,
    allow,
    digest: null,
    codecs: null,
    media: 'relay',
    createdAt: 0,
  } as const
  store.users.add({ ...user, ha1: bothHa1(name, store.realm, passwordOf(name)) })
}

/** The password that every user of these worlds has. */
export function passwordOf(name: string): string {
  return `secret-of-${name}`
}

async function newPhone(
  network: VirtualNetwork,
  clock: VirtualClock,
  user: string,
  count: number,
  how: PhoneSetup,
): Promise<VirtualPhone> {
  const { address = `10.0.0.${11 + count}`, port = 5060 } = how
  const server = how.server ?? { address: SERVER, port: 5060 }
  const transport = how.transport ?? 'udp'
  const host = network.host(address)
  const codecs = how.codecs ?? (transport === 'wss' ? BROWSER_CODECS : [PCMU, PCMA, DTMF])
  const at = { address, port: 4000 + 2 * count }
  const media: PhoneMedia =
    transport === 'wss'
      ? await newBrowser(network, clock, at, { ...how, codecs })
      : await VirtualAudio.at(host, address, at.port)
  const phone: { current: VirtualPhone | null } = { current: null }
  const wire = await openWire(host, transport, { address, port }, server, (message) => phone.current?.receive(message))
  phone.current = new VirtualPhone(
    {
      user,
      password: passwordOf(user),
      domain: SERVER,
      claims: address,
      claimsPort: null,
      ...how,
      codecs,
      server,
      transport,
    },
    media,
    wire,
    (reached, limit) => clock.advanceUntil(reached, limit),
  )
  return phone.current
}

async function newBrowser(
  network: VirtualNetwork,
  clock: VirtualClock,
  at: Endpoint,
  { inside, codecs, tellsAddress = false }: PhoneSetup & Pick<PhoneOptions, 'codecs'>,
): Promise<BrowserMedia> {
  const bind = (take: OnDatagram): Promise<UdpSocket> => {
    if (inside === undefined) return network.host(at.address).bindUdp(at, take)
    return behindNat(network, { ...at, address: inside }, at, take)
  }
  return BrowserMedia.open({ clock, name: `browser-${at.port}`, codecs, tellsAddress, bind })
}
