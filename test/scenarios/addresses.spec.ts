import t from 'tap'
import type { HeaderLine } from '../../src/sip/message/headers.ts'
import type { SipRequest } from '../../src/sip/message/message.ts'
import { mediaOf } from '../support/virtual/body.ts'
import type { VirtualPhone } from '../support/virtual/phone.ts'
import { SERVER, type World, world } from '../support/virtual/world.ts'

const SERVER6 = '2001:db8::1'

/** From and To of a call as the phone that rings sees them. */
const parties = ({ from, to }: SipRequest): string[] => [from.uri.text, to.uri.text]

/** A call in both directions of talk, ended by the caller. */
async function callAndTalk(alice: VirtualPhone, bob: VirtualPhone): Promise<void> {
  await alice.reaches(bob)
  alice.says('hello')
  await bob.hears('hello')
  bob.says('hi')
  await alice.hears('hi')
  await alice.hangsUp()
  await bob.isHungUpOn()
}

/** Every datagram between the server and the rest of the world, as in `10.0.0.1:5060 > 10.0.0.11`. */
function ways({ network }: World): Set<string> {
  const seen = new Set<string>()
  network.onPacket = (from, to) => {
    const port = from.port < 10_000 ? from.port : 'media'
    seen.add(`${from.address}:${port} > ${to.address}`)
  }
  return seen
}

t.test('each address of ours, each domain, and any port is us', async (t) => {
  const { phone, nothingIsLeft } = await world(t, {
    addresses: [SERVER, '10.9.0.1', SERVER6],
    external: '203.0.113.1',
  })
  const bob = await phone('102')
  await bob.registers()
  for (const domain of [
    '10.0.0.1',
    '10.0.0.1:5060',
    '10.0.0.1:9',
    '10.9.0.1',
    '203.0.113.1:5061',
    'pbx.example',
    'PBX.Example:65535',
    'localhost:5060',
    '[2001:db8::1]',
    '[2001:DB8::5]',
    '[2001:DB8:0:0:0:0:0:1]:5060',
  ]) {
    await t.test(domain, async () => {
      const alice = await phone('101', { domain })
      await alice.registers()
      await alice.calls('102')
      await bob.rings()
      bob.responds(486)
      await alice.sees('486 INVITE')
      await alice.unregisters()
    })
  }
  await nothingIsLeft(t)
})

t.test('a request for another host is refused, and never passed on', async (t) => {
  const all = await world(t, { users: ['101', '102'] })
  const { phone, pbx, nothingIsLeft } = all
  const bob = await phone('102')
  await bob.registers()
  const alice = await phone('101')
  const seen = ways(all)
  const hosts = ['elsewhere.example', '10.0.0.11', '10.0.0.2:5060', '192.0.2.1', '[2001:db8::1]', 'pbx.example.evil']
  for (const host of hosts) {
    for (const method of ['INVITE', 'REGISTER', 'OPTIONS', 'SUBSCRIBE', 'BYE']) {
      const refused = alice.send(method, `sip:102@${host}`, { to: `<sip:102@${host}>` })
      const answer = await alice.seesResponse(`404 ${method}`)
      if (method === 'INVITE') alice.acknowledgesRefusal(refused, answer)
    }
  }
  alice.send('OPTIONS', 'http://elsewhere.example/', { to: '<sip:102@10.0.0.1>' })
  await alice.sees('416 OPTIONS')
  t.same([...seen], ['10.0.0.12:5060 > 10.0.0.1', '10.0.0.1:5060 > 10.0.0.12'])
  t.equal(pbx.calls.total, 0)
  await nothingIsLeft(t)
})

t.test('a phone may name any host in its headers: nothing is sent there', async (t) => {
  const all = await world(t)
  const { phone, nothingIsLeft } = all
  const alice = await phone('101')
  const bob = await phone('102')
  await bob.registers({
    contact: '<sip:102@192.0.2.1:5060;maddr=192.0.2.2>',
    headers: [
      ['Supported', 'path'],
      ['Path', '<sip:192.0.2.3;lr>'],
    ],
  })
  const seen = ways(all)
  const elsewhere: HeaderLine[] = [
    ['Via', 'SIP/2.0/UDP 192.0.2.4:5099;branch=z9hG4bK-elsewhere;maddr=192.0.2.5;received=192.0.2.6'],
    ['Route', '<sip:192.0.2.7;lr>'],
    ['Record-Route', '<sip:192.0.2.8;lr>'],
    ['Contact', '<sip:101@192.0.2.9>'],
  ]
  alice.send('OPTIONS', 'sip:10.0.0.1', { to: '<sip:10.0.0.1>', headers: elsewhere })
  await alice.sees('200 OPTIONS')
  await alice.calls('102', { headers: elsewhere.slice(1) })
  await bob.rings()
  bob.answers({ headers: [['Contact', '<sip:102@192.0.2.9>']] })
  await alice.talks()
  await bob.sees('ACK')
  await bob.hangsUp()
  await alice.isHungUpOn()
  await bob.registers({ contact: '*', expires: 0 })
  t.notOk(
    [...seen].some((way) => way.includes('192.0.2.')),
    [...seen].join(', '),
  )
  await nothingIsLeft(t)
})

