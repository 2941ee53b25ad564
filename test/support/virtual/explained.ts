import { showCall } from '../../../src/api/calls.ts'
import type { Context } from '../../../src/api/context.ts'
import { planning } from '../../../src/api/plan/dialplan.ts'
import { explainText } from '../../../src/cli/callExplain.ts'
import { createLive } from '../../../src/live.ts'
import { PortPool } from '../../../src/rtp/ports/ports.ts'
import { seededRandom } from './random.ts'
import type { World } from './world.ts'

/** What an admin's commands work with. */
export function contextOf({ store, clock, pbx, engine }: World): Context {
  const { users, bindings, callRecords: calls, plan, realm, atomically, setRealm } = store
  const ports = PortPool.create(10000, 10003)
  const live = createLive({ clock, pbx, engine, ports, mediaThreads: 1, domains: [], web: null })
  const rules = planning({ users, builtIn: new Map(), country: null, tz: 'UTC' })
  const kept = { users, bindings, calls, plan, realm, atomically, setRealm }
  return { ...kept, planning: rules, clock, random: seededRandom(1), live }
}

/** What `call explain` says of the latest call, up or over; its id as ID. */
export async function explained(all: World): Promise<string> {
  const context = contextOf(all)
  await all.clock.advance(0)
  const id = context.live?.calls()[0]?.id ?? (await all.records())[0]?.id ?? ''
  return explainText(await showCall(context, id), all.clock.wall().getTime()).replaceAll(id, 'ID')
}
