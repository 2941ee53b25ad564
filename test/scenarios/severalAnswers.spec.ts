import t from 'tap'
import { createResponse } from '../../src/sip/message/create.ts'
import { Headers } from '../../src/sip/message/headers.ts'
import { writeMessage } from '../../src/sip/message/write.ts'
import { bothRinging, twoPhones } from '../support/virtual/people.ts'

t.test("all of a user's phones ring; the first answer wins and the others are told so", async (t) => {
  const { alice, desk, kitchen, records, nothingIsLeft } = await bothRinging(t)
  desk.responds(183, { sdp: desk.sdp() })
  t.equal(
    (await alice.seesResponse('180 INVITE')).body.length,
    0,
    'with several phones ringing there is no early media',
  )
  kitchen.answers()
  await alice.talks()
  await kitchen.sees('ACK')
  const cancel = await desk.seesRequest('CANCEL')
  t.match(cancel.headers.first('reason'), /^SIP;cause=200/)
  desk.answersTo(cancel, 200)
  desk.responds(487)
  alice.says('hello')
  await kitchen.hears('hello')
  await alice.hangsUp()
  await kitchen.isHungUpOn()
  t.match((await records())[0], { answeredBy: '102', outcome: 'answered' })
  await nothingIsLeft(t)
})

t.test('two phones answer at the same moment: the second is acknowledged and hung up', async (t) => {
  const { alice, desk, kitchen, nothingIsLeft } = await bothRinging(t)
  desk.answers()
  kitchen.answers()
  await alice.talks()
  const [winner, loser] = [desk, kitchen]
  await winner.sees('ACK')
  await loser.sees('ACK')
  loser.answersTo(await loser.seesRequest('BYE'), 200)
  await alice.hangsUp()
  await winner.isHungUpOn()
  await nothingIsLeft(t)
})

t.test(
  'one phone is a proxy with two behind it, and both answer: the second is acknowledged and hung up',
  async (t) => {
    const { alice, bob, nothingIsLeft } = await twoPhones(t)
    await alice.calls('102')
    const invite = await bob.rings()
    bob.answers()
    const first = await bob.seesRequest('ACK')
    const other = createResponse(invite, 200, {
      toTag: 'the-other',
      headers: Headers.of([
        ['Contact', '<sip:other@10.0.0.12:5060>'],
        ['Content-Type', 'application/sdp'],
      ]),
      body: Buffer.from(bob.sdp()),
    })
    bob.sendBytes(writeMessage(other))
    const second = await bob.seesRequest('ACK')
    t.equal(second.to.tag, 'the-other')
    t.not(second.to.tag, first.to.tag)
    const bye = await bob.seesRequest('BYE')
    t.equal(bye.to.tag, 'the-other')
    bob.answersTo(bye, 200)
    await alice.talks()
    alice.says('hello')
    await bob.hears('hello')
    await alice.hangsUp()
    t.equal((await bob.isHungUpOn()).to.tag, first.to.tag)
    await nothingIsLeft(t)
  },
)
