import t from 'tap'
import { bodyOf } from '../support/virtual/body.ts'
import { talking } from '../support/virtual/people.ts'

const MOVED = '10.0.0.77'

t.test('a re-INVITE with another Contact moves the phone: what we ask next goes to that URI', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t)
  bob.asks('INVITE', { sdp: bob.sdp(), headers: [['Contact', '<sip:other@10.0.0.12:5060;line=2>']] })
  await alice.seesRequest('INVITE')
  alice.answers()
  bob.acknowledges(await bob.seesResponse('200 INVITE'))
  await alice.hangsUp()
  const bye = await bob.isHungUpOn()
  t.equal(bye.uri.text, 'sip:other@10.0.0.12:5060;line=2')
  await nothingIsLeft(t)
})

t.test('the 2xx to our re-INVITE moves the phone, too', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t)
  alice.asks('INVITE', { sdp: alice.sdp() })
  const carried = await bob.seesRequest('INVITE')
  const headers = [['Contact', '<sip:moved@10.0.0.12:5060>']] as const
  bob.answersTo(carried, 200, { headers, sdp: bob.sdp() })
  t.equal((await bob.seesRequest('ACK')).uri.text, 'sip:moved@10.0.0.12:5060')
  alice.acknowledges(await alice.seesResponse('200 INVITE'))
  await alice.hangsUp()
  t.equal((await bob.isHungUpOn()).uri.text, 'sip:moved@10.0.0.12:5060')
  await nothingIsLeft(t)
})

t.test('a refused re-INVITE moves nobody', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t)
  const asked = bob.asks('INVITE', { sdp: bob.sdp(), headers: [['Contact', '<sip:other@10.0.0.12:5060>']] })
  alice.answersTo(await alice.seesRequest('INVITE'), 488)
  bob.acknowledgesRefusal(asked, await bob.seesResponse('488 INVITE'))
  await alice.hangsUp()
  t.equal((await bob.isHungUpOn()).uri.text, 'sip:102@10.0.0.12:5060')
  await nothingIsLeft(t)
})

t.test('a phone that comes from another address in mid-call is answered, called and heard there', async (t) => {
  const { alice, bob, phone, network, nothingIsLeft } = await talking(t)
  const { dialog } = bob
  const moved = await phone('102', { address: MOVED, claims: MOVED })
  moved.dialog = dialog
  // Its old address is gone.
  network.unreachable.add(bob.local.address)
  moved.send('INVITE', dialog?.target ?? '', {
    ...{ callId: dialog?.callId ?? '', from: dialog?.from ?? '', to: dialog?.to ?? '', cSeq: 1000 },
    ...{ headers: [['Contact', moved.contact]], sdp: moved.sdp() },
  })
  const carried = await alice.seesRequest('INVITE')
  t.match(bodyOf(carried), /m=audio/)
  alice.answers()
  moved.acknowledges(await moved.seesResponse('200 INVITE'))
  await alice.sees('ACK')
  alice.says('where are you?')
  t.equal((await moved.hears('where are you?')).from.address, '10.0.0.1')
  moved.says('here')
  await alice.hears('here')
  await alice.hangsUp()
  const bye = await moved.isHungUpOn()
  t.equal(bye.uri.text, `sip:102@${MOVED}:5060`)
  await nothingIsLeft(t)
})
