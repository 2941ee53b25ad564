import t from 'tap'
import { bodyOf } from '../support/virtual/body.ts'
import { world } from '../support/virtual/world.ts'

for (const number of ['*43', '%2A43']) {
  t.test(`${number} is the echo test`, async (t) => {
    const { phone, records, nothingIsLeft } = await world(t)
    const alice = await phone('101')
    await alice.calls(number, { sees: '100 INVITE' })
    await alice.talks()
    alice.says('is there anybody')
    await alice.hears('is there anybody')
    await alice.reinvites(alice.sdp({ lines: ['a=sendonly'] }))
    await alice.reinvites()
    alice.says('out there')
    await alice.hears('out there')
    await alice.hangsUp()
    t.match((await records())[0], { to: '*43', answeredBy: 'echo', outcome: 'answered', endedBy: 'caller' })
    await nothingIsLeft(t)
  })
}

t.test('the echo test without an offer makes one', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  await alice.calls('*43', { sdp: null })
  const offer = await alice.talks({ sdp: alice.sdp() })
  t.match(bodyOf(offer), /PCMU/)
  alice.says('hello')
  await alice.hears('hello')
  await alice.hangsUp()
  await nothingIsLeft(t)
})

t.test('what an app cannot use is refused by the right name', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  await alice.calls('*43')
  await alice.talks()
  alice.asks('INFO')
  await alice.sees('200 INFO')
  alice.asks('INFO', { sdp: 'Signal=5' })
  await alice.sees('415 INFO')
  alice.asks('SUBSCRIBE')
  await alice.sees('489 SUBSCRIBE')
  alice.asks('MESSAGE', { sdp: 'hello' })
  await alice.sees('415 MESSAGE')
  alice.asks('REFER')
  t.match((await alice.seesResponse('405 REFER')).headers.first('allow'), /INVITE/)
  await alice.hangsUp()
  await nothingIsLeft(t)
})
