import t from 'tap'
import type { ServerEvent } from '../../../src/sip/transaction/machine.ts'
import { type ServerState, startServer, stepServer } from '../../../src/sip/transaction/server.ts'
import { checkTable, shown } from './machineTable.ts'

const events = {
  'request again': { type: 'request' },
  ACK: { type: 'ack' },
  'say 1xx': { type: 'respond', status: 100 },
  'say final': { type: 'respond', status: 200 },
  'transport failed': { type: 'transport-failed' },
} as const satisfies Record<string, ServerEvent>

const states = {
  trying: { name: 'trying', reliable: false },
  'trying, reliable': { name: 'trying', reliable: true },
  proceeding: { name: 'proceeding', reliable: false },
  'proceeding, reliable': { name: 'proceeding', reliable: true },
  terminated: { name: 'terminated' },
} as const satisfies Record<string, ServerState>

t.test('RFC 3261 §17.2.2: the request goes up', async (t) => {
  t.equal(shown(startServer(false)), 'trying: pass')
  t.equal(shown(startServer(true)), 'trying: pass')
})

t.test('RFC 3261 §17.2.2: every event in every state', async (t) => {
  checkTable(t, stepServer, states, events, {
    trying: {
      'request again': '-',
      ACK: '-',
      'say 1xx': 'proceeding: send',
      'say final': 'terminated: send, linger',
      'transport failed': 'terminated: failed',
    },
    'trying, reliable': {
      'request again': '-',
      ACK: '-',
      'say 1xx': 'proceeding: send',
      // Timer J is zero there.
      'say final': 'terminated: send',
      'transport failed': 'terminated: failed',
    },
    proceeding: {
      'request again': 'proceeding: send',
      ACK: '-',
      'say 1xx': 'proceeding: send',
      'say final': 'terminated: send, linger',
      'transport failed': 'terminated: failed',
    },
    'proceeding, reliable': {
      'request again': 'proceeding: send',
      ACK: '-',
      'say 1xx': 'proceeding: send',
      'say final': 'terminated: send',
      'transport failed': 'terminated: failed',
    },
    terminated: {
      'request again': '-',
      ACK: '-',
      'say 1xx': '-',
      'say final': '-',
      'transport failed': '-',
    },
  })
})
