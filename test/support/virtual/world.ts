import type { Test } from 'tap'
import { bothHa1 } from '../../../src/api/ha1.ts'
import type { CallRecord } from '../../../src/bridge/callRecord.ts'
import { loadOptions, type ServerOptions } from '../../../src/config.ts'
import type { MediaEngine } from '../../../src/media/engine.ts'
import { createLocalEngine } from '../../../src/media/localEngine.ts'
import { createPbx, type Pbx } from '../../../src/pbx.ts'
import { silentLog } from '../../../src/platform/log.ts'
import { PortPool } from '../../../src/rtp/ports.ts'
import { Advertiser } from '../../../src/sip/transport/advertise.ts'
import { openStore, type Store } from '../../../src/store/store.ts'
import { VirtualAudio } from './audio.ts'
import { VirtualClock } from './clock.ts'
import { VirtualNetwork } from './network.ts'
import { type PhoneOptions, VirtualPhone } from './phone.ts'
import { seededRandom } from './random.ts'
import { openWire } from './wire.ts'

export const SERVER = '10.0.0.1'

const PCMU = '0 PCMU/8000'
const PCMA = '8 PCMA/8000'
const DTMF = '101 telephone-event/8000'

export interface WorldOptions {
  readonly users?: readonly string[]
  readonly options?: Partial<ServerOptions>
  /** Addresses of the server's interfaces. */
  readonly addresses?: readonly string[]
  /** Our address toward the internet. */
  readonly external?: string
}

/** A whole server, its network and its phones, on virtual time. */
export interface World {
  readonly clock: VirtualClock
  readonly network: VirtualNetwork
  readonly pbx: Pbx
  readonly engine: MediaEngine
  readonly store: Store
  /** A phone of `user` on a host of its own. */
  phone(user: string, how?: Partial<PhoneOptions> & { address?: string }): Promise<VirtualPhone>
  /** The records of calls that have ended, the latest first. */
  records(): Promise<readonly CallRecord[]>
  /** Fails if anything is left: a timer, a transaction, a dialog, a leg, a call. */
  nothingIsLeft(t: Test): Promise<void>
}

/** Builds a world and tears it down with the test. */
export async function world(t: Test, how: WorldOptions = {}): Promise<World> {
  const clock = new VirtualClock()
  const network = new VirtualNetwork(clock)
  const random = seededRandom(42)
  const addresses = how.addresses ?? [SERVER]
  const platform = { clock, network: network.host(...addresses), random, log: silentLog }
  const store = openStore({ file: ':memory:', clock, random, log: silentLog, checkpoints: 'inline' })
  const users = how.users ?? ['101', '102', '103']
  for (const name of users) addUser(store, name)
  const ports = PortPool.create(10000, 10199)
  const engine = createLocalEngine({ ...platform, ports, ownAddresses: addresses })
  const advertiser = new Advertiser(platform.network, null)
  advertiser.external = how.external ?? null
  const options = { ...loadOptions(null, {}), ...how.options }
  const { bindings, callRecords, realm } = store
  const pbx = createPbx({
    ...{ options, platform, engine, advertiser, users: store.users, bindings, callRecords, realm },
    domains: ['pbx.example'],
  })
  await pbx.listen(addresses)
  const phones: VirtualPhone[] = []
  t.teardown(async () => {
    for (const phone of phones) phone.close()
    pbx.close()
    await engine.shutdown()
    await store.close()
  })
  return {
    ...{ clock, network, pbx, engine, store },
    async phone(user, options = {}) {
      const phone = await newPhone(network, clock, user, phones.length, options)
      phones.push(phone)
      return phone
    },
    async records() {
      await clock.advance(0)
      return store.callRecords
        .list({ since: null, user: null }, 100, null)
        .flatMap(({ id }) => store.callRecords.find(id) ?? [])
    },
    async nothingIsLeft(t) {
      // The longest timer of a transaction.
      await clock.advance(64_000)
      t.equal(pbx.agent.transactions, 0, 'no transaction is left')
      t.equal(pbx.agent.dialogs, 0, 'no dialog is left')
      t.equal(pbx.calls.size, 0, 'no call is left')
      t.equal(engine.legs, 0, 'no leg is left')
    },
  }
}

function addUser(store: Store, name: string): void {
  const user = { name, displayName: null, callerId: null, allow: ['internal'], digest: null, createdAt: 0 }
  store.users.add({ ...user, ha1: bothHa1(name, store.realm, passwordOf(name)) })
}

function passwordOf(name: string): string {
  return `secret-of-${name}`
}

async function newPhone(
  network: VirtualNetwork,
  clock: VirtualClock,
  user: string,
  count: number,
  how: Partial<PhoneOptions> & { address?: string },
): Promise<VirtualPhone> {
  const address = how.address ?? `10.0.0.${11 + count}`
  const server = how.server ?? { address: SERVER, port: 5060 }
  const transport = how.transport ?? 'udp'
  const host = network.host(address)
  const audio = await VirtualAudio.at(host, address, 4000 + 2 * count)
  const phone: { current: VirtualPhone | null } = { current: null }
  const wire = await openWire(host, transport, { address, port: 5060 }, server, (message) =>
    phone.current?.receive(message),
  )
  phone.current = new VirtualPhone(
    {
      user,
      password: passwordOf(user),
      domain: SERVER,
      claims: address,
      codecs: [PCMU, PCMA, DTMF],
      ...how,
      server,
      transport,
    },
    audio,
    wire,
    (reached, limit) => clock.advanceUntil(reached, limit),
  )
  return phone.current
}
