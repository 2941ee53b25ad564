import t from 'tap'
import { unlessBuilt } from '../support/offhook.ts'
import { unless } from '../support/tools.ts'
import { trunkScene } from './trunks.ts'

const skip = unless('kamailio', 'kamcmd') || unlessBuilt('trunk')

t.test('what is wrong is told plainly', { skip }, async (t) => {
  const people = await trunkScene(t, { numbers: 'plain' })
  const { itsp } = people
  const { cli } = people.server

  await people.trunk('city', itsp.registrar)
  const good = await people.trunkTest('city')
  t.equal(good.code, 0, good.says)

  await cli('trunk', 'set', 'city', '--password', 'guessed')
  const wrong = await people.trunkTest('city')
  t.equal(wrong.code, 1)
  t.match(wrong.says, /password/i, 'a wrong password')
  t.notMatch(wrong.says, 'guessed', 'which is not printed')

  await cli('trunk', 'set', 'city', '--password', itsp.account.password, '--username', '4930991')
  const unknown = await people.trunkTest('city')
  t.equal(unknown.code, 1)
  t.match(unknown.says, /4930991/, 'an unknown account')

  await cli('trunk', 'add', 'nowhere', '--preset', 'generic', '--host', 'nowhere.example')
  const nowhere = await people.trunkTest('nowhere')
  t.equal(nowhere.code, 1)
  t.match(nowhere.says, /nowhere\.example/, 'a name that does not exist')

  await people.trunk('lan', itsp.trunk)
  await itsp.trunk.behaves('silent')
  const silent = await people.trunkTest('lan')
  t.equal(silent.code, 1)
  t.match(silent.says, /answer/i, 'a server that does not answer')
})

t.test('an address that the provider does not know', { skip }, async (t) => {
  const people = await trunkScene(t, { customers: ['127.0.0.9'] })
  await people.trunk('lan', people.itsp.trunk)
  const { code, says } = await people.trunkTest('lan')
  t.equal(code, 1)
  t.match(says, /403|address/i)
})
