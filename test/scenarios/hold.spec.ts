import t from 'tap'
import { bodyOf } from '../support/virtual/body.ts'
import { talking } from '../support/virtual/people.ts'

for (const [form, lines, address] of [
  ['sendonly', ['a=sendonly'], undefined],
  ['inactive', ['a=inactive'], undefined],
  ['c=0.0.0.0', [], '0.0.0.0'],
] as const) {
  t.test(`hold by ${form}, and resume`, async (t) => {
    const { alice, bob, nothingIsLeft } = await talking(t)
    alice.asks('INVITE', { sdp: alice.sdp({ lines, address }) })
    const held = await bob.seesRequest('INVITE')
    t.match(bodyOf(held), form === 'inactive' ? /a=inactive/ : /a=sendonly/)
    bob.answers({ sdp: bob.sdp({ lines: ['a=recvonly'] }) })
    const answer = await alice.seesResponse('200 INVITE')
    alice.acknowledges(answer)
    await bob.sees('ACK')
    t.match(bodyOf(answer), form === 'inactive' ? /a=inactive/ : /a=recvonly/)
    alice.asks('INVITE', { sdp: alice.sdp() })
    const resumed = await bob.seesRequest('INVITE')
    t.notMatch(bodyOf(resumed), /a=(sendonly|inactive|recvonly)/)
    bob.answers()
    alice.acknowledges(await alice.seesResponse('200 INVITE'))
    await bob.sees('ACK')
    alice.says('back again')
    await bob.hears('back again')
    bob.says('good')
    await alice.hears('good')
    await alice.hangsUp()
    await bob.isHungUpOn()
    await nothingIsLeft(t)
  })
}
