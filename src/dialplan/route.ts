/** What is known of a call when it must be decided where it goes. */
export interface RouteQuery {
  /** The user that calls, proven. */
  readonly from: string
  /** What was dialled, unescaped. */
  readonly dialled: string
}

/** Somewhere a call can ring. */
export type Target = { readonly kind: 'user'; readonly user: string }

/** What is to be done with a call. `rule`: what in the plan says so, by its name. */
export type RouteDecision = { readonly rule: string } & (
  | { readonly action: 'ring'; readonly targets: readonly Target[] }
  | { readonly action: 'run'; readonly app: string }
  | { readonly action: 'reject'; readonly status: number; readonly reason: string }
)

/** What the rules decide by. */
export interface Plan {
  isUser(name: string): boolean
  /** The app behind a built-in number, such as *43; null if there is none. */
  app(dialled: string): string | null
}

/** Where a call goes: a built-in number, else a user of ours, else nowhere. Pure, and asked on every call. */
export function route(query: RouteQuery, plan: Plan): RouteDecision {
  const app = plan.app(query.dialled)
  if (app !== null) return { rule: 'built-in numbers', action: 'run', app }
  if (plan.isUser(query.dialled)) {
    return { rule: 'users', action: 'ring', targets: [{ kind: 'user', user: query.dialled }] }
  }
  return {
    rule: 'end of the plan',
    action: 'reject',
    status: 404,
    reason: `nobody here has the number ${query.dialled}`,
  }
}
