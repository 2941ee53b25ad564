import t from 'tap'
import type { Ending } from '../../src/bridge/call.ts'
import { q850Of, reasonFor, reasonOf, refusalReason } from '../../src/bridge/causes.ts'

const ending: Ending = { by: 'server', outcome: 'failed', status: 503, reason: 'no port' }

t.test('RFC 3398 §8.2.6.1: a SIP status as a cause of Q.850', async (t) => {
  const table: Record<number, readonly number[]> = {
    1: [404, 485, 604],
    17: [486, 600],
    18: [480],
    21: [401, 402, 403, 407, 603],
    22: [410],
    25: [482, 483],
    28: [484],
    38: [502],
    41: [400, 481, 500, 503],
    63: [405],
    79: [406, 415, 501],
    102: [408, 504],
    127: [413, 414, 416, 420, 421, 423, 505, 513],
  }
  for (const [cause, statuses] of Object.entries(table)) {
    for (const status of statuses) t.equal(q850Of(status), Number(cause), String(status))
  }
})

t.test('what is our doing is told in both protocols', async (t) => {
  t.equal(reasonFor(ending), 'SIP;cause=503;text="no port", Q.850;cause=41;text="no port"')
  t.equal(reasonOf(603), 'SIP;cause=603;text="Decline", Q.850;cause=21;text="Decline"')
  for (const [outcome, by, status, cause] of [
    ['answered', 'admin', 200, 16],
    ['answered', 'server', 200, 31],
    ['answered', 'server', 503, 41],
    ['cancelled', 'admin', 480, 16],
    ['no-answer', 'server', 480, 19],
    ['offline', 'server', 480, 20],
    ['not-found', 'server', 404, 1],
    ['failed', 'server', 488, 31],
  ] as const) {
    const told = reasonFor({ outcome, by, status, reason: 'why' })
    t.equal(told, `SIP;cause=${status};text="why", Q.850;cause=${cause};text="why"`)
  }
})

t.test(
  'what a party said is passed on, in the other protocol too where RFC 3398 §7.2.4.1 has it; else nothing',
  async (t) => {
    const byCaller = { ...ending, by: 'caller' } as const
    t.equal(reasonFor(byCaller), null)
    const said = (protocol: 'SIP' | 'Q.850', cause: number) =>
      reasonFor({ ...byCaller, causes: [{ protocol, cause, text: null }] })
    t.equal(said('SIP', 200), 'SIP;cause=200, Q.850;cause=26')
    t.equal(said('Q.850', 17), 'Q.850;cause=17, SIP;cause=486')
    t.equal(said('Q.850', 16), 'Q.850;cause=16', 'normal clearing is no status')
    t.equal(said('SIP', 181), 'SIP;cause=181')
  },
)

t.test('a refused caller is told the cause of Q.850 alone (RFC 6432)', async (t) => {
  t.equal(refusalReason(ending), 'Q.850;cause=41;text="no port"')
  const causes = [
    { protocol: 'SIP', cause: 486, text: null },
    { protocol: 'Q.850', cause: 34, text: 'no circuit' },
  ] as const
  t.equal(refusalReason({ ...ending, by: 'callee', causes }), 'Q.850;cause=34;text="no circuit"')
})
