import t from 'tap'
import type { SipRequest, SipResponse } from '../../../src/sip/message/message.ts'
import type { Binding, BindingChange, BindingStore } from '../../../src/sip/registrar/bindingStore.ts'
import { Gruus } from '../../../src/sip/registrar/gruus.ts'
import { Registrar } from '../../../src/sip/registrar/registrar.ts'
import { TransactionLayer } from '../../../src/sip/transaction/layer.ts'
import { silentLog } from '../../support/silentLog.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'
import { seededRandom } from '../../support/virtual/random.ts'
import { TestFlow } from '../testFlow.ts'
import { binding, registering } from './phone.ts'

/** A store in memory that commits when the test says so. */
class TestStore implements BindingStore {
  readonly rows = new Map<string, Binding>()
  #waiting: { change: BindingChange; done: (error?: Error) => void }[] = []

  constructor(rows: readonly Binding[] = []) {
    for (const row of rows) this.rows.set(`${row.user} ${row.key}`, row)
  }

  load(): Binding[] {
    return [...this.rows.values()]
  }

  save(change: BindingChange, done: (error?: Error) => void): void {
    this.#waiting.push({ change, done })
  }

  get contacts(): string[] {
    return [...this.rows.values()].map(({ contact }) => contact)
  }

  commit(error?: Error): void {
    for (const { change, done } of this.#waiting.splice(0)) {
      if (!error) this.#apply(change)
      done(error)
    }
  }

  #apply({ user, put, removed }: BindingChange): void {
    for (const key of removed) this.rows.delete(`${user} ${key}`)
    for (const row of put) this.rows.set(`${user} ${row.key}`, row)
  }
}

function bench(rows: readonly Binding[] = [], clock = new VirtualClock()) {
  const store = new TestStore(rows)
  /** What was told of whose bindings. */
  const changes: [string, string[]][] = []
  const registrar = new Registrar({
    ...{ clock, store, log: silentLog },
    gruus: new Gruus(new Uint8Array(32), seededRandom(2)),
    limits: { min: 60, usual: 3600, max: 7200 },
    changed: (user, bindings) => changes.push([user, bindings.map(({ contact }) => contact)]),
  })
  const flow = new TestFlow(clock)
  const layer = new TransactionLayer(clock, seededRandom(1), {
    request: (transaction) => registrar.register(transaction, '101'),
    ack() {},
    answeredAgain() {},
    reopen: () => Promise.reject(new Error('no way')),
  })
  const wall = () => clock.wall().getTime()
  return {
    ...{ clock, store, changes, registrar, flow, wall },
    /** A REGISTER that 101 has proven to be its own. */
    comes: (request: SipRequest) => layer.receive(request, flow),
    /** The answer to a REGISTER that is stored at once. */
    registers(request: SipRequest): SipResponse {
      layer.receive(request, flow)
      store.commit()
      const [sent] = flow.take()
      if (sent?.message.kind !== 'response') throw new Error('not answered')
      return sent.message
    },
  }
}

const DESK = 'sip:101@10.0.0.20:5060'
const ROOM = 'sip:101@10.0.0.21:5060'

t.test('RFC 3261 §10.3 step 8: the 200 has every Contact, and Date', async (t) => {
  const { registers, clock } = bench()
  registers(registering(`<${DESK}>;q=0.2;expires=600`))
  await clock.advance(100_000)
  const answer = registers(registering(`<${ROOM}>;q=0.8`))
  t.equal(answer.status, 200)
  t.strictSame(answer.headers.all('contact'), [`<${DESK}>;q=0.2;expires=500`, `<${ROOM}>;q=0.8;expires=3600`])
  t.equal(answer.headers.first('date'), 'Mon, 05 Jan 2026 09:01:40 GMT')
})

t.test('the 200 leaves when the binding is safe, and not before', async (t) => {
  const { comes, store, flow, changes } = bench()
  comes(registering(`<${DESK}>`))
  t.strictSame(flow.told(), [])
  t.strictSame(changes, [])
  store.commit()
  t.strictSame(flow.told(), ['200 REGISTER'])
  t.strictSame(store.contacts, [DESK])
  t.strictSame(changes, [['101', [DESK]]])
})

t.test('what could not be saved is not confirmed', async (t) => {
  const { comes, store, flow, changes } = bench()
  comes(registering(`<${DESK}>`))
  store.commit(new Error('disk full'))
  t.strictSame(flow.told(), ['500 REGISTER'])
  t.strictSame(changes, [])
})

t.test('a query changes nothing, so it is answered at once', async (t) => {
  const { registers, comes, flow, clock } = bench()
  registers(registering(`<${DESK}>;expires=600`))
  await clock.advance(100_000)
  comes(registering(null))
  t.strictSame(flow.response(200).headers.all('contact'), [`<${DESK}>;expires=500`])
  t.equal(flow.keptUntil, 600_000, 'nor does it keep the connection of whoever asks')
})

