import t, { type Test } from 'tap'
import { bothRinging } from '../support/virtual/people.ts'
import type { VirtualPhone } from '../support/virtual/phone.ts'
import { pracks, ringsReliably } from '../support/virtual/reliable.ts'
import { type World, world } from '../support/virtual/world.ts'

/** RFC 3261 §8.1.3.4: what phones do whose owner has set their own call forwarding. */
function redirects(phone: VirtualPhone, contacts: readonly string[], status = 302): void {
  if (!phone.incoming) throw new Error(`${phone.options.user} was not called`)
  phone.answersTo(phone.incoming, status, { headers: contacts.map((contact) => ['Contact', contact]) })
}

/** A world in which each of `users` has one phone, registered, by its name. */
async function house(t: Test, users: readonly string[]): Promise<World & { of(user: string): VirtualPhone }> {
  const all = await world(t, { users })
  const phones = new Map<string, VirtualPhone>()
  for (const user of users) {
    const phone = await all.phone(user)
    await phone.registers()
    phones.set(user, phone)
  }
  return Object.assign(all, {
    of(user: string) {
      const phone = phones.get(user)
      if (!phone) throw new Error(`nobody is called ${user}`)
      return phone
    },
  })
}

t.test('a phone that has moved to a colleague: the colleague rings, answers and talks', async (t) => {
  const { of, records, nothingIsLeft } = await house(t, ['101', '102', '103'])
  const [alice, bob, carol] = [of('101'), of('102'), of('103')]
  for (const [status, contact] of [
    [302, '<sip:103@10.0.0.1>'],
    [301, '"Carol" <sip:103@pbx.example;transport=tcp>;expires=60'],
    [305, '<sips:%3103@10.0.0.1:5061>'],
    [300, '<tel:1-03;phone-context=example.com>'],
  ] as const) {
    await alice.calls('102')
    await bob.rings()
    redirects(bob, [contact], status)
    await bob.sees('ACK')
    const invite = await carol.rings()
    t.equal(invite.from.uri.kind === 'sip' && invite.from.uri.user, '101', 'the call is still that of the caller')
    carol.answers()
    await alice.talks()
    await carol.sees('ACK')
    alice.says(`hello ${status}`)
    await carol.hears(`hello ${status}`)
    await alice.hangsUp()
    await carol.isHungUpOn()
    t.match((await records())[0], { to: '102', answeredBy: '103', outcome: 'answered' })
  }
  await nothingIsLeft(t)
})

t.test('whatever is no number of ours is not followed: the phone is away', async (t) => {
  const { of, network, records, nothingIsLeft } = await house(t, ['101', '102', '103'])
  const [alice, bob, carol] = [of('101'), of('102'), of('103')]
  const asked: string[] = []
  const bait = await network.host('203.0.113.9').bindUdp({ address: '203.0.113.9', port: 5060 }, (bytes) => {
    asked.push(bytes.toString())
  })
  for (const contacts of [
    ['<sip:103@203.0.113.9>'],
    ['<sip:103@sip.example.org>'],
    [carol.contact],
    ['<mailto:carol@pbx.example>'],
    ['<sip:999@10.0.0.1>'],
    ['<sip:10.0.0.1>'],
    ['<sip:*43@10.0.0.1>'],
    ['<sip:102@10.0.0.1>'],
    ['*'],
    [],
  ]) {
    await alice.calls('102')
    await bob.rings()
    redirects(bob, contacts)
    await bob.sees('ACK')
    t.equal((await alice.seesResponse('480 INVITE')).headers.first('contact'), null, contacts.join())
    t.match((await records())[0], { outcome: 'offline', status: 480, endedBy: 'callee' })
  }
  t.same(asked, [], 'no request of ours goes where a phone points')
  t.notOk(carol.hasSeen('INVITE'))
  bait.close()
  await nothingIsLeft(t)
})

