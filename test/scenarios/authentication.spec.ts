import t from 'tap'
import { parseAuth } from '../../src/sip/message/fields.ts'
import type { HeaderLine } from '../../src/sip/message/headers.ts'
import type { SipResponse } from '../../src/sip/message/message.ts'
import { writeMessage } from '../../src/sip/message/write.ts'
import { mediaOf } from '../support/virtual/body.ts'
import type { VirtualNetwork } from '../support/virtual/network.ts'
import { SERVER, world } from '../support/virtual/world.ts'

const challengesOf = (answer: SipResponse) =>
  answer.headers.all('www-authenticate').map((value) => parseAuth(value)?.params)

const isStale = (answer: SipResponse): boolean => challengesOf(answer)[0]?.get('stale') === 'true'

/** Where all datagrams went from now on. */
function destinations(network: VirtualNetwork): Set<string> {
  const seen = new Set<string>()
  network.onPacket = (_from, to) => seen.add(to.address)
  return seen
}

t.test('outside a dialog, whoever asks for something must say who it is', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const to = '<sip:102@10.0.0.1>'
  for (const method of ['INVITE', 'REGISTER', 'BYE', 'INFO', 'SUBSCRIBE']) {
    alice.send(method, 'sip:102@10.0.0.1', { to })
    const challenge = await alice.seesResponse(`401 ${method}`)
    t.match(
      challenge.headers.first('www-authenticate'),
      /^Digest realm="offhook-[0-9a-f]+", nonce="[^"]+", algorithm=MD5/,
    )
  }
  for (const [method, answer, headers] of [
    ['OPTIONS', '200 OPTIONS', []],
    ['NOTIFY', '200 NOTIFY', [['Event', 'keep-alive']]],
    ['NOTIFY', '481 NOTIFY', [['Event', 'dialog']]],
    ['CANCEL', '481 CANCEL', []],
    ['PUBLISH', '405 PUBLISH', []],
  ] satisfies [string, string, HeaderLine[]][]) {
    alice.send(method, 'sip:102@10.0.0.1', { to, headers })
    await alice.sees(answer)
  }
  const before = alice.received.length
  alice.send('ACK', 'sip:102@10.0.0.1', { to })
  await nothingIsLeft(t)
  // The INVITE's 401 alone is repeated, for want of an ACK.
  t.ok(alice.received.slice(before).every((message) => message.cSeq.method === 'INVITE'))
  t.equal(pbx.calls.total, 0)
})

t.test('an INVITE without credentials never rings anybody and leaves nothing behind', async (t) => {
  const { phone, network, pbx, records, engine, nothingIsLeft } = await world(t)
  const bob = await phone('102')
  await bob.registers()
  const eve = await phone('101', { address: '198.51.100.66' })
  const reached = destinations(network)
  for (let attempt = 0; attempt < 50; attempt++) eve.send('INVITE', 'sip:102@10.0.0.1', { to: '<sip:102@10.0.0.1>' })
  await eve.sees('401 INVITE')
  t.equal(engine.legs, 0)
  t.equal(pbx.agent.dialogs, 0)
  await nothingIsLeft(t)
  t.same([...reached].sort(), [SERVER, '198.51.100.66'])
  t.equal(pbx.calls.total, 0)
  t.same(await records(), [])
})

t.test('a wrong password is asked for again, and never rings anybody', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const bob = await phone('102')
  await bob.registers()
  const eve = await phone('101', { password: 'guess' })
  const again = await eve.calls('102', { sees: '401 INVITE' })
  t.notOk(isStale(again))
  await nothingIsLeft(t)
  t.notOk(bob.hasSeen('INVITE'))
  t.equal(pbx.calls.total, 0)
})

t.test('a user that does not exist gets the very answers of one whose password is wrong', async (t) => {
  const heard: string[] = []
  for (const user of ['101', '999']) {
    const { clock, phone, nothingIsLeft } = await world(t)
    const eve = await phone(user, { address: '198.51.100.66', password: 'guess' })
    const answers: unknown[] = []
    for (let attempt = 0; attempt < 10; attempt++) {
      for (const sends of [
        () => eve.registers({ sees: '401 REGISTER' }),
        () => eve.calls('102', { sees: '401 INVITE' }),
      ]) {
        const before = clock.now()
        const { status, reason, headers } = await sends().catch(() => ({ status: 0, reason: 'nothing', headers: [] }))
        const shown = [...headers].filter(({ key }) => !['via', 'from', 'to', 'call-id', 'cseq'].includes(key))
        const lines = shown.map(({ name, value }) => `${name}: ${value.replace(/(realm|nonce)="[^"]+"/g, '$1')}`)
        answers.push({ status, reason, lines, after: clock.now() - before })
      }
    }
    heard.push(JSON.stringify(answers))
    await nothingIsLeft(t)
  }
  const [known, unknown] = heard
  t.match(known, /"status":401.*"status":0/, 'it was answered, and at last ignored')
  t.equal(unknown, known)
})

