import t from 'tap'
import { world } from '../../support/virtual/world.ts'

// RFC 3665 §2: the flows of a registration, message by message.

t.test('§2.1: a new registration: challenged, then listed with its expiry', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const bob = await phone('102')
  const first = bob.registration()
  bob.sends(first)
  const challenge = await bob.seesResponse('401 REGISTER')
  t.match(challenge.headers.first('www-authenticate'), /^Digest .*nonce=/)
  t.equal(pbx.registrar.size, 0)
  bob.sends(bob.withCredentials(first, challenge))
  const answer = await bob.seesResponse('200 REGISTER')
  t.same(answer.headers.all('contact'), ['<sip:102@10.0.0.11:5060>;expires=3600'])
  t.equal(answer.callId, first.callId)
  await nothingIsLeft(t)
})

t.test('§2.2: another contact joins the first: the 200 lists both', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const bob = await phone('102')
  await bob.registers()
  const answer = await bob.registers({ contact: '<sip:102@10.0.0.11:5070>' })
  t.same(answer.headers.list('contact').length, 2)
  await bob.registers({ contact: '*', expires: 0 })
  await nothingIsLeft(t)
})

t.test('§2.3: a REGISTER without Contact asks what stands, and changes nothing', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const bob = await phone('102')
  await bob.registers()
  const answer = await bob.registers({ contact: null })
  t.same(answer.headers.all('contact'), ['<sip:102@10.0.0.11:5060>;expires=3600'])
  t.equal(pbx.registrar.size, 1)
  await nothingIsLeft(t)
})

t.test('§2.4: Contact: * with Expires: 0 takes all away: the 200 lists none', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const bob = await phone('102')
  await bob.registers()
  await bob.registers({ contact: '<sip:102@10.0.0.11:5070>' })
  const answer = await bob.registers({ contact: '*', expires: 0 })
  t.same(answer.headers.all('contact'), [])
  t.equal(pbx.registrar.size, 0)
  await nothingIsLeft(t)
})

t.test('§2.5: the wrong password is challenged anew, and nothing is registered', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const bob = await phone('102', { password: 'not it' })
  const first = bob.registration()
  bob.sends(first)
  const challenge = await bob.seesResponse('401 REGISTER')
  bob.sends(bob.withCredentials(first, challenge))
  const again = await bob.seesResponse('401 REGISTER')
  t.not(again.headers.first('www-authenticate'), challenge.headers.first('www-authenticate'), 'with another nonce')
  t.equal(pbx.registrar.size, 0)
  await nothingIsLeft(t)
})
