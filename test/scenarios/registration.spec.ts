import t from 'tap'
import type { SipResponse } from '../../src/sip/message/message.ts'
import { openDatabase } from '../../src/store/database.ts'
import { world } from '../support/virtual/world.ts'

const INSTANCE = '<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>'

const bound = (answer: SipResponse): readonly string[] => answer.headers.all('contact')

t.test('a phone registers, refreshes, asks what stands, and leaves', async (t) => {
  const { clock, phone, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102')
  t.same(bound(await bob.registers()), ['<sip:102@10.0.0.12:5060>;expires=3600'])
  await clock.advance(1_000_000)
  t.same(bound(await bob.registers({ contact: null })), ['<sip:102@10.0.0.12:5060>;expires=2600'])
  t.same(bound(await bob.registers({ expires: 1800 })), ['<sip:102@10.0.0.12:5060>;expires=1800'])
  await alice.calls('102')
  await bob.rings()
  bob.responds(486)
  await alice.sees('486 INVITE')
  t.same(bound(await bob.unregisters()), [])
  await alice.calls('102', { sees: '480 INVITE' })
  await nothingIsLeft(t)
})

t.test('a phone that stops refreshing is offline when its time is up', async (t) => {
  const { clock, phone, pbx, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102')
  await bob.registers({ expires: 60 })
  await clock.advance(59_000)
  await alice.calls('102')
  await bob.rings()
  bob.responds(486)
  await alice.sees('486 INVITE')
  await clock.advance(1_000)
  await alice.calls('102', { sees: '480 INVITE' })
  t.equal(pbx.registrar.size, 0)
  await nothingIsLeft(t)
})

t.test('too short a time is 423 with the shortest, too long a one is cut', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const bob = await phone('102')
  const refused = await bob.registers({ expires: 59, sees: '423 REGISTER' })
  t.equal(refused.headers.first('min-expires'), '60')
  t.equal(pbx.registrar.size, 0)
  t.match(bound(await bob.registers({ expires: 1_000_000 }))[0], /;expires=7200$/)
  t.match(bound(await bob.registers({ contact: `${bob.contact};expires=90`, expires: 5 }))[0], /;expires=90$/)
  await nothingIsLeft(t)
})

t.test('several phones of one user ring together, and each leaves alone', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const desk = await phone('102')
  const kitchen = await phone('102')
  await desk.registers({ contact: `${desk.contact};q=0.5` })
  t.same(bound(await kitchen.registers()), [
    '<sip:102@10.0.0.12:5060>;q=0.5;expires=3600',
    '<sip:102@10.0.0.13:5060>;expires=3600',
  ])
  await alice.calls('102')
  await desk.rings()
  await kitchen.rings()
  desk.responds(603)
  await alice.sees('603 INVITE')
  kitchen.answersTo(await kitchen.seesRequest('CANCEL'), 200)
  kitchen.responds(487)
  await desk.unregisters()
  await alice.calls('102')
  await kitchen.rings()
  kitchen.responds(486)
  await alice.sees('486 INVITE')
  t.notOk(desk.hasSeen('INVITE'))
  await nothingIsLeft(t)
})

t.test('several contacts come and go in one REGISTER', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const bob = await phone('102')
  t.equal(
    bound(await bob.registers({ contact: '<sip:102@10.0.0.12>, <sip:102@10.0.0.12:5070>;expires=600' })).length,
    2,
  )
  t.same(bound(await bob.registers({ contact: '<sip:102@10.0.0.12>;expires=0, <sip:102@10.0.0.12:5070>' })), [
    '<sip:102@10.0.0.12:5070>;expires=3600',
  ])
  const many = Array.from({ length: 20 }, (_, line) => `<sip:line${line}@10.0.0.12>`)
  t.equal(bound(await bob.registers({ contact: many.join(', ') })).length, 16, 'no user has more than 16 phones')
  t.equal(pbx.registrar.size, 16)
  await bob.registers({ contact: '*', expires: 0 })
  await nothingIsLeft(t)
})

