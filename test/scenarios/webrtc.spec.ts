import t from 'tap'
import { BROWSER_CODECS, type PhoneSetup, SERVER, world } from '../support/virtual/world.ts'
import type { VirtualPhone } from '../support/virtual/phone.ts'
import type { Test } from 'tap'

const BROWSER: PhoneSetup = { transport: 'wss' }

let sentences = 0

/** Each says something in PCMU that the other one hears, word for word. */
async function talk(a: VirtualPhone, b: VirtualPhone): Promise<void> {
  const number = ++sentences
  a.says(`hello ${number}`)
  await b.hears(`hello ${number}`)
  b.says(`hi ${number}`)
  await a.hears(`hi ${number}`)
}

t.test('a browser calls a desk phone', async (t) => {
  const { phone, clock, nothingIsLeft } = await world(t)
  const alice = await phone('101', BROWSER)
  const bob = await phone('102')
  await bob.registers()
  await alice.reaches(bob)
  await clock.advance(200)
  await talk(alice, bob)
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})
