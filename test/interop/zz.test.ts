import t from 'tap'
import { connect, heard } from './conversation.ts'
import { scene } from './people.ts'
t.test(`x`, async (t) => {
    const people = await scene(t)
    const alice = await people.linphone('101', { tone: 440, transport: 'tcp' })
    const bob = await people.baresip('102', { tone: 880 })
    await connect(alice, bob, '102')
    await alice.listens(3)
    await bob.listens(3)
    await alice.hangsUp()
    await bob.ends()
    heard(t, alice, 880, 3)
    t.fail('x')
    for (const s of ['first'] ) console.error(s, Date.now())
    await bob.stop();  console.error('bob', Date.now())
    await alice.stop();  console.error('alice', Date.now())
    await people.server.stop();  console.error('server', Date.now())
})
t.test(`y`, async (t) => { t.pass('y') })
