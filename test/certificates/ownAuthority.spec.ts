import { X509Certificate } from 'node:crypto'
import t from 'tap'
import { ownAuthority } from '../../src/certificates/ownAuthority.ts'
import { within } from '../support/deadline.ts'
import { VirtualClock } from '../support/virtual/clock.ts'
import { seededRandom } from '../support/virtual/random.ts'
import { keepingLog, MemoryFiles } from './bench.ts'

const DAY = 24 * 3600 * 1000

/** A clock whose time of day can be put forward, without all the hours between. */
class Calendar extends VirtualClock {
  ahead = 0

  override wall(): Date {
    return new Date(super.wall().getTime() + this.ahead)
  }
}

async function bench(files = new MemoryFiles(), hosts = ['localhost', 'pbx', '10.0.0.1'], clock = new Calendar()) {
  const { log, lines } = keepingLog()
  const source = await ownAuthority({
    ...{ directory: '/data/certificates', files, clock, log, random: seededRandom(3), hostName: 'pbx' },
    hosts: () => hosts,
  })
  const shown: string[] = []
  source.onChanged(({ chain }) => shown.push(chain))
  return { source, files, clock, hosts, lines, shown, leaf: () => new X509Certificate(source.current.chain) }
}

t.test('made once, and the same at each start', async (t) => {
  const first = await bench()
  t.equal(first.leaf().checkIP('10.0.0.1'), '10.0.0.1')
  t.ok(first.leaf().verify(new X509Certificate(first.source.authority).publicKey))
  first.source.close()
  const second = await bench(first.files)
  t.same(second.source.current, first.source.current, 'browsers that were told to trust it do so still')
  t.equal(second.source.authority, first.source.authority)
  t.same(second.lines, [])
  second.source.close()
})

t.test('a new address makes a new certificate from the same authority, while it runs', async (t) => {
  const { source, hosts, shown, leaf } = await bench()
  const { authority } = source
  await source.refresh()
  t.same(shown, [], 'nothing is new')
  hosts.push('192.168.7.7')
  await Promise.all([source.refresh(), source.refresh()])
  t.equal(shown.length, 1)
  t.equal(leaf().checkIP('192.168.7.7'), '192.168.7.7')
  hosts.splice(hosts.indexOf('10.0.0.1'), 1)
  await source.refresh()
  t.equal(shown.length, 1, 'an address that is gone needs none')
  t.equal(source.authority, authority)
  source.close()
})

t.test('a name that the authority may not speak for is left out, and told of once', async (t) => {
  const { source, hosts, lines, leaf } = await bench()
  hosts.push('pbx.example.com', 'desk.pbx')
  await source.refresh()
  await source.refresh()
  t.equal(leaf().checkHost('desk.pbx'), 'desk.pbx')
  t.equal(leaf().checkHost('pbx.example.com'), undefined)
  t.equal(lines.filter((line) => /^warn: .*pbx\.example\.com; .*remove \/data\/certificates/.test(line)).length, 1)
  source.close()
})

t.test('a certificate is renewed 30 days before its end', async (t) => {
  const { source, clock, shown, leaf } = await bench()
  const first = leaf()
  const left = () => Date.parse(leaf().validTo) - clock.wall().getTime()
  clock.ahead = left() - 31 * DAY
  await clock.advance(3600_000)
  await source.refresh()
  t.same(shown, [])
  clock.ahead += DAY
  const changed = new Promise((resolve) => source.onChanged(resolve))
  await clock.advance(3600_000)
  await within(10_000, 'a new certificate', changed)
  t.equal(shown.length, 1)
  t.ok(left() > 800 * DAY)
  t.not(leaf().serialNumber, first.serialNumber)
  source.close()
  t.equal(clock.timers, 0)
})

t.test('an authority near its end, or a key that is damaged, is made anew', async (t) => {
  const first = await bench()
  first.source.close()
  first.files.texts.set('/data/certificates/authority.key', 'what was this')
  const second = await bench(first.files)
  t.not(second.source.authority, first.source.authority)
  t.ok(second.leaf().verify(new X509Certificate(second.source.authority).publicKey))
  second.source.close()
  const clock = new Calendar()
  clock.ahead = 3_640 * DAY
  const late = await bench(second.files, second.hosts, clock)
  t.not(late.source.authority, second.source.authority)
  late.source.close()
})

t.test('a certificate that somebody else signed is not shown', async (t) => {
  const [one, other] = [await bench(), await bench(new MemoryFiles(), ['localhost', '10.9.9.9'])]
  for (const name of ['server.crt', 'server.key']) {
    const path = `/data/certificates/${name}`
    one.files.texts.set(path, other.files.texts.get(path) ?? '')
  }
  const again = await bench(one.files)
  t.ok(again.leaf().verify(new X509Certificate(one.source.authority).publicKey))
  for (const { source } of [one, other, again]) source.close()
})