t.test('an alternative service (380) is for people to read, not to ring', async (t) => {
  const { of, nothingIsLeft } = await house(t, ['101', '102', '103'])
  await of('101').calls('102')
  await of('102').rings()
  redirects(of('102'), ['<sip:103@10.0.0.1>'], 380)
  await of('101').sees('480 INVITE')
  await nothingIsLeft(t)
})

t.test('the preferred Contact rings first; the next when it has refused', async (t) => {
  const { of, clock, nothingIsLeft } = await house(t, ['101', '102', '103', '104', '105'])
  await of('101').calls('102')
  await of('102').rings()
  redirects(of('102'), ['<sip:103@10.0.0.1>;q=0.5', '<sip:104@10.0.0.1>;q=0.9, <sip:105@10.0.0.1>;q=0.5'])
  await of('104').rings()
  await clock.advance(3_000)
  t.notOk(of('103').hasSeen('INVITE'), 'the others wait')
  of('104').responds(486)
  await of('103').rings()
  await of('105').rings()
  of('105').responds(486)
  of('103').answers()
  await of('101').talks()
  await of('103').sees('ACK')
  await of('103').hangsUp()
  await of('101').isHungUpOn()
  await nothingIsLeft(t)
})

t.test('phones that point at each other: each rings once, and the best refusal counts', async (t) => {
  const { of, nothingIsLeft } = await house(t, ['101', '102', '103'])
  await of('101').calls('102')
  await of('102').rings()
  redirects(of('102'), ['<sip:103@10.0.0.1>'])
  await of('103').rings()
  redirects(of('103'), ['<sip:102@10.0.0.1>'])
  await of('101').sees('480 INVITE')
  t.notOk(of('102').hasSeen('INVITE'))
  await nothingIsLeft(t)
})

t.test('a chain ends after five', async (t) => {
  const users = ['101', '102', '103', '104', '105', '106', '107', '108']
  const { of, nothingIsLeft } = await house(t, users)
  await of('101').calls('102')
  for (const user of ['102', '103', '104', '105', '106', '107']) {
    await of(user).rings()
    redirects(of(user), [`<sip:${Number(user) + 1}@10.0.0.1>`])
  }
  await of('101').sees('480 INVITE')
  t.notOk(of('108').hasSeen('INVITE'))
  await nothingIsLeft(t)
})

t.test('so does a list of Contacts, however long', async (t) => {
  const users = ['101', '102', '103', '104', '105', '106', '107', '108']
  const { of, nothingIsLeft } = await house(t, users)
  await of('101').calls('102')
  await of('102').rings()
  redirects(
    of('102'),
    users.slice(2).map((user) => `<sip:${user}@10.0.0.1>`),
  )
  for (const user of ['103', '104', '105', '106', '107']) {
    await of(user).rings()
    of(user).responds(486)
  }
  await of('101').sees('486 INVITE')
  t.notOk(of('108').hasSeen('INVITE'))
  await nothingIsLeft(t)
})

