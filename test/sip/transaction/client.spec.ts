import t from 'tap'
import { type ClientState, startClient, stepClient } from '../../../src/sip/transaction/client.ts'
import type { ClientEvent } from '../../../src/sip/transaction/machine.ts'
import { checkTable, shown } from './machineTable.ts'

const events = {
  '1xx': { type: 'response', status: 100 },
  final: { type: 'response', status: 200 },
  E: { type: 'fired', timer: 'E' },
  F: { type: 'fired', timer: 'F' },
  'transport failed': { type: 'transport-failed' },
  cancel: { type: 'cancel' },
} as const satisfies Record<string, ClientEvent>

const trying = { name: 'trying', reliable: false, interval: 500 } as const
const proceeding = { name: 'proceeding', reliable: false } as const

const states = {
  trying,
  'trying, reliable': { ...trying, reliable: true },
  proceeding,
  'proceeding, reliable': { ...proceeding, reliable: true },
  terminated: { name: 'terminated' },
} as const satisfies Record<string, ClientState>

t.test('RFC 3261 §17.1.2.2: the request leaves; timer E only on an unreliable transport', async (t) => {
  t.equal(shown(startClient(false)), 'trying 500: send, E in 500, F in 32000')
  t.equal(shown(startClient(true)), 'trying 500: send, F in 32000')
})

t.test('RFC 3261 §17.1.2: every event in every state', async (t) => {
  checkTable(t, stepClient, states, events, {
    trying: {
      '1xx': 'proceeding: pass',
      final: 'terminated: pass',
      E: 'trying 1000: send, E in 1000',
      F: 'terminated: timeout',
      'transport failed': 'terminated: failed',
      // §9.1: only an INVITE can be cancelled.
      cancel: '-',
    },
    'trying, reliable': {
      '1xx': 'proceeding: pass',
      final: 'terminated: pass',
      E: 'trying 1000: send, E in 1000',
      F: 'terminated: timeout',
      'transport failed': 'terminated: failed',
      cancel: '-',
    },
    proceeding: {
      '1xx': 'proceeding: pass',
      final: 'terminated: pass',
      // §17.1.2.2: once something came, every T2.
      E: 'proceeding: send, E in 4000',
      F: 'terminated: timeout',
      'transport failed': 'terminated: failed',
      cancel: '-',
    },
    'proceeding, reliable': {
      '1xx': 'proceeding: pass',
      final: 'terminated: pass',
      E: 'proceeding: send, E in 4000',
      F: 'terminated: timeout',
      'transport failed': 'terminated: failed',
      cancel: '-',
    },
    terminated: { '1xx': '-', final: '-', E: '-', F: '-', 'transport failed': '-', cancel: '-' },
  })
})

t.test('RFC 3261 §17.1.2.2: the interval of timer E doubles up to T2', async (t) => {
  let state: ClientState = trying
  const intervals: number[] = []
  for (let i = 0; i < 5; i++) {
    const outcome = stepClient(state, events.E)
    state = outcome.state
    for (const effect of outcome.effects) if (effect.type === 'start') intervals.push(effect.delay)
  }
  t.strictSame(intervals, [1000, 2000, 4000, 4000, 4000])
})

t.test('300 and above are final like 200', async (t) => {
  for (const status of [200, 300, 404, 503, 603]) {
    t.equal(stepClient(trying, { type: 'response', status }).state.name, 'terminated', String(status))
  }
})