t.test('a user speaks for itself alone', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102')
  await bob.registers()
  for (const from of [
    '<sip:103@10.0.0.1>;tag=1',
    '<sip:999@10.0.0.1>;tag=2',
    '<sip:10.0.0.1>;tag=3',
    '<tel:101>;tag=4',
  ]) {
    const invite = alice.request('INVITE', 'sip:102@10.0.0.1', {
      ...{ from, to: '<sip:102@10.0.0.1>', sdp: alice.sdp() },
      headers: [['Contact', alice.contact]],
    })
    const refusal = await alice.authenticated(invite, '403 INVITE')
    if (alice.outgoing) alice.acknowledgesRefusal(alice.outgoing, refusal)
  }
  await nothingIsLeft(t)
  t.notOk(bob.hasSeen('INVITE'))
  t.equal(pbx.calls.total, 0)
})

t.test('credentials that were overheard ring nobody: stale, from wherever they come', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102')
  const eve = await phone('101', { address: '198.51.100.66' })
  await bob.registers()
  await alice.calls('102')
  await bob.rings()
  bob.responds(486)
  await alice.sees('486 INVITE')
  const authorization = alice.outgoing?.headers.first('authorization') ?? ''
  for (const replayer of [alice, eve]) {
    const invite = replayer.invitation('102')
    invite.headers.set('Authorization', authorization)
    replayer.sends(invite)
    const answer = await replayer.seesResponse('401 INVITE')
    t.ok(isStale(answer))
    replayer.acknowledgesRefusal(invite, answer)
  }
  await nothingIsLeft(t)
  t.notOk(bob.hasSeen('INVITE'))
  t.equal(pbx.calls.total, 1)
})

t.test('one nonce serves many requests: their counts may overtake each other, but none counts twice', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const bob = await phone('102')
  bob.sends(bob.registration())
  const challenge = await bob.seesResponse('401 REGISTER')
  for (const [nc, status] of [
    [3, 200],
    [1, 200],
    [2, 200],
    [2, 401],
    [1, 401],
    [100, 200],
    [69, 200],
    [68, 401],
    [100, 401],
    [101, 200],
  ]) {
    bob.sends(bob.withCredentials(bob.registration(), challenge, { nc }))
    const answer = await bob.seesResponse(`${status} REGISTER`)
    if (status === 401) t.ok(isStale(answer), `nc ${nc} is stale`)
  }
  await nothingIsLeft(t)
})

t.test('a nonce is good for ten minutes, and what comes later is told it is stale', async (t) => {
  const { clock, phone, nothingIsLeft } = await world(t)
  const bob = await phone('102')
  bob.sends(bob.registration())
  const challenge = await bob.seesResponse('401 REGISTER')
  await clock.advance(599_000)
  bob.sends(bob.withCredentials(bob.registration(), challenge))
  await bob.sees('200 REGISTER')
  await clock.advance(2_000)
  bob.sends(bob.withCredentials(bob.registration(), challenge, { nc: 2 }))
  const stale = await bob.seesResponse('401 REGISTER')
  t.ok(isStale(stale))
  bob.sends(bob.withCredentials(bob.registration(), stale))
  await bob.sees('200 REGISTER')
  await nothingIsLeft(t)
})

t.test('a nonce is good for the address it was given to', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const bob = await phone('102')
  const elsewhere = await phone('102')
  bob.sends(bob.registration())
  const challenge = await bob.seesResponse('401 REGISTER')
  elsewhere.sends(elsewhere.withCredentials(elsewhere.registration(), challenge))
  t.ok(isStale(await elsewhere.seesResponse('401 REGISTER')))
  await nothingIsLeft(t)
})

