import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Context } from '../../src/api/context.ts'
import type { ActiveCall, ActiveCallDetail, Device, Live, TestStep } from '../../src/api/live.ts'
import { planning } from '../../src/api/plan/dialplan.ts'
import type { PhoneNetwork } from '../../src/api/plan/network.ts'
import type { LegRecord } from '../../src/bridge/callRecord.ts'
import { BUILT_IN_NUMBERS } from '../../src/builtInNumbers.ts'
import type { Usage } from '../../src/dialplan/decision.ts'
import type { LegStats } from '../../src/media/engine.ts'
import type { Clock } from '../../src/platform/clock.ts'
import { systemClock } from '../../src/platform/systemClock.ts'
import { openStore } from '../../src/store/store.ts'
import type { TrunkState } from '../../src/trunks/trunk.ts'
import { silentLog } from '../support/silentLog.ts'
import { seededRandom } from '../support/virtual/random.ts'

/** 2026-01-05 09:00:00 UTC. */
export const NOW = Date.UTC(2026, 0, 5, 9, 0, 0)

/** The event loop is the real one, the time of day stands still. */
export const stillClock: Clock = { ...systemClock, wall: () => new Date(NOW) }

/** A directory with a path short enough for a socket in it, gone after the test. */
export function shortDirectory(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'offhook-'))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Where the server stands. */
export interface Place {
  readonly country: string
  readonly tz: string
}

/** Operations' context on a store in memory. */
export function contextBench(live: Live | null = null, place: Place = { country: 'DE', tz: 'UTC' }) {
  const store = openStore({
    file: ':memory:',
    clock: stillClock,
    random: seededRandom(1),
    log: silentLog,
    checkpoints: 'inline',
  })
  const { plan, users, bindings, callRecords, realm, atomically, setRealm } = store
  const context: Context = {
    users,
    bindings,
    calls: callRecords,
    ...{ plan, realm, atomically, setRealm },
    planning: planning({ users, builtIn: BUILT_IN_NUMBERS, ...place }),
    clock: stillClock,
    random: seededRandom(2),
    live,
  }
  /** Lets what was appended or saved be committed. */
  const committed = () => new Promise<void>((resolve) => stillClock.endOfTurn(resolve))
  return { store, context, committed }
}

/** A server in which Alice (101) talks with Bob (102) while Carol (103) rings Dave (104); nothing behind it. */
export class FakeLive implements Live {
  readonly changed: string[] = []
  /** What it was told last. */
  network: PhoneNetwork | null = null
  readonly talking: ActiveCallDetail = {
    id: 'c1',
    state: 'up',
    startedAt: NOW - 70_000,
    answeredAt: NOW - 65_000,
    from: '101',
    fromName: 'Alice',
    to: '102',
    answeredBy: '102',
    parties: ['101', '102'],
    legs: [leg('caller', '101', '10.0.0.5', 1), leg('callee', '102', '10.0.0.6', 0)],
    events: [
      { at: 0, type: 'routed', as: '101', dialled: '102', rule: 'users', to: ['user:102'] },
      { at: 12, type: 'called', phone: 1, user: '102', remote: '10.0.0.6:5062', userAgent: 'baresip v1.0.0' },
      { at: 60, type: 'ringing', phone: 1, status: 180 },
      { at: 5000, type: 'answered', phone: 1 },
    ],
  }
  readonly ringing: ActiveCall = {
    id: 'c2',
    state: 'ringing',
    startedAt: NOW - 3_000,
    answeredAt: null,
    from: '103',
    fromName: null,
    to: '104',
    answeredBy: null,
    parties: ['103', '104'],
  }
  #calls: ActiveCall[] = [this.talking, this.ringing]

  status() {
    return {
      uptime: 93_784,
      listeners: [
        { protocol: 'udp' as const, address: '0.0.0.0', port: 5060 },
        { protocol: 'tcp' as const, address: '::', port: 5060 },
      ],
      https: { connections: 2, certificateUntil: '2029-02-21T19:49:01.000Z', authority: 'F8:01' },
      domains: ['pbx.example.com'],
      calls: { active: this.#calls.length, total: 17 },
      registrations: 1,
      signalling: { transactions: 5, dialogs: 3, connections: 1 },
      media: {
        threads: 1,
        legs: 2,
        portsInUse: 4,
        codecs: ['pcmu/8000/1'],
        late: { turns: 0, p99: 0, worst: 0, buckets: [] },
      },
      cpu: { user: 12.25, system: 3.5 },
      memory: { rss: 64 * 2 ** 20 },
      dropped: { malformed: 3, ignored: 0, refused: 0, failed: 0 },
      ignoring: ['203.0.113.66'],
      eventLoop: { p99: 1.25 },
    }
  }

  devices(user: string | null): Device[] {
    const device: Device = {
      user: '101',
      contact: 'sip:101@10.0.0.5:5062;transport=udp',
      source: { address: '10.0.0.5', port: 5062 },
      transport: 'udp',
      userAgent: 'Yealink SIP-T46U 108.86.0.20',
      domain: 'pbx.example.com',
      registeredAt: NOW - 120_000,
      expiresAt: NOW + 3_480_000,
      roundTrip: 12.4,
    }
    return user === null || user === '101' ? [device] : []
  }

  calls(): ActiveCall[] {
    return this.#calls
  }

  async call(id: string): Promise<ActiveCallDetail | null> {
    const call = this.#calls.find((active) => active.id === id)
    if (call === undefined) return null
    return id === 'c1' ? this.talking : { ...call, legs: [], events: [] }
  }

  async hangUp(id: string): Promise<boolean> {
    const before = this.#calls.length
    this.#calls = this.#calls.filter((call) => call.id !== id)
    return this.#calls.length < before
  }

  userChanged(name: string): void {
    this.changed.push(name)
  }

  planChanged(network: PhoneNetwork): void {
    this.network = network
  }

  trunks(): readonly TrunkState[] {
    const facts = { registration: null, problem: null, server: 'udp 203.0.113.5:5060', calls: 1, roundTrip: 20.5 }
    return (this.network?.trunks ?? []).map(({ name }) => ({ name, state: 'up', ...facts }))
  }

  async *testTrunk(name: string): AsyncIterable<TestStep> {
    yield { step: 'resolves', ok: true, says: `${name}.example.com is 203.0.113.5` }
    yield { step: 'registers', ok: false, says: 'the provider refuses the password' }
  }

  usage(): Usage {
    return { callsUp: () => this.#calls.length, callsToday: () => 0, minutesToday: () => 0, idleSince: () => 0 }
  }
}

function leg(role: LegRecord['role'], user: string, host: string, dropped: number): LegRecord {
  const stats: LegStats = {
    leg: user,
    local: { address: '10.0.0.1', port: 10000 },
    remote: { address: host, port: 4000 },
    transport: 'rtp',
    learnt: true,
    codec: 'pcmu/8000/1',
    received: { packets: 3250, octets: 520_000 },
    sent: { packets: 3248, octets: 519_680 },
    rtcpReceived: 13,
    dropped: { malformed: 0, source: dropped, format: 0, direction: 0, unlinked: 0, forged: 0 },
    lost: 2,
    jitter: 1.26,
    silentFor: 20,
    peer: { lost: 0.0625, lostTotal: 3, jitter: 2.25 },
    roundTrip: 41.5,
    mos: { heard: 4.38, told: 4.26 },
    playout: null,
  }
  const facts = { role, user, remote: `udp ${host}:5062`, userAgent: 'baresip v1.0.0' }
  return { ...facts, way: 'relay', codec: 'pcmu/8000/1', stats }
}
