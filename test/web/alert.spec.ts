import t from 'tap'
import { titleFor } from '../../web/src/alert/title.ts'
import { toneFor } from '../../web/src/media/toneFor.ts'
import { INITIAL } from '../../web/src/phone/state.ts'
import { callWith } from './calls.ts'

t.test('what the phone sounds', async (t) => {
  const tone = (...calls: ReturnType<typeof callWith>[]) => toneFor({ ...INITIAL, calls })
  t.equal(tone(), 'none')
  t.equal(tone(callWith({ state: 'calling' })), 'none')
  t.equal(tone(callWith({ state: 'ringing' })), 'ringback')
  t.equal(tone(callWith({ state: 'ringing', early: true })), 'none', 'the other side is heard instead')
  t.equal(tone(callWith({ state: 'incoming' })), 'ring')
  t.equal(tone(callWith({ state: 'connecting' })), 'none', 'it stops as soon as it is answered')
  t.equal(tone(callWith({ state: 'talking' }), callWith({ id: 'c2', state: 'incoming' })), 'waiting')
})

t.test('the title of the tab', async (t) => {
  const title = (...calls: ReturnType<typeof callWith>[]) => titleFor({ ...INITIAL, calls })
  t.equal(title(), 'Offhook')
  t.equal(title(callWith({ state: 'incoming', peer: { user: '102', name: 'Bob' } })), '☎ Bob is calling')
  t.equal(title(callWith({ state: 'talking' })), '102 – Offhook')
})
