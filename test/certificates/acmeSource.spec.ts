import t, { type Test } from 'tap'
import { acmeSource } from '../../src/certificates/acmeSource.ts'
import { type Certificate, CurrentCertificate } from '../../src/certificates/certificate.ts'
import { AcmeFailure } from '../../src/certificates/challenges.ts'
import { silentLog } from '../support/silentLog.ts'
import { VirtualClock } from '../support/virtual/clock.ts'
import { madeCertificate } from './madeCertificate.ts'

const NAME = 'pbx.example.com'
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const FILE = '/data/acme/certificate.pem'

/** What our own authority gives; that it cannot be read does not matter here. */
const OWN: Certificate = { chain: 'own', key: 'own' }

interface Setup {
  readonly clock?: VirtualClock
  readonly kept?: string | null
  /** What the authority does, one after the other; the last again and again. */
  readonly authority?: readonly (() => Promise<Certificate>)[]
}

async function bench(t: Test, { clock = new VirtualClock(), kept = null, authority = [given(clock)] }: Setup = {}) {
  const disk = new Map<string, string>(kept === null ? [] : [[FILE, kept]])
  const files = {
    read: async (path: string) => disk.get(path) ?? null,
    write: async (path: string, text: string) => void disk.set(path, text),
  }
  const warned: string[] = []
  const log = { ...silentLog, warn: (_: object, message: string) => warned.push(message) }
  const own = new CurrentCertificate(OWN)
  const fallback = {
    get current() {
      return own.current
    },
    onChanged: (run: (certificate: Certificate) => void) => own.onChanged(run),
    close: () => {
      closed = true
    },
  }
  let closed = false
  const orders: number[] = []
  const issue = (): Promise<Certificate> => {
    const nth = orders.push(clock.now()) - 1
    const next = authority[Math.min(nth, authority.length - 1)]
    return next ? next() : Promise.reject(new Error('no authority'))
  }
  const source = await acmeSource({ clock, log, files, file: FILE, names: [NAME], issue, fallback })
  t.teardown(() => source.close())
  const shown: Certificate[] = []
  source.onChanged((certificate) => shown.push(certificate))
  return { clock, source, disk, warned, own, orders, shown, isClosed: () => closed }
}

/** An authority that gives certificates for `days` from now. */
function given(clock: VirtualClock, days = 90, names: readonly string[] = [NAME]) {
  return () => {
    const now = clock.wall().getTime()
    return madeCertificate(names, new Date(now), new Date(now + days * DAY))
  }
}

function refused() {
  return Promise.reject(new AcmeFailure('the authority could not see that it is ours', 'open port 80'))
}

/** Certificates are made by threads of the system, which no virtual clock waits for. */
async function until(reached: () => boolean): Promise<void> {
  for (let turn = 0; turn < 5_000 && !reached(); turn++) await new Promise((resolve) => setImmediate(resolve))
}

t.test('our own certificate is shown until there is one of the authority, which is kept', async (t) => {
  const { source, disk, shown } = await bench(t)
  t.equal(source.current, OWN)
  await until(() => disk.has(FILE))
  t.not(source.current, OWN)
  t.same(shown, [source.current])
  t.match(disk.get(FILE), source.current.chain.trim())
})

t.test('one that was kept is shown from the start, and nothing is ordered', async (t) => {
  const first = await bench(t)
  await until(() => first.disk.has(FILE))
  const { source, orders } = await bench(t, { clock: first.clock, kept: first.disk.get(FILE) ?? '' })
  t.equal(source.current.chain.trim(), first.source.current.chain.trim())
  t.equal(source.current.key.trim(), first.source.current.key.trim())
  await first.clock.advance(59 * DAY)
  t.same(orders, [])
})

t.test('what was kept for other names, is broken or has ended, is not shown', async (t) => {
  const clock = new VirtualClock()
  const text = ({ key, chain }: Certificate) => key + chain
  const other = text(await given(clock, 90, ['other.example.com'])())
  const ended = text(await madeCertificate([NAME], new Date('2025-01-01'), new Date('2025-04-01')))
  const good = text(await given(clock)())
  for (const kept of [other, ended, '', 'nonsense', good.slice(0, -100), good.replace(/^-----BEGIN PRI/, 'x')]) {
    const { source, orders } = await bench(t, { clock, kept, authority: [refused] })
    t.equal(source.current, OWN, kept.slice(0, 30))
    t.equal(orders.length, 1, 'another is ordered')
  }
})

