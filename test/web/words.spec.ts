import t from 'tap'
import {
  duration,
  initials,
  lineInWords,
  moment,
  pastInWords,
  shownState,
  stateInWords,
} from '../../web/src/ui/words.ts'
import { callWith } from './calls.ts'

t.test('durations', async (t) => {
  t.same([0, 5, 65, 3599, 3723, -4].map(duration), ['0:00', '0:05', '1:05', '59:59', '1:02:03', '0:00'])
})

t.test('moments', async (t) => {
  const now = new Date(2026, 4, 4, 9, 30).getTime()
  const at = (...parts: [number, number, number, number]): string =>
    moment(new Date(2026, ...parts).getTime(), now, 'en-GB')
  t.equal(at(4, 4, 9, 2), '09:02')
  t.equal(at(4, 3, 23, 59), 'yesterday 23:59')
  t.equal(at(4, 2, 14, 2), '2 May 14:02')
})

t.test('what a call shows of itself', async (t) => {
  const talking = callWith({ state: 'talking', answeredAt: 10_000, sound: 'flowing' })
  t.equal(stateInWords(talking, 75_000), '1:05')
  t.equal(shownState({ ...talking, heldByPeer: true, heldByMe: true }), 'held', 'what can be undone here comes first')
  t.equal(shownState({ ...talking, heldByPeer: true }), 'held-by-peer')
  t.equal(shownState({ ...talking, sound: 'broken' }), 'broken')
  t.equal(shownState(callWith({ state: 'ringing', heldByPeer: true })), 'ringing')
})

t.test('the line', async (t) => {
  const problem = { kind: 'x', text: '', mend: '' }
  t.equal(lineInWords({ at: 'lost', user: '101', problem, retryAt: 5200 }, 1000), 'No connection · again in 5 s')
  t.equal(lineInWords({ at: 'lost', user: '101', problem, retryAt: null }, 1000), 'Connecting …')
  t.equal(lineInWords({ at: 'ready', user: '101' }, 0), 'Ready')
})

t.test('past calls', async (t) => {
  const past = { id: 'a', direction: 'in', user: '102', name: null, at: 0, seconds: 65, outcome: 'talked' } as const
  t.equal(pastInWords(past), 'Incoming · 1:05')
  t.equal(pastInWords({ ...past, outcome: 'missed' }), 'Missed')
})

t.test('initials', async (t) => {
  t.same(['Bob Example', 'çağla öz', 'Bob', 'Mary Ann Lee', '102', '', null].map(initials), [
    'BE',
    'ÇÖ',
    'B',
    'ML',
    null,
    null,
    null,
  ])
})
