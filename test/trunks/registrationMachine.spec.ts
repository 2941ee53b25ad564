import t from 'tap'
import {
  idleRegistration,
  type RegisterEffect,
  type RegisterEvent,
  type RegisterState,
  stepRegistration,
} from '../../src/trunks/registrationMachine.ts'
import { type Seeded, seededRandom } from '../support/virtual/random.ts'

function anyEvent(random: Seeded): RegisterEvent {
  const events: RegisterEvent[] = [
    { type: 'granted', seconds: [0, 1, 60, 3600][random.integer(4)] ?? 60 },
    { type: 'challenged' },
    { type: 'too-brief', seconds: random.integer(100_000) },
    { type: 'refused', problem: 'no' },
    {
      type: 'outage',
      problem: 'out',
      more: random.integer(2) === 0,
      retryAfter: random.integer(2) ? random.integer(1e9) : null,
    },
    { type: 'flow-lost' },
    { type: 'now' },
    { type: 'fired', timer: 'again' },
    { type: 'fired', timer: 'lapse' },
  ]
  if (random.integer(60) === 0) return { type: 'close' }
  return events[random.integer(events.length)] ?? { type: 'now' }
}

/** What the shell has on its way after these effects. */
function after(going: { sent: boolean; again: boolean; lapse: boolean }, effects: readonly RegisterEffect[]) {
  for (const effect of effects) {
    if (effect.type === 'send') going.sent = true
    if (effect.type === 'drop') going.sent = false
    if (effect.type === 'wait') going.again = true
    if (effect.type === 'lapse') going.lapse = true
    if (effect.type === 'stop') going[effect.timer] = false
  }
}

t.test('whatever happens, in whichever order: there is always something to wait for, and never too soon', async (t) => {
  let steps = 0
  for (let seed = 0; seed < 300; seed++) {
    const random = seededRandom(seed)
    let state: RegisterState = idleRegistration(3600)
    let now = 0
    const going = { sent: false, again: false, lapse: false }
    for (let n = 0; n < 200 && state.name !== 'closed'; n++) {
      const event = anyEvent(random)
      // What is not on its way cannot come.
      const answer = ['granted', 'challenged', 'too-brief', 'refused', 'outage'].includes(event.type)
      if (answer && !going.sent) continue
      if (event.type === 'fired' && !going[event.timer]) continue
      if (event.type === 'fired') going[event.timer] = false
      if (answer) going.sent = false
      now += random.integer(100_000)
      const outcome = stepRegistration(state, event, now)
      state = outcome.state
      after(going, outcome.effects)
      steps++
      const wrong = fault(state, outcome.effects, going)
      if (wrong) t.fail(`seed ${seed}: ${wrong}`, { event, state, effects: outcome.effects })
    }
  }
  t.ok(steps > 5_000, `${steps} steps`)
})

function fault(
  state: RegisterState,
  effects: readonly RegisterEffect[],
  going: { sent: boolean; again: boolean; lapse: boolean },
): string | null {
  if (state.name === 'trying' && !going.sent) return 'trying with nothing sent'
  if ((state.name === 'waiting' || state.name === 'registered') && !going.again) return `${state.name} for nothing`
  if (state.name === 'waiting' && going.sent) return 'waiting with something sent'
  if ('until' in state && state.until !== null && !going.lapse) return 'a grant that never ends'
  if ('until' in state && state.until === null && going.lapse) return 'an end of nothing'
  if (state.name === 'closed' && (going.again || going.lapse || !effects.some(({ type }) => type === 'done')))
    return 'not over'
  for (const effect of effects) {
    if (effect.type === 'wait' && !(effect.from >= 2_000 && effect.to >= effect.from && effect.to <= 86_400_000)) {
      return `waits ${effect.from} to ${effect.to}`
    }
  }
  return null
}

t.test('one round is bounded, whatever the provider says', async (t) => {
  for (const event of [
    { type: 'challenged' },
    { type: 'too-brief', seconds: 7200 },
    { type: 'too-brief', seconds: 60 },
  ] satisfies RegisterEvent[]) {
    let { state } = stepRegistration(idleRegistration(3600), { type: 'now' }, 0)
    let sends = 0
    while (state.name === 'trying' && sends < 100) {
      sends++
      state = stepRegistration(state, event, sends).state
    }
    t.ok(sends <= 6, `${event.type}: ${sends}`)
    t.equal(state.name, 'waiting')
  }
})