t.test('refusals: Min-Expires with a 423; nothing is kept', async (t) => {
  const { comes, flow, registrar } = bench()
  comes(registering(`<${DESK}>;expires=5`))
  t.equal(flow.response(423).headers.first('min-expires'), '60')
  comes(registering('*', { Expires: '7' }))
  t.equal(flow.response(400).headers.has('min-expires'), false)
  t.equal(registrar.size, 0)
})

t.test('RFC 3261 §10.3 step 5: nobody registers for another', async (t) => {
  const { comes, flow, registrar } = bench()
  for (const to of ['<sip:102@10.0.0.1>', '<sip:10.0.0.1>', '<tel:101>', '<sip:101%41@10.0.0.1>']) {
    comes(registering(`<${DESK}>`, { To: to }))
    t.strictSame(flow.told(), ['403 REGISTER'], to)
  }
  t.equal(registrar.size, 0)
  comes(registering(`<${DESK}>`, { To: '"Me" <sip:%3101@any.host>' }))
  t.equal(registrar.size, 1, 'the user part is compared unescaped')
})

t.test('lookup: the live bindings, the preferred first', async (t) => {
  const { registers, registrar, clock } = bench()
  registers(registering([`<${DESK}>;q=0.3;expires=100`, `<${ROOM}>;q=0.7`, '<sip:101@10.0.0.22>;q=0.7']))
  const contacts = () => registrar.lookup('101').map(({ contact }) => contact)
  t.strictSame(contacts(), [ROOM, 'sip:101@10.0.0.22', DESK])
  t.equal(registrar.size, 3)
  await clock.advance(99_999)
  t.equal(contacts().length, 3)
  await clock.advance(1)
  t.strictSame(contacts(), [ROOM, 'sip:101@10.0.0.22'])
  t.equal(registrar.size, 2)
  t.strictSame(registrar.lookup('102'), [])
})

t.test('bindings that ran out are swept from memory and store', async (t) => {
  const { registers, registrar, clock, store, changes } = bench()
  registers(registering([`<${DESK}>;expires=90`, `<${ROOM}>;expires=200`]))
  changes.length = 0
  await clock.advance(119_999)
  t.strictSame(changes, [])
  await clock.advance(1)
  t.strictSame(changes, [['101', [ROOM]]])
  store.commit()
  t.strictSame(store.contacts, [ROOM])
  await clock.advance(120_000)
  store.commit()
  t.strictSame(changes.at(-1), ['101', []])
  t.strictSame([...registrar.users()], [])
  t.strictSame(store.contacts, [])
})

t.test('after a restart the bindings are there; those that ran out meanwhile are swept', async (t) => {
  const clock = new VirtualClock()
  const now = clock.wall().getTime()
  const rows = [
    binding({ contact: DESK, expiresAt: now + 500_000 }),
    binding({ contact: ROOM, expiresAt: now }),
    binding({ user: '102', contact: 'sip:102@10.0.0.30', expiresAt: now - 1 }),
  ]
  const { registrar, store } = bench(rows, clock)
  t.strictSame(registrar.lookup('101'), [rows[0]])
  t.strictSame(registrar.lookup('102'), [])
  t.equal(registrar.size, 1)
  await clock.advance(60_000)
  store.commit()
  t.strictSame(store.contacts, [DESK])
  t.strictSame([...registrar.users()], ['101'])
})

t.test('RFC 3261 §10.3 step 7: the CSeq of before the restart counts', async (t) => {
  const clock = new VirtualClock()
  const rows = [binding({ contact: DESK, callId: 'a', cSeq: 9, expiresAt: clock.wall().getTime() + 500_000 })]
  const { comes, flow } = bench(rows, clock)
  comes(registering(`<${DESK}>`, { 'Call-ID': 'a', CSeq: '9 REGISTER' }))
  t.strictSame(flow.told(), ['500 REGISTER'])
})

t.test('a connection is kept for as long as what was registered over it', async (t) => {
  const { registers, flow, clock } = bench()
  registers(registering([`<${DESK}>;expires=100`, `<${ROOM}>;expires=200`]))
  t.equal(flow.keptUntil, 200_000)
  await clock.advance(1000)
  registers(registering(`<${DESK}>;expires=100`))
  t.equal(flow.keptUntil, 200_000, 'not shorter by another')
})

t.test('a user that is removed is forgotten', async (t) => {
  const { registers, registrar, store, changes, comes, flow } = bench()
  registers(registering([`<${DESK}>`, `<${ROOM}>`]))
  comes(registering('<sip:101@10.0.0.22>'))
  registrar.forget('101')
  t.strictSame(registrar.lookup('101'), [])
  t.strictSame(changes.at(-1), ['101', []])
  store.commit()
  t.strictSame(store.contacts, [])
  t.strictSame(flow.told(), ['200 REGISTER'], 'one that was on its way')
  t.strictSame(changes.at(-1), ['101', []], 'does not bring it back')
  registrar.forget('nobody')
})

t.test('closing stops the sweep', async (t) => {
  const { clock, registrar } = bench()
  t.equal(clock.timers, 1)
  registrar.close()
  t.equal(clock.timers, 0)
})
