import t from 'tap'
import { accountStore } from '../../web/src/store/account.ts'
import { type Box, memoryBox } from '../../web/src/store/stored.ts'

const ALICE = { user: '101', realm: 'offhook', ha1: '0123456789abcdef0123456789abcdef' }

t.test('an account lasts as long as its tab', async (t) => {
  const [tab, device] = [memoryBox(), memoryBox()]
  accountStore(tab, device).keep(ALICE, false)
  t.same(accountStore(tab, device).get(), ALICE, 'a reload has it')
  t.equal(accountStore(memoryBox(), device).get(), null, 'another tab has not')
})

t.test('an account that stays is there in each tab, until someone signs out', async (t) => {
  const [tab, device] = [memoryBox(), memoryBox()]
  accountStore(tab, device).keep(ALICE, true)
  const later = accountStore(memoryBox(), device)
  t.same(later.get(), ALICE)
  later.forget()
  t.equal(later.get(), null)
})

t.test('the password itself is in neither box', async (t) => {
  const written: string[] = []
  const box: Box = { ...memoryBox(), setItem: (_key, value) => void written.push(value) }
  accountStore(box, box).keep(ALICE, true)
  t.same(
    written.map((value) => Object.keys(JSON.parse(value))),
    [
      ['user', 'realm', 'ha1'],
      ['user', 'realm', 'ha1'],
    ],
  )
})

t.test('what is no account counts as none', async (t) => {
  for (const value of ['', '{', '[]', '"101"', '{"user":"101","realm":"r","ha1":"secret"}', '{"user":1}']) {
    const box = memoryBox()
    box.setItem('offhook.account', value)
    t.equal(accountStore(box, memoryBox()).get(), null, value)
  }
})

t.test('a browser that keeps nothing still lets people in', async (t) => {
  const refusing = (): never => {
    throw new Error('cookies are off')
  }
  const box: Box = { getItem: refusing, setItem: refusing, removeItem: refusing }
  const store = accountStore(box, box)
  store.keep(ALICE, true)
  t.equal(store.get(), null)
  store.forget()
})
