import type { EndedCall, Outcome } from '../phone/state.ts'
import { type Box, fieldsOf, stored } from './stored.ts'

/** A call as the list of recent calls shows it. */
export interface PastCall {
  readonly id: string
  readonly direction: 'out' | 'in'
  readonly user: string
  readonly name: string | null
  /** When it began, ms since 1970. */
  readonly at: number
  /** How long both talked; 0 if they never did. */
  readonly seconds: number
  readonly outcome: Outcome
}

export interface History {
  /** The newest first. */
  list(): readonly PastCall[]
  add(ended: EndedCall): void
  clear(): void
}

const MOST = 100
const OUTCOMES: readonly string[] = ['talked', 'missed', 'elsewhere', 'rejected', 'cancelled', 'failed']

/** The calls of `user` on this device, of which the last hundred are kept. */
export function history(box: Box, user: string): History {
  const kept = stored(box, `offhook.history.${user}`, readAll)
  const list = (): readonly PastCall[] => kept.get() ?? []
  return {
    list,
    add: (ended) => {
      const past = pastCall(ended)
      // The same call may come again after a reload: it is one.
      kept.set([past, ...list().filter(({ id }) => id !== past.id)].slice(0, MOST))
    },
    clear: () => kept.remove(),
  }
}

function pastCall({ call, endedAt, outcome }: EndedCall): PastCall {
  const { id, direction, peer, startedAt, answeredAt } = call
  const seconds = answeredAt === null ? 0 : Math.max(0, Math.round((endedAt - answeredAt) / 1000))
  return { id, direction, ...peer, at: startedAt, seconds, outcome }
}

function readAll(value: unknown): readonly PastCall[] | null {
  return Array.isArray(value) ? value.map(read).filter((one) => one !== null) : null
}

function read(value: unknown): PastCall | null {
  const { id, direction, user, name, at, seconds, outcome } = fieldsOf(value) ?? {}
  if (typeof id !== 'string' || typeof user !== 'string' || (direction !== 'in' && direction !== 'out')) return null
  if (typeof at !== 'number' || typeof seconds !== 'number' || !isOutcome(outcome)) return null
  return { id, direction, user, name: typeof name === 'string' ? name : null, at, seconds, outcome }
}

function isOutcome(value: unknown): value is Outcome {
  return typeof value === 'string' && OUTCOMES.includes(value)
}