t.test('the other phones go on ringing, and whoever answers first wins', async (t) => {
  const { alice, desk, kitchen, phone, nothingIsLeft } = await bothRinging(t)
  const carol = await phone('103')
  await carol.registers()
  redirects(desk, ['<sip:103@10.0.0.1>'])
  await carol.rings()
  t.notOk(kitchen.hasSeen('CANCEL'))
  kitchen.answers()
  await alice.talks()
  await kitchen.sees('ACK')
  const cancel = await carol.seesRequest('CANCEL')
  t.match(cancel.headers.first('reason'), /^SIP;cause=200/)
  carol.answersTo(cancel, 200)
  carol.responds(487)
  await alice.hangsUp()
  await kitchen.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('both phones of one user point to the same colleague, who rings once', async (t) => {
  const { alice, desk, kitchen, phone, nothingIsLeft } = await bothRinging(t)
  const carol = await phone('103')
  await carol.registers()
  redirects(desk, ['<sip:103@10.0.0.1>'])
  redirects(kitchen, ['<sip:103@10.0.0.1>'])
  await carol.rings()
  t.notOk(alice.hasSeen('480 INVITE'))
  carol.responds(486)
  await alice.sees('486 INVITE')
  t.notOk(carol.hasSeen('INVITE'))
  await nothingIsLeft(t)
})

t.test('the caller gives up while the colleague rings', async (t) => {
  const { of, nothingIsLeft } = await house(t, ['101', '102', '103'])
  await of('101').calls('102')
  await of('102').rings()
  redirects(of('102'), ['<sip:103@10.0.0.1>'])
  await of('103').rings()
  of('101').cancels()
  await of('101').sees('487 INVITE')
  of('103').answersTo(await of('103').seesRequest('CANCEL'), 200)
  of('103').responds(487)
  await nothingIsLeft(t)
})

t.test('a colleague who is not registered is offline', async (t) => {
  const { of, nothingIsLeft } = await house(t, ['101', '102', '103'])
  await of('103').unregisters()
  await of('101').calls('102')
  await of('102').rings()
  redirects(of('102'), ['<sip:103@10.0.0.1>'])
  await of('101').sees('480 INVITE')
  await nothingIsLeft(t)
})

t.test('early audio of the first phone does not keep the second from being heard', async (t) => {
  const { of, nothingIsLeft } = await house(t, ['101', '102', '103'])
  const [alice, bob, carol] = [of('101'), of('102'), of('103')]
  await alice.calls('102')
  await bob.seesRequest('INVITE')
  bob.responds(183, { sdp: bob.sdp() })
  await alice.sees('183 INVITE')
  redirects(bob, ['<sip:103@10.0.0.1>'])
  await carol.rings()
  carol.answers()
  await alice.talks()
  await carol.sees('ACK')
  alice.says('hello')
  await carol.hears('hello')
  carol.says('good day')
  await alice.hears('good day')
  await alice.hangsUp()
  await carol.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('the first phone’s early answer does not stand for that of the second', async (t) => {
  const { of, nothingIsLeft } = await house(t, ['101', '102', '103'])
  const [alice, bob, carol] = [of('101'), of('102'), of('103')]
  await alice.calls('102')
  await bob.seesRequest('INVITE')
  bob.responds(183, { sdp: bob.sdp() })
  redirects(bob, ['<sip:103@10.0.0.1>'])
  await carol.rings()
  carol.answers({ sdp: null })
  await alice.sees('488 INVITE')
  await carol.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('nor does its reliable answer: the second phone is brought into step with the caller', async (t) => {
  const { of, nothingIsLeft } = await house(t, ['101', '102', '103'])
  const [alice, bob, carol] = [of('101'), of('102'), of('103')]
  await alice.calls('102', { headers: [['Supported', '100rel']] })
  await bob.seesRequest('INVITE')
  ringsReliably(bob, 183, 1, bob.sdp())
  pracks(alice, await alice.seesResponse('183 INVITE'))
  await alice.sees('200 PRACK')
  bob.answersTo(await bob.seesRequest('PRACK'), 200)
  redirects(bob, ['<sip:103@10.0.0.1>'])
  await carol.rings()
  carol.answers()
  await alice.talks()
  await carol.sees('ACK')
  alice.says('hello')
  await carol.hears('hello')
  await alice.hangsUp()
  await carol.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('a caller that has got the first phone’s offer can be brought no other: the call ends', async (t) => {
  const { of, nothingIsLeft } = await house(t, ['101', '102', '103'])
  const [alice, bob, carol] = [of('101'), of('102'), of('103')]
  await alice.calls('102', { headers: [['Supported', '100rel']], sdp: null })
  await bob.seesRequest('INVITE')
  ringsReliably(bob, 183, 1, bob.sdp())
  pracks(alice, await alice.seesResponse('183 INVITE'), { sdp: alice.sdp() })
  await alice.sees('200 PRACK')
  bob.answersTo(await bob.seesRequest('PRACK'), 200)
  redirects(bob, ['<sip:103@10.0.0.1>'])
  await alice.sees('480 INVITE')
  t.notOk(carol.hasSeen('INVITE'))
  await nothingIsLeft(t)
})
