import t from 'tap'
import { Penalties } from '../../../src/sip/auth/penalties.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'

const STRANGER = '198.51.100.1'
const LAN = '10.0.0.20'
const MINUTE = 60_000

function bench() {
  const clock = new VirtualClock()
  const penalties = new Penalties(clock, (address) => address.startsWith('10.'))
  /** Fails `times` times; gives the delays. */
  const fails = (address: string, times: number) => Array.from({ length: times }, () => penalties.failed(address))
  return { clock, penalties, fails }
}

t.test('a stranger is slowed from the fourth failure on, and ignored from the tenth', async (t) => {
  const { clock, penalties, fails } = bench()
  t.strictSame(fails(STRANGER, 9), [0, 0, 0, 2000, 2000, 2000, 2000, 2000, 2000])
  t.ok(penalties.admits(STRANGER))
  t.strictSame(penalties.ignored(), [])
  penalties.failed(STRANGER)
  t.notOk(penalties.admits(STRANGER))
  t.strictSame(penalties.ignored(), [STRANGER])
  t.ok(penalties.admits('198.51.100.2'), 'others are heard')
  await clock.advance(10 * MINUTE - 1)
  t.notOk(penalties.admits(STRANGER))
  await clock.advance(1)
  t.ok(penalties.admits(STRANGER))
  t.strictSame(penalties.ignored(), [])
})

t.test('who comes back from being ignored is slow at once, and has six tries', async (t) => {
  const { clock, penalties, fails } = bench()
  fails(STRANGER, 10)
  await clock.advance(10 * MINUTE)
  t.strictSame(fails(STRANGER, 5), [2000, 2000, 2000, 2000, 2000])
  t.ok(penalties.admits(STRANGER))
  penalties.failed(STRANGER)
  t.notOk(penalties.admits(STRANGER))
})

t.test('the LAN is given more patience: a house full of phones with an old password', async (t) => {
  const { clock, penalties, fails } = bench()
  t.strictSame(new Set(fails(LAN, 19)), new Set([0]))
  t.strictSame(new Set(fails(LAN, 80)), new Set([1000]))
  t.ok(penalties.admits(LAN))
  penalties.failed(LAN)
  t.notOk(penalties.admits(LAN))
  await clock.advance(MINUTE)
  t.ok(penalties.admits(LAN))
})

t.test('failures are forgiven after a success, and after ten minutes without another', async (t) => {
  const { clock, penalties, fails } = bench()
  fails(STRANGER, 9)
  penalties.succeeded(STRANGER)
  t.equal(penalties.failed(STRANGER), 0)
  fails(STRANGER, 8)
  await clock.advance(10 * MINUTE)
  t.equal(penalties.failed(STRANGER), 2000, 'not quite yet')
  await clock.advance(20 * MINUTE)
  t.equal(penalties.failed(STRANGER), 0)
})

t.test('memory is bounded: the address whose last failure is the oldest is forgotten', async (t) => {
  const { penalties, fails } = bench()
  fails('198.51.100.1', 10)
  fails('198.51.100.2', 10)
  for (let i = 0; i < 9_998; i++) penalties.failed(`2001:db8::${i.toString(16)}`)
  t.notOk(penalties.admits('198.51.100.1'))
  penalties.failed('198.51.100.1')
  penalties.failed('2001:db8:1::1')
  t.ok(penalties.admits('198.51.100.2'), 'it failed longer ago')
  t.notOk(penalties.admits('198.51.100.1'))
})
