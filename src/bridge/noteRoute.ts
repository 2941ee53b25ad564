import type { Attempt, Caller, Cause, RouteQuery } from '../dialplan/decision.ts'
import type { Call } from './call.ts'

/** Notes in the call what the dial plan made of what was dialled. */
export function noteRoute(
  { log }: Call,
  { caller, dialled }: Pick<RouteQuery, 'caller' | 'dialled'>,
  attempt: Attempt,
): void {
  const as = nameOf(caller)
  log.note({ at: log.now(), type: 'routed', as, dialled, rule: attempt.rule, to: destinations(attempt) })
}

/** Notes what follows on an attempt that was not taken. */
export function noteWentOn({ log }: Call, cause: Cause, attempt: Attempt): void {
  log.note({ at: log.now(), type: 'went-on', cause, rule: attempt.rule, to: destinations(attempt) })
}

/** As destinations are written: `user:101` is `101` alone, for that is how users are known. */
function nameOf(caller: Caller): string {
  return caller.kind === 'user' ? caller.user : `trunk:${caller.trunk}`
}

function destinations(attempt: Attempt): readonly string[] {
  switch (attempt.action) {
    case 'ring':
      return attempt.users.map((user) => `user:${user}`)
    case 'dial':
      return [`trunk:${attempt.trunk}`]
    case 'sip':
      return [attempt.uri]
    case 'run':
      return [`app:${attempt.app}`]
    case 'reject':
      return [attempt.denied === null ? `reject:${attempt.status}` : `denied:${attempt.denied}`]
    default:
      return attempt satisfies never
  }
}
