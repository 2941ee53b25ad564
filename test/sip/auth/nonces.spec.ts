import t from 'tap'
import { NONCE_LIFETIME, Nonces } from '../../../src/sip/auth/nonces.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'
import { seededRandom } from '../../support/virtual/random.ts'

const PHONE = '10.0.0.20'

function bench(seed = 1) {
  const clock = new VirtualClock()
  return { clock, nonces: new Nonces(clock, seededRandom(seed)) }
}

t.test('RFC 7616 §3.3: a nonce holds for the address it was given to, and costs no memory', async (t) => {
  const { nonces } = bench()
  const nonce = nonces.issue(PHONE)
  t.match(nonce, /^[\w-]{32}$/, 'safe in a quoted-string')
  t.ok(nonces.holds(nonce, PHONE))
  t.notOk(nonces.holds(nonce, '10.0.0.21'))
  t.equal(nonces.size, 0)
  t.not(nonces.issue(PHONE), nonce, 'no two are alike, even at one moment')
})

t.test('it outlives the slowest phone, and expires', async (t) => {
  const { clock, nonces } = bench()
  await clock.advance(1234.5)
  const nonce = nonces.issue(PHONE)
  await clock.advance(NONCE_LIFETIME - 1)
  t.ok(nonces.holds(nonce, PHONE))
  await clock.advance(2)
  t.notOk(nonces.holds(nonce, PHONE))
})

t.test('what was not given out, or was tampered with, does not hold', async (t) => {
  const { nonces } = bench()
  const nonce = nonces.issue(PHONE)
  for (let at = 0; at < nonce.length; at++) {
    const other = nonce[at] === 'A' ? 'B' : 'A'
    const tampered = nonce.slice(0, at) + other + nonce.slice(at + 1)
    if (nonces.holds(tampered, PHONE)) t.fail(`character ${at} does not count`)
  }
  for (const text of ['', 'x', nonce.slice(1), `${nonce}A`, 'ä'.repeat(24), nonce.repeat(1000)]) {
    t.notOk(nonces.holds(text, PHONE), text.slice(0, 40))
  }
  t.notOk(bench(2).nonces.holds(nonce, PHONE), 'nor that of another server, or of this one before its restart')
})

t.test('RFC 7616 §3.4.5: each nonce count is good for once, in any order within a window', async (t) => {
  const { nonces } = bench()
  const nonce = nonces.issue(PHONE)
  const taken = (nc: number) => nonces.use(nonce, nc)
  t.ok(taken(2), 'the first need not be 1: sip.js begins a new nonce with 2')
  t.notOk(taken(2), 'replayed')
  t.ok(taken(1), 'late')
  t.notOk(taken(1))
  t.ok(taken(5))
  t.ok(taken(4))
  t.ok(taken(3))
  for (const nc of [1, 2, 3, 4, 5]) t.notOk(taken(nc), `${nc} again`)
})

t.test('the window is 32 counts wide', async (t) => {
  const { nonces } = bench()
  const nonce = nonces.issue(PHONE)
  const taken = (nc: number) => nonces.use(nonce, nc)
  t.ok(taken(100))
  t.ok(taken(69), 'just inside')
  t.notOk(taken(69))
  t.notOk(taken(68), 'too far behind')
  t.ok(taken(131), 'a leap over the rest of the window')
  t.notOk(taken(100), '31 behind, and taken')
  t.ok(taken(1000))
  t.notOk(taken(131), 'far behind')
  t.ok(taken(969))
  t.ok(taken(999))
  t.notOk(taken(999))
})

t.test('each count of a long run is good for once, whatever the order', async (t) => {
  const { nonces } = bench()
  const nonce = nonces.issue(PHONE)
  const random = seededRandom(7)
  const accepted: number[] = []
  for (let i = 1; i < 3000; i++) {
    const nc = Math.max(1, i - random.integer(40))
    if (nonces.use(nonce, nc)) accepted.push(nc)
  }
  t.equal(new Set(accepted).size, accepted.length)
  t.ok(accepted.length > 1000)
})

t.test('only a nonce in use takes memory, and only while it holds', async (t) => {
  const { clock, nonces } = bench()
  for (let i = 0; i < 1000; i++) nonces.issue(PHONE)
  t.equal(nonces.size, 0)
  const first = nonces.issue(PHONE)
  nonces.use(first, 1)
  await clock.advance(1000)
  const second = nonces.issue(PHONE)
  nonces.use(second, 1)
  nonces.use(second, 2)
  t.equal(nonces.size, 2)
  await clock.advance(NONCE_LIFETIME - 500)
  nonces.use(nonces.issue(PHONE), 1)
  t.equal(nonces.size, 2, 'the first has expired')
})

t.test('there is no moment at which a used nonce still holds but is forgotten', async (t) => {
  const { clock, nonces } = bench()
  const nonce = nonces.issue(PHONE)
  nonces.use(nonce, 1)
  for (const span of [NONCE_LIFETIME - 1, 1, 1]) {
    await clock.advance(span)
    t.notOk(nonces.holds(nonce, PHONE) && nonces.use(nonce, 1), `at ${clock.now()}`)
  }
})
