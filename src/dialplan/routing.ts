import { attempting, entered, type Move, rejection, type Standing, shownNumber } from './attempt.ts'
import type { CompiledPlan, OwnNumber } from './compiled.ts'
import { type Account, asking, firstMatch } from './conditions.ts'
import type { Attempt, RouteQuery } from './decision.ts'
import { shown } from './destination.ts'
import { enterNumber, enterRule } from './entries.ts'
import { attemptOf, walk } from './walk.ts'

/** Characters. No number, no name that somebody would dial, and no expression's time beyond this. */
const MAX_DIALLED = 128

/**
 * What is to be done with a call first. A user's call: emergency numbers, built-in numbers, users and groups by name, our own
 * numbers, then the rules in order; what no rule allows is refused. A trunk's call: our own numbers, then the rules.
 * Pure, never throws, and asked on every call: it makes no trace, `explain` does.
 */
export function route(query: RouteQuery, plan: CompiledPlan): Attempt {
  const start: Standing = { query, plan, seen: [], steps: 0, at: [], refusal: null }
  const first = firstMove(start)
  return attemptOf(walk(first), start)
}

function firstMove(start: Standing): Move {
  const { dialled, caller } = start.query
  if (dialled.length > MAX_DIALLED) return refused(start, 404, `${shown(dialled)} is too long for a number`, null)
  return caller.kind === 'user' ? ofUser(caller, start) : ofTrunk(caller, start)
}

function ofUser(caller: Extract<Account, { kind: 'user' }>, start: Standing): Move {
  const { query, plan } = start
  const { dialled } = query
  if (plan.numbering.isEmergency(dialled)) return emergency(start)
  const app = plan.surroundings.builtIn(dialled)
  if (app !== null) return builtIn(app, start)
  if (plan.surroundings.isUser(dialled)) return named('users', `user:${dialled}`, start)
  if (plan.groups.has(dialled)) return named('groups', `group:${dialled}`, start)
  const own = ownNumberOfUser(dialled, plan)
  if (own) return enterNumber(own, start)
  return byRules(dialled, caller, start) ?? unallowed(caller.user, start)
}

function ofTrunk(caller: { readonly trunk: string }, start: Standing): Move {
  const { query, plan } = start
  const { dialled } = query
  const own = ownNumberOfTrunk(dialled, caller.trunk, plan)
  if (own) return enterNumber(own, start)
  const account: Account = { kind: 'trunk', trunk: caller.trunk }
  return byRules(dialled, account, start) ?? nobody(start)
}

/**
 * Whatever the user may dial and however much was used: emergency calls go out by a trunk that is marked for them, and
 * where none of those takes it, by whatever trunk there is.
 */
function emergency(start: Standing): Move {
  const { query, plan } = start
  const account: Account = { kind: 'user', user: query.caller.kind === 'user' ? query.caller.user : '' }
  const { trunks: all } = plan.surroundings
  const trunks = [...all.filter(({ emergency }) => emergency), ...all.filter(({ emergency }) => !emergency)]
  if (trunks.length === 0) {
    const at = [{ entry: 'emergency numbers', now: 'reject:503', left: [], outbound: null, heard: null }]
    const mend = 'there is no trunk that could take an emergency call; call from another phone'
    return attempting({ ...start, at }, rejection(503, mend), [])
  }
  return entered(start, {
    entry: 'emergency numbers',
    left: trunks.map(({ name }) => `trunk:${name}`),
    outbound: {
      number: { raw: query.dialled, e164: null },
      callerId: shownNumber(account, query, plan),
      account: `user:${account.user}`,
      emergency: true,
    },
  })
}

function builtIn(app: string, start: Standing): Move {
  const at = [{ entry: 'built-in numbers', now: `app:${app}`, left: [], outbound: null, heard: null }]
  return attempting({ ...start, at }, { action: 'run', app }, [])
}

function named(entry: string, destination: string, start: Standing): Move {
  return entered(start, { entry, left: [destination], outbound: null })
}

/** The number of ours that a user has dialled, in whatever form. */
export function ownNumberOfUser(dialled: string, plan: CompiledPlan): OwnNumber | null {
  if (plan.numbers.size === 0) return null
  return plan.numbers.get(dialled) ?? plan.numbers.get(plan.numbering.read(dialled)?.e164 ?? '') ?? null
}

/** A provider writes numbers as it likes: with or without the plus, national, as an international call. */
export function ownNumberOfTrunk(dialled: string, trunk: string, plan: CompiledPlan): OwnNumber | null {
  if (plan.numbers.size === 0) return null
  for (const e164 of [dialled, `+${dialled}`, plan.numbering.read(dialled)?.e164]) {
    const own = plan.numbers.get(e164 ?? '')
    if (own && (own.entry.trunk === null || own.entry.trunk === trunk)) return own
  }
  return null
}

function byRules(dialled: string, account: Account, start: Standing): Move | null {
  const match = firstMatch(asking(dialled, account, start.query, start.plan), start.plan)
  return match ? enterRule(match, start) : null
}

/** Calls to the phone network are denied unless a rule allows them. */
function unallowed(user: string, start: Standing): Move {
  const { query, plan } = start
  if (plan.numbering.read(query.dialled) === null) return nobody(start)
  const reason = `no rule allows ${user} to call ${shown(query.dialled)}`
  return refused(start, 403, reason, 'no rule allows it')
}

function nobody(start: Standing): Move {
  return refused(start, 404, `nobody here has the number ${shown(start.query.dialled)}`, null)
}

function refused(start: Standing, status: number, reason: string, denied: string | null): Move {
  return attempting(start, rejection(status, reason, denied), [])
}