t.test('`*` takes all away, and is good for nothing else', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const desk = await phone('102')
  const kitchen = await phone('102')
  await desk.registers()
  await kitchen.registers()
  await desk.registers({ contact: '*', sees: '400 REGISTER' })
  await desk.registers({ contact: '*', expires: 60, sees: '400 REGISTER' })
  desk.sends(desk.registration({ contact: `*, ${desk.contact}`, expires: 0 }))
  await desk.sees('400 REGISTER')
  t.equal(pbx.registrar.size, 2)
  t.same(bound(await desk.registers({ contact: '*', expires: 0 })), [])
  t.equal(pbx.registrar.size, 0)
  await nothingIsLeft(t)
})

t.test('nobody registers for another', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const eve = await phone('101')
  const request = eve.request('REGISTER', 'sip:10.0.0.1', {
    to: '<sip:102@10.0.0.1>',
    headers: [['Contact', eve.contact]],
  })
  await eve.authenticated(request, '403 REGISTER')
  t.equal(pbx.registrar.size, 0)
  await nothingIsLeft(t)
})

t.test('an address of record at a host that is not ours is 404', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const bob = await phone('102')
  const request = bob.request('REGISTER', 'sip:10.0.0.1', {
    to: '<sip:102@elsewhere.example>',
    headers: [['Contact', bob.contact]],
  })
  await bob.authenticated(request, '404 REGISTER')
  t.equal(pbx.registrar.size, 0)
  await nothingIsLeft(t)
})

t.test('a call has exactly the Contact that was registered as its Request-URI', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102')
  for (const uri of [
    'sip:102@10.0.0.12:5060;transport=UDP;Line=aBc%20d;ob',
    'SIP:%31%30%32%2dDesk@10.0.0.12:5060;x-odd=%7e~',
    'sip:Bob%40Home:pa%3Ass@10.0.0.12;user=phone',
    'sip:10.0.0.12:05060',
    'sips:102@10.0.0.12',
    "sip:;-_.!~*'()&=+$,;?/@10.0.0.12:5060",
  ]) {
    await t.test(uri, async (t) => {
      const params = `;+sip.instance="${INSTANCE}";reg-id=1;X-Odd="a, \\"b\\" > c"`
      t.same(bound(await bob.registers({ contact: `"Bob, at; <work>" <${uri}>${params}` })), [
        `<${uri}>${params};expires=3600`,
      ])
      await alice.calls('102')
      t.equal((await bob.rings()).uri.text, uri)
      bob.responds(486)
      await alice.sees('486 INVITE')
    })
  }
  await nothingIsLeft(t)
})

t.test('the headers of a Contact are kept, but not sent in a Request-URI', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102')
  const uri = 'sip:wh?o@10.0.0.12:5060;x-odd=1?X-Line=is%3Ft?&Subject=2'
  t.same(bound(await bob.registers({ contact: `<${uri}>` })), [`<${uri}>;expires=3600`])
  await alice.calls('102')
  t.equal((await bob.rings()).uri.text, 'sip:wh?o@10.0.0.12:5060;x-odd=1')
  bob.responds(486)
  await alice.sees('486 INVITE')
  await nothingIsLeft(t)
})

t.test('a restarted phone replaces itself, whatever its new port', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const before = await phone('102', { address: '10.0.0.20', port: 5061 })
  const after = await phone('102', { address: '10.0.0.20', port: 5062 })
  await before.registers({ contact: `${before.contact};+sip.instance="${INSTANCE}"` })
  t.same(bound(await after.registers({ contact: `${after.contact};+sip.instance="${INSTANCE}"` })), [
    `<sip:102@10.0.0.20:5062>;+sip.instance="${INSTANCE}";expires=3600`,
  ])
  t.equal(pbx.registrar.size, 1)
  await alice.calls('102')
  await after.rings()
  after.responds(486)
  await alice.sees('486 INVITE')
  t.notOk(before.hasSeen('INVITE'))
  await nothingIsLeft(t)
})

