import t from 'tap'
import { bracketed, hostPort, isIP, plainAddress, Subnets } from '../../src/platform/address.ts'

t.test('a host and port as URIs and people write them', async (t) => {
  t.equal(hostPort('10.0.0.1', 5060), '10.0.0.1:5060')
  t.equal(hostPort('2001:db8::1', 5060), '[2001:db8::1]:5060')
  t.equal(hostPort('pbx.example', 5060), 'pbx.example:5060')
  t.equal(bracketed('::1'), '[::1]')
  t.equal(bracketed('10.0.0.1'), '10.0.0.1')
})

t.test('what is an address', async (t) => {
  for (const text of ['10.0.0.1', '::1', '2001:db8::1', '::ffff:10.0.0.1', 'fe80::1%eth0']) t.ok(isIP(text), text)
  for (const text of ['', 'localhost', '10.0.0', '10.0.0.256', '[::1]', '10.0.0.1:5060', '010.0.0.1'])
    t.notOk(isIP(text), text)
})

t.test('two spellings of one host become one', async (t) => {
  const spellings: Readonly<Record<string, readonly string[]>> = {
    '10.0.0.1': ['10.0.0.1', '::ffff:10.0.0.1', '[::FFFF:10.0.0.1]', '::ffff:a00:1', '0:0:0:0:0:ffff:a00:1'],
    '2001:db8::1': ['2001:db8::1', '[2001:db8::1]', '2001:DB8:0:0:0:0:0:1', '2001:0db8::0001'],
    '::1': ['::1', '[0:0:0:0:0:0:0:1]'],
    'pbx.example': ['pbx.example', 'PBX.Example'],
    '[odd': ['[odd'],
    '::xyz': ['[::xyz]'],
    '': [''],
  }
  for (const [plain, written] of Object.entries(spellings)) {
    for (const host of written) t.equal(plainAddress(host), plain, host)
  }
})

t.test('subnets', async (t) => {
  const subnets = new Subnets(['10.0.0.0/8', '192.0.2.77', '2001:db8::/32', '::1', '198.51.100.130/25'])
  for (const address of ['10.255.0.1', '192.0.2.77', '2001:db8:ffff::1', '::1', '198.51.100.255', '::ffff:10.1.1.1']) {
    t.ok(subnets.has(address), address)
  }
  for (const address of [
    '11.0.0.1',
    '192.0.2.78',
    '2001:db9::1',
    '::2',
    '198.51.100.127',
    'pbx.example',
    '',
    '10.0.0',
  ]) {
    t.notOk(subnets.has(address), address)
  }
  t.notOk(new Subnets([]).has('10.0.0.1'))
  t.ok(new Subnets(['0.0.0.0/0']).has('8.8.8.8'))
})

t.test('what is no subnet throws, rather than holding every address', async (t) => {
  for (const cidr of [
    '',
    'lan',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/8/9',
    '10.0.0.0/-1',
    '10.0.0/8',
    '::/129',
    '/8',
  ]) {
    t.throws(() => new Subnets([cidr]), cidr)
  }
})
