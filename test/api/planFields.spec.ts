import t from 'tap'
import { type Kind, readFields } from '../../src/api/plan/kind.ts'
import { kinds } from '../../src/api/plan/kinds.ts'
import { numbering } from '../../src/dialplan/number.ts'

const german = numbering('DE')
const number = (written: string) => german.read(written)?.e164 ?? null

function settles<T extends object>(kind: Kind<T>, least: object): { readonly entry: T; readonly key: string } {
  const entry = readFields(kind, least, number)
  t.same(Object.keys(entry), Object.keys(kind.schema().shape), `${kind.word}: all fields, in order`)
  t.same(readFields(kind, entry, number), entry, `${kind.word}: read again it is the same`)
  t.match(entry, kind.keyFields(kind.key(entry)), `${kind.word}: the key says its fields`)
  return { entry, key: kind.key(entry) }
}

t.test('an entry of each kind, with as little as it takes', async (t) => {
  t.equal(settles(kinds.trunks, { name: 'main', host: 'sip.example.com' }).key, 'main')
  t.equal(settles(kinds.schedules, { name: 'office', tz: 'Europe/Berlin' }).key, 'office')
  t.equal(settles(kinds.groups, { name: 'sales', members: '101, 102' }).key, 'sales')
  t.equal(settles(kinds.numbers, { number: '030 1234567', to: 'user:101' }).key, '+49301234567')
  t.equal(settles(kinds.routes, { name: 'out', match: '.*', to: 'trunk:main' }).key, 'out')
  t.equal(settles(kinds.limits, { subject: 'any' }).key, 'any')
  t.equal(settles(kinds.forwards, { user: '101' }).key, '101')
  const call = { number: '030', from: 'user:101', at: '2026-12-25T10:00', to: 'user:102' }
  t.equal(settles(kinds.expectations, call).key, '030 from 101 at 2026-12-25T10:00')
  const shared = { number: '0049 30 1234567', caller: '030/1234568', to: 'number:030 1234569' }
  const { entry, key } = settles(kinds.callers, shared)
  t.equal(key, '+49301234567 +49301234568')
  t.equal(entry.to, 'number:+49301234569')
})

t.test('what things need', async (t) => {
  const route = { name: 'x', match: '(?P<n>.*)', from: 'group:sales', when: '!office', to: 'user:101,trunk:main' }
  const more = {
    overCallsOf: 'trunk:other',
    busy: 'number:030 1234567',
    offline: 'sip:a@b',
    to: [...route.to.split(','), `user:${'$'}{n}`],
  }
  t.same(kinds.routes.needs(readFields(kinds.routes, { ...route, ...more }, number)), [
    ...['group:sales', 'user:101', 'trunk:main', 'trunk:other', 'number:+49301234567', 'schedule:office'],
  ])
})

t.test('flags are all text', async (t) => {
  const trunk = {
    name: 't',
    host: 'a',
    register: 'no',
    emergency: 'yes',
    maxCalls: '4',
    codecs: 'PCMA, g722',
    allowIp: 'none',
  }
  t.match(readFields(kinds.trunks, trunk, number), {
    ...{ register: false, emergency: true, maxCalls: 4, codecs: ['pcma', 'g722'], allowIp: [] },
  })
  for (const [after, seconds] of [
    ['20s', 20],
    ['20', 20],
    [20, 20],
    ['2m', 120],
    ['', null],
    ['none', null],
  ]) {
    t.equal(readFields(kinds.forwards, { user: '101', after }, number).after, seconds, String(after))
  }
  const office = { name: 'office', tz: 'UTC', open: 'mon,wed 09:00-17:00', closed: ['--12-25', '--12-26'] }
  t.match(readFields(kinds.schedules, office, number), { open: ['mon,wed 09:00-17:00'], closed: { length: 2 } })
})

t.test('hosts, sources and names', async (t) => {
  const good = ['sip.example.com', '203.0.113.5', '2001:db8::5', 'fritz.box']
  for (const host of good) t.equal(readFields(kinds.trunks, { name: 't', host }, number).host, host)
  const bad = ['', 'a b', 'sip.example.com:5060', 'sip:a', 'a/b', 'a\r\nVia: x', 'x@y']
  for (const host of bad)
    t.throws(() => readFields(kinds.trunks, { name: 't', host }, number), { message: /^write/ }, host)
  for (const name of ['', 'a b', '-x', 'a,b', 'a:b', '!x', 'x'.repeat(65), 'jürgen']) {
    t.throws(() => readFields(kinds.groups, { name, members: '101' }, number), { message: /^write a name/ }, name)
  }
  t.throws(() => readFields(kinds.trunks, { name: 't', host: 'a', password: 'a\nb' }, number), {
    message: 'write it without control characters',
  })
  t.throws(() => readFields(kinds.groups, { name: 'a', members: '101,101' }, number), {
    message: 'name each user once',
  })
})