t.test('MD5 or SHA-256: the server says in which order, unless the user has one of its own', async (t) => {
  const { phone, store, nothingIsLeft } = await world(t, { options: { digest: ['SHA-256', 'MD5'] } })
  store.users.set('102', { digest: ['SHA-256'] })
  store.users.set('103', { digest: ['MD5'] })
  for (const [user, offered, refused] of [
    ['101', ['SHA-256', 'MD5'], []],
    ['102', ['SHA-256'], ['MD5']],
    ['103', ['MD5'], ['SHA-256']],
  ] as const) {
    const bob = await phone(user)
    bob.sends(bob.registration())
    const challenge = await bob.seesResponse('401 REGISTER')
    t.same(
      challengesOf(challenge).map((params) => params?.get('algorithm')),
      offered,
    )
    for (const algorithm of refused) {
      bob.sends(bob.withCredentials(bob.registration(), challenge, { algorithm }))
      await bob.sees('401 REGISTER')
    }
    for (const [at, algorithm] of offered.entries()) {
      bob.sends(bob.withCredentials(bob.registration(), challenge, { algorithm, nc: at + 1 }))
      await bob.sees('200 REGISTER')
    }
  }
  await nothingIsLeft(t)
})

t.test('within a dialog nobody is asked again', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102')
  await bob.registers()
  await alice.reaches(bob)
  alice.asks('INVITE', { sdp: alice.sdp() })
  await bob.sees('INVITE')
  bob.answers()
  alice.acknowledges(await alice.seesResponse('200 INVITE'))
  alice.asks('INFO', { headers: [['Content-Type', 'application/dtmf-relay']] })
  bob.answersTo(await bob.seesRequest('INFO'), 200)
  await alice.sees('200 INFO')
  alice.asks('OPTIONS')
  await alice.sees('200 OPTIONS')
  await bob.hangsUp()
  await alice.isHungUpOn()
  t.equal(alice.received.filter((message) => message.kind === 'response' && message.status === 401).length, 1)
  await nothingIsLeft(t)
})