t.test('a REGISTER that was overtaken by a later one changes nothing', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const bob = await phone('102')
  const late = bob.registration({ expires: 0 })
  await bob.registers()
  late.headers.set('CSeq', '100 REGISTER')
  bob.sends(late)
  const again = bob.withCredentials(late, await bob.seesResponse('401 REGISTER'))
  again.headers.set('CSeq', '101 REGISTER')
  bob.sends(again)
  await bob.sees('500 REGISTER')
  t.equal(pbx.registrar.size, 1)
  await nothingIsLeft(t)
})

t.test('the phones of a user that was removed are gone', async (t) => {
  const { phone, pbx, store, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102')
  await bob.registers()
  store.users.remove('102')
  pbx.userChanged('102')
  t.equal(pbx.registrar.size, 0)
  await alice.calls('102', { sees: '404 INVITE' })
  await bob.registers({ sees: '401 REGISTER' })
  await nothingIsLeft(t)
})

t.test('the 200 leaves only when the registration stands in the database', async (t) => {
  const file = `${t.testdir()}/offhook.db`
  const { network, phone, nothingIsLeft } = await world(t, { file })
  const bob = await phone('102')
  const reader = openDatabase(file)
  t.teardown(() => reader.close())
  const stored: unknown[] = []
  network.onPacket = (_from, to, bytes) => {
    if (to.address === bob.local.address && bytes.toString().startsWith('SIP/2.0 200 ')) {
      stored.push(reader.prepare('SELECT user, contact FROM bindings').all())
    }
  }
  await bob.registers()
  await bob.unregisters()
  t.same(stored, [[{ user: '102', contact: 'sip:102@10.0.0.11:5060' }], []])
  await nothingIsLeft(t)
})

t.test(
  'a registration survives a kill: the phone is reached at once, from the address and port it registered to',
  async (t) => {
    const { phone, network, restart, nothingIsLeft } = await world(t, {
      file: `${t.testdir()}/offhook.db`,
      addresses: ['10.0.0.1', '10.9.0.1'],
    })
    const alice = await phone('101')
    const bob = await phone('102', { port: 5077, server: { address: '10.9.0.1', port: 5060 } })
    await bob.registers({ contact: `<sip:102@10.0.0.12:5077;Line=aB>;X-Odd=1` })
    await restart()
    const sentToBob: string[] = []
    network.onPacket = (from, to) => {
      if (to.address === '10.0.0.12') sentToBob.push(`${from.address}:${from.port} to ${to.port}`)
    }
    await alice.calls('102')
    t.equal((await bob.rings()).uri.text, 'sip:102@10.0.0.12:5077;Line=aB')
    t.same(sentToBob, ['10.9.0.1:5060 to 5077'])
    bob.answers()
    await alice.talks()
    await alice.hangsUp()
    await bob.isHungUpOn()
    t.match(
      bound(await bob.registers({ contact: null }))[0],
      /^<sip:102@10\.0\.0\.12:5077;Line=aB>;X-Odd=1;expires=3\d+$/,
    )
    await nothingIsLeft(t)
  },
)

t.test('what ran out or was taken back does not come back after a kill', async (t) => {
  const { clock, phone, restart, nothingIsLeft } = await world(t, { file: `${t.testdir()}/offhook.db` })
  const alice = await phone('101')
  const bob = await phone('102')
  const carol = await phone('103')
  await bob.registers({ expires: 60 })
  await carol.registers()
  await carol.unregisters()
  await clock.advance(58_000)
  await restart()
  await clock.advance(3_000)
  await alice.calls('102', { sees: '480 INVITE' })
  await alice.calls('103', { sees: '480 INVITE' })
  await nothingIsLeft(t)
})
