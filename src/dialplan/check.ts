import { checkEmergency } from './checks/emergency.ts'
import type { Finding } from './checks/finding.ts'
import { checkNetwork } from './checks/network.ts'
import { checkRules } from './checks/rules.ts'
import { checkSentOn } from './checks/sentOn.ts'
import { shadowOf } from './checks/shadow.ts'
import type { Numbering } from './numbering.ts'
import type { PlanSource, PlanSurroundings } from './plan.ts'

export type { Finding } from './checks/finding.ts'

/**
 * What an admin would want to know of a plan that compiles: rules that never get a call, rules that share numbers, what nothing
 * uses, what will be refused. The worst first. A thousand rules take seconds, so it pauses every few milliseconds.
 */
export function* checkPlan(
  source: PlanSource,
  surroundings: PlanSurroundings,
  numbering: Numbering,
): Generator<undefined, readonly Finding[]> {
  const findings = [
    ...checkEmergency(source, surroundings, numbering),
    ...checkNetwork(source, surroundings),
    ...(yield* checkRules(source, shadowOf(source, surroundings, numbering))),
    ...checkSentOn(source, surroundings, numbering),
  ]
  return findings.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
}

const SEVERITIES: readonly Finding['severity'][] = ['error', 'warning', 'note']