t.test('a stranger can neither end a call nor get into it', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102')
  const eve = await phone('103', { address: '198.51.100.66' })
  await bob.registers()
  await alice.reaches(bob)
  const { callId = '', from = '', to = '', target = '' } = alice.dialog ?? {}
  const other = (address: string): string => address.replace(/;tag=.*/, ';tag=guess')
  for (const method of ['BYE', 'INVITE', 'INFO', 'OPTIONS']) {
    for (const dialog of [
      { callId, from: other(from), to },
      { callId, from, to: other(to) },
      { callId: 'guess', from, to },
      { callId, from: to, to: from },
    ]) {
      const request = eve.send(method, target, { ...dialog, cSeq: 900, sdp: method === 'INVITE' ? eve.sdp() : null })
      const refusal = await eve.seesResponse(`481 ${method}`)
      if (method === 'INVITE') eve.acknowledgesRefusal(request, refusal)
    }
  }
  alice.says('hello')
  await bob.hears('hello')
  bob.says('hi')
  await alice.hears('hi')
  const media = bob.incoming && mediaOf(bob.incoming)
  if (media) eve.audio.says('boo', media)
  bob.says('still here')
  await alice.hears('still here')
  t.notOk([...alice.audio.heard, ...bob.audio.heard].some(({ words }) => words === 'boo'))
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('a stranger can neither take a ringing call back nor answer it', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102')
  const eve = await phone('103', { address: '198.51.100.66' })
  await bob.registers()
  await alice.calls('102')
  const invite = await bob.rings()
  await alice.sees('180 INVITE')
  const { callId = '', from, to, cSeq } = alice.outgoing ?? {}
  eve.send('CANCEL', 'sip:102@10.0.0.1', { callId, from: from?.text, to: to?.text ?? '', cSeq: cSeq?.number })
  await eve.sees('481 CANCEL')
  const via = invite.headers.first('via') ?? ''
  invite.headers.set('Via', via.replace(/branch=\w+/, 'branch=z9hG4bKguess'))
  eve.answersTo(invite, 200, { headers: [['Contact', eve.contact]], sdp: eve.sdp() })
  invite.headers.set('Via', via)
  bob.answers()
  await alice.talks()
  await bob.sees('ACK')
  alice.says('hello')
  await bob.hears('hello')
  t.same(eve.audio.heard, [])
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('who guesses passwords is slowed, then not heard at all, then heard again', async (t) => {
  const { clock, phone, pbx, nothingIsLeft } = await world(t)
  const eve = await phone('101', { address: '198.51.100.66', password: 'guess' })
  const bob = await phone('102', { address: '198.51.100.67' })
  const guess = async (): Promise<number> => {
    const before = clock.now()
    await eve.registers({ sees: '401 REGISTER' })
    return clock.now() - before
  }
  for (let attempt = 1; attempt <= 10; attempt++) t.equal((await guess()) > 1_000, attempt >= 4, `guess ${attempt}`)
  t.same(pbx.penalties.ignored(), ['198.51.100.66'])
  for (const method of ['OPTIONS', 'REGISTER', 'INVITE', 'BYE'])
    eve.send(method, 'sip:10.0.0.1', { to: '<sip:101@10.0.0.1>' })
  eve.sendBytes('no SIP at all\r\n\r\n')
  const before = eve.received.length
  await bob.registers()
  await clock.advance(590_000)
  t.equal(eve.received.length, before, 'nothing is answered')
  await clock.advance(10_000)
  eve.send('OPTIONS', 'sip:10.0.0.1', { to: '<sip:10.0.0.1>' })
  await eve.sees('200 OPTIONS')
  await bob.unregisters()
  await nothingIsLeft(t)
})

t.test('who is not heard is not connected to, either', async (t) => {
  const { clock, phone, pbx, nothingIsLeft } = await world(t)
  const connected = await phone('103', { address: '198.51.100.66', transport: 'tcp', password: 'guess' })
  const eve = await phone('101', { address: '198.51.100.66', password: 'guess', port: 5070 })
  for (let attempt = 1; attempt <= 10; attempt++) await eve.registers({ sees: '401 REGISTER' })
  const late = await phone('102', { address: '198.51.100.66', transport: 'tcp', port: 5071 })
  await clock.advance(10)
  t.notOk(late.connected)
  connected.send('OPTIONS', 'sip:10.0.0.1', { to: '<sip:10.0.0.1>' })
  await clock.advance(10)
  t.notOk(connected.connected)
  t.notOk(connected.hasSeen('200 OPTIONS'))
  t.equal(pbx.transport.connections, 0)
  await nothingIsLeft(t)
})

t.test('a house full of phones with an old password is not locked out so soon', async (t) => {
  const { clock, phone, pbx, nothingIsLeft } = await world(t)
  const old = await phone('101', { password: 'of yesterday' })
  for (let attempt = 1; attempt < 100; attempt++) {
    const before = clock.now()
    await old.registers({ sees: '401 REGISTER' })
    if (clock.now() - before > 500 !== attempt >= 20) t.fail(`attempt ${attempt} took ${clock.now() - before} ms`)
  }
  t.same(pbx.penalties.ignored(), [])
  await old.registers({ sees: '401 REGISTER' })
  t.same(pbx.penalties.ignored(), ['10.0.0.11'])
  await clock.advance(60_000)
  t.same(pbx.penalties.ignored(), [])
  await nothingIsLeft(t)
})

t.test('one right password, and the wrong ones are forgiven', async (t) => {
  const { clock, phone, nothingIsLeft } = await world(t)
  const wrong = await phone('101', { address: '198.51.100.66', password: 'mistyped' })
  const right = await phone('101', { address: '198.51.100.66', port: 5061 })
  for (let attempt = 1; attempt <= 9; attempt++) await wrong.registers({ sees: '401 REGISTER' })
  await right.registers()
  const before = clock.now()
  await wrong.registers({ sees: '401 REGISTER' })
  t.ok(clock.now() - before < 1_000)
  await right.unregisters()
  await nothingIsLeft(t)
})

t.test('nobody gets another ignored by writing its address on guesses of his own', async (t) => {
  const { clock, phone, network, pbx, nothingIsLeft } = await world(t)
  const victim = await phone('101', { address: '198.51.100.7' })
  const eve = await phone('101', { address: '198.51.100.66', password: 'guess' })
  const server = { address: SERVER, port: 5060 }
  eve.sends(eve.registration())
  const challenge = await eve.seesResponse('401 REGISTER')
  for (let attempt = 1; attempt <= 200; attempt++) {
    const guess = eve.withCredentials(eve.registration(), challenge, { nc: attempt })
    network.forge({ address: '198.51.100.7', port: 5060 }, server, writeMessage(guess))
  }
  await clock.advance(1_000)
  t.same(pbx.penalties.ignored(), [])
  const before = clock.now()
  await victim.registers()
  t.ok(clock.now() - before < 1_000, 'nor slowed')
  await victim.unregisters()
  await nothingIsLeft(t)
})
