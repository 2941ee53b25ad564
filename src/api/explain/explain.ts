import type { CallDetailView } from '../operations.ts'
import { audio } from './audio.ts'
import { story, type Told } from './story.ts'
import { spanWords } from './words.ts'

/** A call in plain words. */
export interface Explanation {
  /** What happened, in order; `at` in ms since the call came in. */
  readonly story: readonly Told[]
  /** How the audio went, in sentences. */
  readonly audio: readonly string[]
}

/** Tells from a call's record, or from a call that is up, what happened and why. `now`: wall-clock ms since 1970. */
export function explain(call: CallDetailView, now: number): Explanation {
  const told = story(call)
  const started = Date.parse(call.startedAt)
  if (call.endedAt === null) told.push({ at: now - started, text: stillUp(call, now) })
  else if (!call.events.some(({ type }) => type === 'ended')) {
    told.push({ at: Date.parse(call.endedAt) - started, text: `It ended: ${call.reason} (${call.status}).` })
  }
  return { story: told, audio: audio(call) }
}

function stillUp({ answeredAt, startedAt, state }: CallDetailView, now: number): string {
  if (answeredAt === null) return `It has been ringing for ${spanWords(now - Date.parse(startedAt))}.`
  return `It is ${state === 'held' ? 'on hold' : 'up'}, ${spanWords(now - Date.parse(answeredAt))} after the answer.`
}
