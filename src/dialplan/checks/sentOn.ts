import { formMatching, type ReadForm, readForm } from '../forms.ts'
import { contains } from '../language/language.ts'
import type { Numbering } from '../numbering.ts'
import type { DialClass, ForwardEntry, NumberEntry, PlanSource, PlanSurroundings } from '../plan.ts'
import { type CheckedRule, checkedRule } from './checkedRule.ts'
import { membersOf } from './conditions.ts'
import type { Finding } from './finding.ts'

/** Forwards of users, and destinations of our numbers, to outside numbers that their account may not call. */
export function checkSentOn(
  source: PlanSource,
  surroundings: PlanSurroundings,
  numbering: Numbering,
): readonly Finding[] {
  const members = membersOf(source.groups)
  const rules = source.routes.map(checkedRule)
  const network: Network = { source, surroundings, numbering }
  const ofUsers = source.forwards.flatMap((forward) => {
    const froms = new Set(['any', `user:${forward.user}`])
    for (const [group, users] of members) if (users.includes(forward.user)) froms.add(`group:${group}`)
    const account = {
      rules: rules.filter(({ entry }) => froms.has(entry.from)),
      may: surroundings.allowed(forward.user),
    }
    return reported(`forward ${forward.user}`, refusals(forwardsOf(forward), forward.user, account, network))
  })
  const ofNumbers = source.numbers.flatMap((entry) => {
    const account = { rules: rules.filter(({ entry: { from } }) => from === 'any'), may: NUMBERS_MAY }
    return reported(
      `number ${entry.number}`,
      refusals(destinationsOf(entry), `number:${entry.number}`, account, network),
    )
  })
  return [...ofUsers, ...ofNumbers]
}

/** Whoever calls a number of ours pays nothing, so that it never leads to premium numbers. */
const NUMBERS_MAY: readonly DialClass[] = ['internal', 'national', 'international']

interface Network {
  readonly source: PlanSource
  readonly surroundings: PlanSurroundings
  readonly numbering: Numbering
}

interface Payer {
  /** The rules that it is asked by, in their order. */
  readonly rules: readonly CheckedRule[]
  readonly may: readonly DialClass[]
}

function forwardsOf({ always, busy, noAnswer, offline }: ForwardEntry): readonly (string | null)[] {
  return [always, busy, noAnswer, offline]
}

function destinationsOf(entry: NumberEntry): readonly (string | null)[] {
  const { to, fallback, busy, noAnswer, offline, unavailable } = entry
  return [...to, fallback, busy, noAnswer, offline, unavailable]
}

function reported(about: string, messages: readonly string[]): readonly Finding[] {
  return messages.map((message) => ({ severity: 'warning', about, message }))
}

function refusals(
  destinations: readonly (string | null)[],
  who: string,
  payer: Payer,
  network: Network,
): readonly string[] {
  const outside = destinations.flatMap((text) => (text?.startsWith('number:') ? [text.slice('number:'.length)] : []))
  return [...new Set(outside)].flatMap((number) => refusal(number, who, payer, network) ?? [])
}

/** Why calls to the number will be refused; null: they will not, as far as we can tell. */
function refusal(number: string, who: string, { rules, may }: Payer, { source, numbering }: Network): string | null {
  const e164 = numbering.read(number)?.e164
  const read = readForm(number, numbering)
  if (source.numbers.some((own) => own.number === number || own.number === e164)) return null
  // Where we can't follow an expression, it may be the one.
  const rule = rules.find((one) => formIn(one, number, read) !== null)
  if (!rule) return `calls are to be sent to ${number}, and no rule allows ${who} to call it`
  const dialled = dialledBy(rule, formIn(rule, number, read) ?? number)
  const reached = dialled === null || numbering.isEmergency(dialled) ? null : numbering.read(dialled)
  if (!reached || may.includes(reached.class)) return null
  return `calls are to be sent to ${number}, which counts as ${reached.class}, and ${who} may not call such numbers`
}

/** The form of the number that the rule matches; where we can't tell, it may match it as it stands. */
function formIn({ language, refuses }: CheckedRule, number: string, read: ReadForm | null): string | null {
  if (language === null) return number
  return formMatching({ match: { matches: (text) => contains(language, text) }, refuses }, number, read)
}

/** What goes out to a trunk; null: nothing does, or we can't tell what. */
function dialledBy({ entry, language }: CheckedRule, form: string): string | null {
  const dials = entry.to.some((text) => text.startsWith('trunk:'))
  return dials && language !== null && entry.number === null ? entry.prepend + form.slice(entry.strip) : null
}
