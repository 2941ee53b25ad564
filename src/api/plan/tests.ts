import type { RouteQuery } from '../../dialplan/decision.ts'
import { QUIET } from '../../dialplan/quiet.ts'
import { OffhookError } from '../../errors.ts'
import { type Context, isoTime, turn } from '../context.ts'
import type { TestStep } from '../live.ts'
import type { CheckedPlan, Pages, TestCall, TestedCall } from '../operations.ts'
import { noUser } from '../users.ts'
import { assuming, settledCalls } from './assumed.ts'
import { brokenNow, planned } from './change.ts'
import { showEntry } from './entries.ts'
import type { Finding, PlanProblem } from './planning.ts'

export async function testDialplan(context: Context, call: TestCall): Promise<TestedCall> {
  const { number, caller } = call
  const at = call.at === null ? context.clock.wall().getTime() : localTime(context, call.at)
  const callsUp = await Promise.all(call.callsUp.map((calls) => settledCalls(context, calls)))
  const usage = assuming(callsUp, call.at === null ? (context.live?.usage() ?? QUIET) : QUIET)
  const who = await callerOf(context, call.from ?? firstCaller(context, caller), caller)
  const query: RouteQuery = { caller: who, dialled: number, at, draw: 0, usage }
  const from = who.kind === 'user' ? who.user : `trunk:${who.trunk}`
  const explained = planned(context).explain(query)
  return { number, from, caller, at: isoTime(at), callsUp, ...explained }
}

export async function checkDialplan(context: Context): Promise<CheckedPlan> {
  const { plan, planning, clock } = context
  const network = plan.load()
  const broken = brokenNow(context, network, clock.wall().getTime())
  const compiled = planning.compile(network)
  const findings =
    'problems' in compiled ? compiled.problems.map(findingOf) : await inTurns(context, planning.check(network))
  return { expectations: network.expectations.length, broken, findings }
}

export async function* testTrunk(context: Context, name: string, call: string | null): Pages<TestStep> {
  const trunk = await showEntry(context, 'trunks', name)
  if (context.live === null) {
    throw new OffhookError(
      'SERVER_NOT_RUNNING',
      `no server runs, and only a running one can test trunk ${trunk.name}; start it first: offhook serve`,
    )
  }
  for await (const step of context.live.testTrunk(trunk.name, call)) yield [step]
}

function findingOf({ kind, name, message }: PlanProblem): Finding {
  return { severity: 'error', about: `${kind} ${name}`, message }
}

/** Where nobody is named. */
function firstCaller({ plan, users }: Context, caller: string | null): string {
  const [trunk] = plan.load().trunks
  if (caller !== null && trunk !== undefined) return `trunk:${trunk.name}`
  const [user] = users.list('', 1)
  if (user === undefined)
    throw new OffhookError('USER_UNKNOWN', 'there are no users yet; add one: offhook user add 101')
  return user.name
}

async function callerOf(context: Context, from: string, caller: string | null): Promise<RouteQuery['caller']> {
  const [, trunk] = /^trunk:(.*)$/.exec(from) ?? []
  if (trunk !== undefined) {
    const { name } = await showEntry(context, 'trunks', trunk)
    return { kind: 'trunk', trunk: name, number: caller === null ? null : (context.planning.e164(caller) ?? caller) }
  }
  const name = from.replace(/^user:/, '')
  const user = context.users.find(name) ?? (await noUser(context, name))
  return { kind: 'user', user: user.name }
}

/** Throws PLAN_INVALID. */
function localTime({ planning }: Context, text: string): number {
  const at = planning.localTime(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text)
  if (at !== null) return at
  throw new OffhookError('PLAN_INVALID', `${JSON.stringify(text)} is no time; write it as 2026-12-25T10:00`)
}

async function inTurns<T>({ clock }: Context, work: Generator<undefined, T>): Promise<T> {
  let step = work.next()
  while (!step.done) {
    await turn(clock)
    step = work.next()
  }
  return step.value
}
