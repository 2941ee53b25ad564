import t from 'tap'
import {
  type InviteServerState,
  startInviteServer,
  stepInviteServer,
} from '../../../src/sip/transaction/inviteServer.ts'
import type { ServerEvent } from '../../../src/sip/transaction/machine.ts'
import { checkTable, shown } from './machineTable.ts'

const events = {
  'INVITE again': { type: 'request' },
  ACK: { type: 'ack' },
  'say 1xx': { type: 'respond', status: 180 },
  'say 2xx': { type: 'respond', status: 200 },
  'say 3xx–6xx': { type: 'respond', status: 486 },
  '200 ms': { type: 'fired', timer: 'trying' },
  G: { type: 'fired', timer: 'G' },
  H: { type: 'fired', timer: 'H' },
  'transport failed': { type: 'transport-failed' },
} as const satisfies Record<string, ServerEvent>

const proceeding = { name: 'proceeding', reliable: false, said: false } as const
const completed = { name: 'completed', reliable: false, interval: 500 } as const

const states = {
  proceeding,
  'proceeding, said something': { ...proceeding, said: true },
  accepted: { name: 'accepted' },
  completed,
  terminated: { name: 'terminated' },
} as const satisfies Record<string, InviteServerState>

t.test('RFC 3261 §17.2.1: the INVITE goes up, and 200 ms later we say 100 Trying', async (t) => {
  t.equal(shown(startInviteServer(false)), 'proceeding: trying in 200, pass')
  t.equal(shown(startInviteServer(true)), 'proceeding: trying in 200, pass')
})

t.test('RFC 3261 §17.2.1, RFC 6026 §7.1: every event in every state, unreliable', async (t) => {
  checkTable(t, stepInviteServer, states, events, {
    proceeding: {
      'INVITE again': '-',
      ACK: '-',
      'say 1xx': 'proceeding said: stop trying, send',
      'say 2xx': 'accepted: stop trying, send, linger',
      'say 3xx–6xx': 'completed 500: stop trying, send, G in 500, H in 32000',
      '200 ms': 'proceeding said: trying',
      G: '-',
      H: '-',
      'transport failed': 'terminated: failed',
    },
    'proceeding, said something': {
      'INVITE again': 'proceeding said: send',
      ACK: '-',
      'say 1xx': 'proceeding said: send',
      'say 2xx': 'accepted: send, linger',
      'say 3xx–6xx': 'completed 500: send, G in 500, H in 32000',
      '200 ms': '-',
      G: '-',
      H: '-',
      'transport failed': 'terminated: failed',
    },
    accepted: {
      // RFC 6026 §7.1: the 2xx is repeated by whoever said it.
      'INVITE again': '-',
      ACK: '-',
      'say 1xx': '-',
      'say 2xx': 'accepted: send',
      'say 3xx–6xx': '-',
      '200 ms': '-',
      G: '-',
      H: '-',
      'transport failed': 'accepted: failed',
    },
    completed: {
      'INVITE again': 'completed 500: send',
      ACK: 'terminated: linger',
      'say 1xx': '-',
      'say 2xx': '-',
      'say 3xx–6xx': '-',
      '200 ms': '-',
      G: 'completed 1000: send, G in 1000',
      H: 'terminated: timeout',
      'transport failed': 'terminated: failed',
    },
    terminated: {
      'INVITE again': '-',
      ACK: '-',
      'say 1xx': '-',
      'say 2xx': '-',
      'say 3xx–6xx': '-',
      '200 ms': '-',
      G: '-',
      H: '-',
      'transport failed': '-',
    },
  })
})

t.test('RFC 3261 §17.2.1: on a reliable transport there is no timer G, and timer I is zero', async (t) => {
  const { state, effects } = stepInviteServer({ ...proceeding, reliable: true }, events['say 3xx–6xx'])
  t.equal(shown({ state, effects }), 'completed 500: stop trying, send, H in 32000')
  t.equal(shown(stepInviteServer(state, events.ACK)), 'terminated')
})

t.test('RFC 3261 §17.2.1: the interval of timer G doubles up to T2', async (t) => {
  let state: InviteServerState = completed
  const intervals: number[] = []
  for (let i = 0; i < 5; i++) {
    const outcome = stepInviteServer(state, events.G)
    state = outcome.state
    for (const effect of outcome.effects) if (effect.type === 'start') intervals.push(effect.delay)
  }
  t.strictSame(intervals, [1000, 2000, 4000, 4000, 4000])
})
