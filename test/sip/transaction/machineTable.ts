import type { Test } from 'tap'
import type { Effect, Outcome } from '../../../src/sip/transaction/machine.ts'

/** A state of any machine, with what some of them hold. */
interface AnyState {
  readonly name: string
  readonly interval?: number
  readonly cancelled?: boolean
  readonly said?: boolean
}

/**
 * Every event in every state, and what comes of it: the new state, then the effects in their order, as in
 * `calling 1000: send, A in 1000`. A dash: nothing at all.
 */
export type Table<State extends string, Event extends string> = Readonly<Record<State, Readonly<Record<Event, string>>>>

/** Runs each cell of a table. */
export function checkTable<State extends AnyState, Event, S extends string, E extends string>(
  t: Test,
  step: (state: State, event: Event) => Outcome<State>,
  states: Readonly<Record<S, State>>,
  events: Readonly<Record<E, Event>>,
  table: Table<S, E>,
): void {
  for (const state of keys(states)) {
    for (const event of keys(events)) {
      const outcome = step(states[state], events[event])
      const nothing = outcome.effects.length === 0 && outcome.state === states[state]
      t.equal(nothing ? '-' : shown(outcome), table[state][event], `${state} × ${event}`)
    }
  }
}

function keys<K extends string>(record: Readonly<Record<K, unknown>>): K[] {
  const names: string[] = Object.keys(record)
  return names.filter((name): name is K => name in record)
}

/** An outcome as the tables have it. */
export function shown(outcome: Outcome<AnyState>): string {
  const { name, interval, cancelled, said } = outcome.state
  const state = [name, interval, cancelled && 'cancelled', said && 'said'].filter(Boolean).join(' ')
  return outcome.effects.length === 0 ? state : `${state}: ${outcome.effects.map(shownEffect).join(', ')}`
}

function shownEffect(effect: Effect): string {
  if (effect.type === 'start') return `${effect.timer} in ${effect.delay}`
  return effect.type === 'stop' ? `stop ${effect.timer}` : effect.type
}
