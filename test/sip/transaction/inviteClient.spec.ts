import t from 'tap'
import {
  type InviteClientState,
  startInviteClient,
  stepInviteClient,
} from '../../../src/sip/transaction/inviteClient.ts'
import type { ClientEvent } from '../../../src/sip/transaction/machine.ts'
import { checkTable, shown } from './machineTable.ts'

const events = {
  '1xx': { type: 'response', status: 180 },
  '2xx': { type: 'response', status: 200 },
  '3xx–6xx': { type: 'response', status: 486 },
  A: { type: 'fired', timer: 'A' },
  B: { type: 'fired', timer: 'B' },
  D: { type: 'fired', timer: 'D' },
  'transport failed': { type: 'transport-failed' },
  cancel: { type: 'cancel' },
} as const satisfies Record<string, ClientEvent>

const calling = { name: 'calling', reliable: false, interval: 500, cancelled: false } as const
const proceeding = { name: 'proceeding', reliable: false, cancelled: false } as const

const states = {
  calling,
  'calling, cancelled': { ...calling, cancelled: true },
  proceeding,
  'proceeding, cancelled': { ...proceeding, cancelled: true },
  completed: { name: 'completed' },
  terminated: { name: 'terminated' },
} as const satisfies Record<string, InviteClientState>

t.test('RFC 3261 §17.1.1.2: the INVITE leaves; timer A only on an unreliable transport', async (t) => {
  t.equal(shown(startInviteClient(false)), 'calling 500: send, A in 500, B in 32000')
  t.equal(shown(startInviteClient(true)), 'calling 500: send, B in 32000')
})

t.test('RFC 3261 §17.1.1, RFC 6026 §7.2: every event in every state, unreliable', async (t) => {
  checkTable(t, stepInviteClient, states, events, {
    calling: {
      '1xx': 'proceeding: stop A, stop B, pass',
      // RFC 6026 §7.2: the layer has the transaction user acknowledge each further 2xx.
      '2xx': 'terminated: linger, pass',
      '3xx–6xx': 'completed: stop A, stop B, ack, D in 32000, pass',
      A: 'calling 1000: send, A in 1000',
      B: 'terminated: timeout',
      D: '-',
      'transport failed': 'terminated: failed',
      // §9.1: no CANCEL before a provisional response, which the INVITE is repeated for.
      cancel: 'calling 500 cancelled',
    },
    'calling, cancelled': {
      '1xx': 'proceeding cancelled: stop A, stop B, cancel, B in 32000, pass',
      '2xx': 'terminated: linger, pass',
      '3xx–6xx': 'completed: stop A, stop B, ack, D in 32000, pass',
      A: 'calling 1000 cancelled: send, A in 1000',
      B: 'terminated: timeout',
      D: '-',
      'transport failed': 'terminated: failed',
      cancel: 'calling 500 cancelled',
    },
    proceeding: {
      '1xx': 'proceeding: pass',
      '2xx': 'terminated: linger, pass',
      '3xx–6xx': 'completed: stop A, stop B, ack, D in 32000, pass',
      A: '-',
      B: 'terminated: timeout',
      D: '-',
      'transport failed': '-',
      // §9.1: the CANCEL leaves, and the INVITE ends 64·T1 later at the latest.
      cancel: 'proceeding cancelled: cancel, B in 32000',
    },
    'proceeding, cancelled': {
      '1xx': 'proceeding cancelled: pass',
      '2xx': 'terminated: linger, pass',
      '3xx–6xx': 'completed: stop A, stop B, ack, D in 32000, pass',
      A: '-',
      B: 'terminated: timeout',
      D: '-',
      'transport failed': '-',
      cancel: '-',
    },
    completed: {
      '1xx': '-',
      '2xx': '-',
      // §17.1.1.2: acknowledged again, and not told again.
      '3xx–6xx': 'completed: ack',
      A: '-',
      B: '-',
      D: 'terminated',
      'transport failed': 'terminated',
      cancel: '-',
    },
    terminated: {
      '1xx': '-',
      '2xx': '-',
      '3xx–6xx': '-',
      A: '-',
      B: '-',
      D: '-',
      'transport failed': '-',
      cancel: '-',
    },
  })
})

t.test('RFC 3261 §17.1.1.2: on a reliable transport timer D is zero', async (t) => {
  const refused = { type: 'response', status: 302 } as const
  t.equal(shown(stepInviteClient({ ...calling, reliable: true }, refused)), 'terminated: ack, pass')
  t.equal(shown(stepInviteClient({ ...proceeding, reliable: true }, refused)), 'terminated: ack, pass')
  const accepted = stepInviteClient({ ...calling, reliable: true }, events['2xx'])
  t.equal(shown(accepted), 'terminated: linger, pass', 'timer M is not: RFC 6026 §7.2')
})

t.test('RFC 3261 §17.1.1.2: the interval of timer A doubles without a limit', async (t) => {
  let state: InviteClientState = calling
  const intervals: number[] = []
  for (let i = 0; i < 6; i++) {
    const outcome = stepInviteClient(state, events.A)
    state = outcome.state
    for (const effect of outcome.effects) if (effect.type === 'start') intervals.push(effect.delay)
  }
  t.strictSame(intervals, [1000, 2000, 4000, 8000, 16000, 32000])
})

t.test('the reliability of the transport outlives a provisional response', async (t) => {
  const { state } = stepInviteClient({ ...calling, reliable: true }, events['1xx'])
  t.equal(shown(stepInviteClient(state, events['3xx–6xx'])), 'terminated: ack, pass')
})

t.test('the borders between the classes of responses', async (t) => {
  const after = (status: number) => stepInviteClient(calling, { type: 'response', status }).state.name
  t.strictSame([100, 199, 200, 299, 300, 699].map(after), [
    'proceeding',
    'proceeding',
    'terminated',
    'terminated',
    'completed',
    'completed',
  ])
})
