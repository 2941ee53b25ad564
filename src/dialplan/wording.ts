import type { Attempt } from './decision.ts'
import { shown } from './destination.ts'

/** What an attempt does, in words: `rings 101 and 102 for 20 s`. */
export function inWords(attempt: Attempt): string {
  switch (attempt.action) {
    case 'ring':
      return `rings ${listed(attempt.users)}${lasting(attempt.timeout)}`
    case 'dial':
      return `${dialling(attempt)}${lasting(attempt.timeout)}`
    case 'sip':
      return `calls ${attempt.uri}${lasting(attempt.timeout)}`
    case 'run':
      return `runs ${attempt.app}`
    case 'reject':
      return `is refused with ${attempt.status}: ${attempt.reason}`
    default:
      return attempt satisfies never
  }
}

/** The destination that an attempt tries, as an admin writes it: of a group that is rung, the group. */
export function targetOf(attempt: Attempt): string {
  if (attempt.action === 'reject') return `reject:${attempt.status}`
  return attempt.trail.at.findLast(({ entry }) => !entry.startsWith('group '))?.now ?? ''
}

function dialling({ number, trunk, callerId, emergency }: Extract<Attempt, { action: 'dial' }>): string {
  const shownAs = callerId === null ? "showing the trunk's own number" : `showing ${callerId}`
  return `dials ${shown(number.e164 ?? number.raw)} over trunk ${trunk}, ${shownAs}${emergency ? ', as an emergency call' : ''}`
}

function lasting(timeout: number | null): string {
  return timeout === null ? '' : ` for ${timeout} s`
}

function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? 'nobody'
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`
}
