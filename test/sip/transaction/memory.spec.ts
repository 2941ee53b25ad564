import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import type { SipRequest } from '../../../src/sip/message/message.ts'
import { TransactionLayer } from '../../../src/sip/transaction/layer.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'
import { seededRandom } from '../../support/virtual/random.ts'
import { reply, request } from '../messages.ts'
import { TestFlow } from '../testFlow.ts'
import { outgoing } from './layerBench.ts'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** Answers each request with `status`; keeps nothing itself. */
function bench(status: number) {
  const clock = new VirtualClock()
  const flow = new TestFlow(clock)
  const layer = new TransactionLayer(clock, seededRandom(1), {
    request(transaction) {
      transaction.attach({ cancelled() {}, failed() {} })
      transaction.respond(status)
    },
    ack() {},
    answeredAgain() {},
    reopen: () => Promise.reject(new Error('no way')),
  })
  return { layer, flow }
}

/** Whether what `make` gives is still referred to by anybody when all promises have settled. */
async function isKept(make: () => WeakRef<object>): Promise<boolean> {
  const made = make()
  // A WeakRef holds its target until the end of the turn in which it was made or read.
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  return made.deref() !== undefined
}

t.test('what lingers of a server transaction (timers I, J, L) has let go of its request', async (t) => {
  for (const [method, status, waits] of [
    ['OPTIONS', 200, false],
    ['INVITE', 200, false],
    ['INVITE', 486, true],
  ] as const) {
    const { layer, flow } = bench(status)
    const come = (): WeakRef<SipRequest> => {
      const arrived = request(method, { branch: 'z9hG4bK-1' })
      layer.receive(arrived, flow)
      return new WeakRef(arrived)
    }
    t.equal(await isKept(come), waits, `${method} answered ${status}`)
    t.equal(layer.size, 1)
  }
  const { layer, flow } = bench(486)
  const refused = (): WeakRef<SipRequest> => {
    const arrived = request('INVITE', { branch: 'z9hG4bK-1' })
    layer.receive(arrived, flow)
    layer.receive(request('ACK', { branch: 'z9hG4bK-1' }), flow)
    return new WeakRef(arrived)
  }
  t.equal(await isKept(refused), false, 'a refusal that was acknowledged')
  t.equal(layer.size, 1)
})

t.test('what is left of a client transaction (timers D, M) has let go of its request and its user', async (t) => {
  for (const [method, status, waits] of [
    ['OPTIONS', 200, false],
    ['INVITE', 200, false],
    ['INVITE', 486, false],
    ['INVITE', 180, true],
  ] as const) {
    const { layer, flow } = bench(200)
    const user = (): WeakRef<object> => {
      const asked = { response() {}, failed() {} }
      const { request } = layer.request(outgoing(method), flow, asked)
      layer.receive(reply(request, status), flow)
      return new WeakRef(asked)
    }
    t.equal(await isKept(user), waits, `the user of an ${method} answered ${status}`)
    const sent = (): WeakRef<object> => {
      const { request } = layer.request(outgoing(method), flow, { response() {}, failed() {} })
      layer.receive(reply(request, status), flow)
      return new WeakRef(request)
    }
    t.equal(await isKept(sent), waits, `${method} answered ${status}`)
    t.equal(layer.size, method === 'INVITE' ? 2 : 0)
  }
})