t.test('each phone sees the domain by which it knows us, and can call back', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const named = await phone('101', { domain: 'PBX.example' })
  const addressed = await phone('102')
  await named.registers()
  await addressed.registers()
  await named.calls('102')
  const toAddressed = await addressed.rings()
  t.same(parties(toAddressed), ['sip:101@10.0.0.1', 'sip:102@10.0.0.1'])
  addressed.responds(486)
  await named.sees('486 INVITE')
  // What a phone shows as the caller is what it dials to call back.
  await addressed.authenticated(
    addressed.request('INVITE', toAddressed.from.uri.text, {
      ...{ to: `<${toAddressed.from.uri.text}>`, sdp: addressed.sdp() },
      headers: [['Contact', addressed.contact]],
    }),
    '100 INVITE',
  )
  t.same(parties(await named.rings()), ['sip:102@pbx.example', 'sip:101@pbx.example'])
  named.responds(486)
  await addressed.sees('486 INVITE')
  await nothingIsLeft(t)
})

t.test('one number, however it is written', async (t) => {
  const { phone, nothingIsLeft } = await world(t, { users: ['101', '102', "o'neil+x"] })
  const alice = await phone('101')
  const bob = await phone('102')
  const neil = await phone("o'neil+x")
  await bob.registers()
  await neil.registers()
  for (const [target, rings] of [
    ['sip:%31%30%32@10.0.0.1', bob],
    ['sip:1%302;phone-context=x@10.0.0.1', null],
    ['sip:102:secret@10.0.0.1;user=phone', bob],
    ['SIP:102@10.0.0.1', bob],
    ['tel:102', bob],
    ['tel:1-0.(2);phone-context=pbx.example', bob],
    ['tel:+102', null],
    ['sip:O%27neil%2Bx@10.0.0.1', null],
    ['sip:o%27neil%2Bx@10.0.0.1', neil],
    ["sip:o'neil+x@10.0.0.1", neil],
    ['sip:10%322@10.0.0.1', null],
  ] satisfies [string, VirtualPhone | null][]) {
    await t.test(target, async () => {
      const invite = alice.request('INVITE', target, {
        ...{ to: `<${target}>`, sdp: alice.sdp() },
        headers: [['Contact', alice.contact]],
      })
      await alice.authenticated(invite, rings ? '100 INVITE' : '404 INVITE')
      if (!rings) return
      await rings.rings()
      rings.responds(486)
      await alice.sees('486 INVITE')
    })
  }
  await nothingIsLeft(t)
})

t.test('who dials nobody at all is told so', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  await alice.authenticated(
    alice.request('INVITE', 'sip:10.0.0.1', { to: '<sip:10.0.0.1>', sdp: alice.sdp() }),
    '484 INVITE',
  )
  await nothingIsLeft(t)
})

t.test('IPv6 phones talk to each other and to IPv4 phones', async (t) => {
  const all = await world(t, { addresses: [SERVER, SERVER6] })
  const { phone, nothingIsLeft } = all
  const six = { server: { address: SERVER6, port: 5060 }, domain: `[${SERVER6}]` }
  const alice = await phone('101', { ...six, address: '2001:db8::11' })
  const bob = await phone('102', { ...six, address: '2001:db8::12' })
  const carol = await phone('103')
  for (const each of [alice, bob, carol]) await each.registers()
  const seen = ways(all)
  await callAndTalk(alice, bob)
  t.equal(bob.incoming && mediaOf(bob.incoming)?.address, SERVER6)
  t.match(bob.incoming?.headers.first('contact'), /^<sip:101@\[2001:db8::1\]:5060>$/)
  t.match(bob.incoming?.headers.first('via'), /^SIP\/2\.0\/UDP \[2001:db8::1\]:5060;/)
  t.equal(bob.incoming?.from.uri.text, 'sip:101@[2001:db8::1]')
  await callAndTalk(alice, carol)
  t.equal(carol.incoming && mediaOf(carol.incoming)?.address, SERVER)
  t.equal(carol.incoming?.from.uri.text, 'sip:101@10.0.0.1')
  await callAndTalk(carol, alice)
  t.notOk(
    [...seen].some((way) => way.includes(':db8:') !== /:db8:.* > .*:db8:/.test(way)),
    'each family keeps to itself',
  )
  await nothingIsLeft(t)
})

t.test('everything to a phone leaves from the address it talks to', async (t) => {
  const all = await world(t, { addresses: [SERVER, '10.9.0.1'] })
  const { phone, nothingIsLeft } = all
  const alice = await phone('101')
  const bob = await phone('102', { server: { address: '10.9.0.1', port: 5060 }, domain: '10.9.0.1' })
  const seen = ways(all)
  await alice.registers()
  await bob.registers()
  await callAndTalk(alice, bob)
  t.equal(bob.incoming && mediaOf(bob.incoming)?.address, '10.9.0.1')
  t.match(bob.incoming?.headers.first('contact'), /@10\.9\.0\.1:5060>/)
  await callAndTalk(bob, alice)
  t.equal(alice.incoming && mediaOf(alice.incoming)?.address, SERVER)
  t.same([...seen].filter((way) => way.startsWith('10.0.0.1:') || way.startsWith('10.9')).sort(), [
    '10.0.0.1:5060 > 10.0.0.11',
    '10.0.0.1:media > 10.0.0.11',
    '10.9.0.1:5060 > 10.0.0.12',
    '10.9.0.1:media > 10.0.0.12',
  ])
  await nothingIsLeft(t)
})