t.test('it is renewed at two thirds of its life, while it is shown', async (t) => {
  const { clock, source, orders, shown } = await bench(t)
  await until(() => shown.length === 1)
  await clock.advance(60 * DAY - HOUR)
  t.equal(orders.length, 1)
  await clock.advance(HOUR + 1)
  await until(() => shown.length === 2)
  t.equal(orders.length, 2)
  t.equal(source.current, shown[1])
  await clock.advance(59 * DAY)
  t.equal(orders.length, 2, 'and again after two thirds of the new one')
})

t.test('an authority that refuses is asked again, later and later, and the log says what to do', async (t) => {
  const clock = new VirtualClock()
  const { orders, warned, disk } = await bench(t, {
    clock,
    authority: [refused, refused, refused, refused, given(clock)],
  })
  await clock.advance(HOUR)
  t.same(
    orders.map((at) => at / MINUTE),
    [0, 5, 15, 35],
  )
  t.equal(
    warned[0],
    'no certificate yet for pbx.example.com: the authority could not see that it is ours; open port 80; it is tried again in 5 minutes',
  )
  await clock.advance(15 * MINUTE)
  t.equal(orders.length, 5)
  await until(() => disk.has(FILE))
  t.equal(warned.length, 4)
})

t.test('an authority that refuses for ever is asked four times a day', async (t) => {
  const { clock, orders } = await bench(t, { authority: [refused] })
  await clock.advance(30 * DAY)
  const last = orders.slice(-2)
  t.equal((last[1] ?? 0) - (last[0] ?? 0), 6 * HOUR)
})

t.test('a renewal that fails till the end: our own is shown rather than one that has ended', async (t) => {
  const clock = new VirtualClock()
  const { source, shown, warned, own } = await bench(t, { clock, authority: [given(clock), refused] })
  await until(() => shown.length === 1)
  await clock.advance(89 * DAY)
  t.equal(source.current, shown[0])
  t.match(warned[0], /^the certificate is not renewed yet for pbx\.example\.com: /)
  await clock.advance(2 * DAY)
  t.equal(source.current, OWN)
  const next = { chain: 'next', key: 'next' }
  own.replace(next)
  t.equal(source.current, next, 'and it is followed')
})

t.test('our own changes are not shown while the authority’s is', async (t) => {
  const { source, shown, own } = await bench(t)
  own.replace({ chain: 'next', key: 'next' })
  t.equal(source.current.chain, 'next')
  await until(() => shown.length === 2)
  own.replace({ chain: 'third', key: 'third' })
  t.equal(source.current, shown[1])
  t.equal(shown.length, 2)
})

t.test('a certificate for something else is none', async (t) => {
  const clock = new VirtualClock()
  const { source, warned, disk } = await bench(t, { clock, authority: [given(clock, 90, ['other.example.com'])] })
  await until(() => warned.length > 0)
  t.match(warned[0], /is not for these names; check acme-directory/)
  t.equal(source.current, OWN)
  t.notOk(disk.has(FILE))
})

t.test('a certificate whose life is over before it begins does not make us order without end', async (t) => {
  const clock = new VirtualClock()
  const past = await madeCertificate([NAME], new Date('2025-01-01'), new Date('2025-04-01'))
  const { orders } = await bench(t, { clock, authority: [async () => past] })
  await clock.advance(10 * MINUTE)
  t.ok(orders.length <= 11, `${orders.length} in ten minutes`)
})

t.test('an authority that never comes to an end is given up', async (t) => {
  const { clock, warned } = await bench(t, { authority: [() => new Promise(() => {})] })
  await clock.advance(21 * MINUTE)
  t.match(warned[0], /has not come to an end/)
})

t.test('closed: nothing more is shown, ordered or timed', async (t) => {
  const clock = new VirtualClock()
  const { source, shown, orders, isClosed } = await bench(t, { clock, authority: [refused] })
  await clock.advance(MINUTE)
  source.close()
  t.ok(isClosed(), 'the fallback too')
  t.equal(clock.timers, 0)
  await clock.advance(30 * DAY)
  t.equal(orders.length, 1)
  t.same(shown, [])
})
