import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { ActiveCall, ActiveCallDetail, Device, Live, LiveHttps } from './api/live.ts'
import type { Call, Leg } from './bridge/call.ts'
import { legRecord } from './bridge/callTable.ts'
import { transcodable } from './codecs/codecs.ts'
import type { MediaEngine } from './media/engine.ts'
import type { Pbx } from './pbx.ts'
import type { Clock } from './platform/clock.ts'
import type { Endpoint } from './platform/network.ts'
import type { PortPool } from './rtp/ports/ports.ts'
import type { Binding } from './sip/registrar/bindingStore.ts'

/** How often the event loop is probed for delay, ms: seldom, for each probe wakes an idle server. */
const LOOP_PROBE = 100

/** What a running server shows its admin, and lets it do. */
export function createLive(parts: {
  readonly clock: Clock
  readonly pbx: Pbx
  readonly engine: MediaEngine
  readonly ports: PortPool
  /** The HTTPS port; null: there is none. */
  readonly web: { readonly endpoints: readonly Endpoint[]; readonly status: () => LiveHttps } | null
  readonly mediaThreads: number
  readonly domains: readonly string[]
}): Live {
  const { clock, pbx, engine, ports } = parts
  const startedAt = clock.now()
  const delay = monitorEventLoopDelay({ resolution: LOOP_PROBE })
  delay.enable()
  return {
    status: () => ({
      uptime: Math.round((clock.now() - startedAt) / 1000),
      listeners: [
        ...pbx.transport.endpoints.flatMap((at) => [
          { protocol: 'udp' as const, ...at },
          { protocol: 'tcp' as const, ...at },
        ]),
        ...pbx.stun.endpoints.map((at) => ({ protocol: 'stun' as const, ...at })),
        ...(parts.web?.endpoints ?? []).map((at) => ({ protocol: 'https' as const, ...at })),
      ],
      https: parts.web?.status() ?? null,
      domains: parts.domains,
      calls: { active: pbx.calls.size, total: pbx.calls.total },
      registrations: pbx.registrar.size,
      signalling: {
        transactions: pbx.agent.transactions,
        dialogs: pbx.agent.dialogs,
        connections: pbx.transport.connections,
      },
      media: {
        threads: parts.mediaThreads,
        legs: engine.legs,
        portsInUse: ports.inUse,
        codecs: transcodable(),
        late: engine.late,
      },
      dropped: { ...pbx.transport.counters },
      ignoring: pbx.penalties.ignored(),
      cpu: cpuSeconds(),
      memory: { rss: process.memoryUsage.rss() },
      // The probe is a timer: what it measures includes its own period.
      eventLoop: { p99: Math.max(0, delay.percentile(99) / 1e6 - LOOP_PROBE) },
    }),
    devices: (user) => (user === null ? [...pbx.registrar.users()] : [user]).flatMap((name) => devicesOf(pbx, name)),
    calls: () => pbx.calls.all().map(activeCall),
    async call(id) {
      const call = pbx.calls.find(id)
      return call ? detail(call, engine) : null
    },
    async hangUp(id) {
      const call = pbx.calls.find(id)
      if (!call) return false
      const answered = call.state === 'up'
      const outcome = answered ? 'answered' : 'cancelled'
      pbx.calls.end(call, { by: 'admin', outcome, status: answered ? 200 : 480, reason: 'hung up by the admin' })
      return true
    },
    userChanged: (name) => pbx.userChanged(name),
    planChanged: (network) => pbx.outside.change(network),
    trunks: () => pbx.outside.trunks,
    testTrunk: (name, call) => pbx.outside.test(name, call) ?? nothing(),
    usage: () => pbx.usage,
  }
}

function cpuSeconds(): { user: number; system: number } {
  const { user, system } = process.cpuUsage()
  return { user: user / 1e6, system: system / 1e6 }
}

function devicesOf(pbx: Pbx, user: string): Device[] {
  return pbx.registrar.lookup(user).map((binding: Binding) => {
    const { contact, source, protocol: transport, userAgent, domain, registeredAt, expiresAt } = binding
    const roundTrip = pbx.keepalive.roundTrip(binding)
    return { user, contact, source, transport, userAgent, domain, registeredAt, expiresAt, roundTrip }
  })
}

function activeCall(call: Call): ActiveCall {
  const { id, startedAt, answeredAt, from, fromName, dialled: to, answeredBy } = call
  const parties = [...new Set([from, ...call.legs.map(({ user }) => user)])]
  return { id, startedAt, answeredAt, from, fromName, to, answeredBy, parties, state: stateOf(call) }
}

function stateOf(call: Call): ActiveCall['state'] {
  if (call.state !== 'up') return 'ringing'
  return call.legs.some(isHeld) ? 'held' : 'up'
}

function isHeld(leg: Leg): boolean {
  if (leg.way === 'direct') return leg.said !== null && leg.said.direction !== 'sendrecv'
  const { agreed } = leg.media
  return agreed !== null && !(agreed.sends && agreed.receives)
}

async function detail(call: Call, engine: MediaEngine): Promise<ActiveCallDetail> {
  const legs = call.legs.map(async (leg) => legRecord(leg, leg.way === 'relay' ? await engine.stats(leg.id) : null))
  return { ...activeCall(call), legs: await Promise.all(legs), events: call.log.events }
}

// It was removed in this very moment.
async function* nothing(): AsyncIterable<never> {}
