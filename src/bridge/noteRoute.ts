import type { RouteDecision } from '../dialplan/route.ts'
import type { Call } from './call.ts'

/** Notes in the call what the dial plan made of `dialled`, as if `as` had dialled it. */
export function noteRoute({ log }: Call, as: string, dialled: string, decision: RouteDecision): void {
  log.note({ at: log.now(), type: 'routed', as, dialled, rule: decision.rule, to: destinations(decision) })
}

function destinations(decision: RouteDecision): readonly string[] {
  switch (decision.action) {
    case 'ring':
      return decision.targets.map(({ user }) => `user:${user}`)
    case 'run':
      return [`app:${decision.app}`]
    case 'reject':
      return [`reject:${decision.status}`]
    default:
      return decision satisfies never
  }
}
