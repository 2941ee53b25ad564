import t from 'tap'
import { INITIAL, nameOf, type PhoneEvent, type PhoneState, reduce } from '../../web/src/phone/state.ts'
import { UNREACHABLE } from '../../web/src/problems.ts'
import { callWith, endOf } from './calls.ts'

function after(...events: PhoneEvent[]): PhoneState {
  return events.reduce(reduce, INITIAL)
}

const OUT = callWith({ id: 'a' })
const IN = callWith({ id: 'b', direction: 'in', state: 'incoming' })

t.test('a call from the first digit to the last word', async (t) => {
  const states = [
    { type: 'begun', call: OUT },
    { type: 'ringing', id: 'a', early: false },
    { type: 'answered', id: 'a', at: 5000 },
    { type: 'sound', id: 'a', sound: 'flowing' },
  ] as const
  t.equal(after(states[0]).calls[0]?.state, 'calling')
  t.equal(after(states[0], states[1]).calls[0]?.state, 'ringing')
  t.match(after(...states).calls[0], { state: 'talking', answeredAt: 5000, sound: 'flowing' })
  const ended = after(...states, { type: 'ended', ended: endOf(OUT, 'talked', 9000) })
  t.match(ended, { calls: [], active: null, ended: { outcome: 'talked' } })
})

t.test('early media is not forgotten by a later 180', async (t) => {
  const state = after(
    { type: 'begun', call: OUT },
    { type: 'ringing', id: 'a', early: true },
    { type: 'ringing', id: 'a', early: false },
  )
  t.equal(state.calls[0]?.early, true)
})

t.test('a second call that comes in does not take the screen; one that is dialled does', async (t) => {
  t.equal(after({ type: 'begun', call: OUT }, { type: 'begun', call: IN }).active, 'a')
  t.equal(after({ type: 'begun', call: IN }, { type: 'begun', call: OUT }).active, 'a')
  t.equal(after({ type: 'begun', call: IN }).active, 'b')
})

t.test('behind a call that ends, one that rings comes before one that is held', async (t) => {
  const held = callWith({ id: 'c', state: 'talking', heldByMe: true })
  const state = after(
    { type: 'begun', call: IN },
    { type: 'begun', call: held },
    { type: 'begun', call: OUT },
    { type: 'ended', ended: endOf(OUT, 'talked', 1) },
  )
  t.equal(state.active, 'b')
  t.equal(reduce(state, { type: 'ended', ended: endOf(IN, 'missed', 2) }).active, 'c')
})

t.test('hold and mute are of one call', async (t) => {
  const state = after(
    { type: 'begun', call: OUT },
    { type: 'begun', call: IN },
    { type: 'held', id: 'a', by: 'me', on: true },
    { type: 'held', id: 'b', by: 'peer', on: true },
    { type: 'muted', id: 'b', on: true },
  )
  t.match(state.calls, [
    { heldByMe: true, heldByPeer: false, muted: false },
    { heldByMe: false, heldByPeer: true, muted: true },
  ])
})

t.test('what is said of a call that is over changes nothing', async (t) => {
  const over = after({ type: 'begun', call: OUT }, { type: 'ended', ended: endOf(OUT, 'cancelled', 1) })
  t.same(reduce(over, { type: 'answered', id: 'a', at: 2 }), over)
  t.equal(reduce(over, { type: 'ended', ended: endOf(OUT, 'failed', 3) }), over)
})

t.test('a new call clears old notes', async (t) => {
  const noted = after({ type: 'noticed', problem: UNREACHABLE })
  t.equal(noted.notice, UNREACHABLE)
  t.match(reduce(noted, { type: 'begun', call: OUT }), { notice: null, ended: null })
  t.match(reduce(noted, { type: 'dismissed' }), { notice: null })
})

t.test('names', async (t) => {
  t.equal(nameOf({ user: '102', name: null }), '102')
  t.equal(nameOf({ user: '102', name: 'Bob' }), 'Bob')
})
