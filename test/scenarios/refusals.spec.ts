import t from 'tap'
import { bodyOf } from '../support/virtual/body.ts'
import { twoPhones } from '../support/virtual/people.ts'
import { world } from '../support/virtual/world.ts'

t.test('an offer that cannot be read is 400, one that is no SDP 415, one without plain audio 488', async (t) => {
  const { alice, bob, records, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102', { sdp: 'v=0\r\nnonsense\r\n', sees: '400 INVITE' })
  const refused = await alice.authenticated(
    alice.request('INVITE', 'sip:102@10.0.0.1', {
      to: '<sip:102@10.0.0.1>',
      headers: [['Contact', alice.contact]],
      sdp: '{}',
      type: 'application/json',
    }),
    '415 INVITE',
  )
  t.equal(refused.headers.first('accept'), 'application/sdp')
  const browser = alice.sdp().replace('RTP/AVP', 'UDP/TLS/RTP/SAVPF')
  await alice.calls('102', { sdp: browser, sees: '488 INVITE' })
  t.notOk(bob.hasSeen('INVITE'), 'nobody rang')
  t.same(
    (await records()).map(({ status }) => status),
    [488, 415, 400],
  )
  await nothingIsLeft(t)
})

t.test('SDP is found inside multipart', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  const parts = [
    '--x',
    'Content-Type: text/plain',
    '',
    'hello',
    '--x',
    'Content-Type: application/sdp',
    '',
    `${alice.sdp()}--x--`,
    '',
  ]
  const request = alice.request('INVITE', 'sip:102@10.0.0.1', {
    to: '<sip:102@10.0.0.1>',
    headers: [['Contact', alice.contact]],
    sdp: parts.join('\r\n'),
    type: 'multipart/mixed;boundary=x',
  })
  await alice.authenticated(request, '100 INVITE')
  const invite = await bob.rings()
  t.match(bodyOf(invite), /m=audio/)
  bob.responds(486)
  await alice.sees('486 INVITE')
  await nothingIsLeft(t)
})

t.test('no media port left is 503, and the next call after one ends goes through', async (t) => {
  const { clock, phone, records, nothingIsLeft } = await world(t, { rtpPorts: { from: 10000, to: 10003 } })
  const alice = await phone('101')
  const bob = await phone('102')
  await bob.registers()
  await alice.calls('102')
  await bob.rings()
  const carol = await phone('103')
  await carol.calls('102', { sees: '503 INVITE' })
  t.match((await records())[0], { outcome: 'failed', status: 503, endedBy: 'server' })
  bob.responds(486)
  await alice.sees('486 INVITE')
  await carol.calls('102', { sees: '503 INVITE' })
  await clock.advance(31_000)
  await carol.calls('102')
  await bob.rings()
  bob.responds(486)
  await carol.sees('486 INVITE')
  await nothingIsLeft(t)
})

t.test('in the dialog: what we do not know is 405, a subscription 489, a stray notification 481', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.rings()
  bob.answers()
  await alice.talks()
  alice.asks('REFER')
  t.match((await alice.seesResponse('405 REFER')).headers.first('allow'), /INVITE, ACK, CANCEL, BYE/)
  alice.asks('SUBSCRIBE')
  await alice.sees('489 SUBSCRIBE')
  alice.asks('NOTIFY')
  await alice.sees('481 NOTIFY')
  alice.asks('OPTIONS')
  await alice.sees('200 OPTIONS')
  t.notOk(bob.hasSeen('REFER'))
  await alice.hangsUp()
  await bob.isHungUpOn()
  alice.asks('INFO')
  await alice.sees('481 INFO')
  await nothingIsLeft(t)
})
