import t from 'tap'
import type { Wish } from '../../src/sdp/agreement.ts'
import type { PayloadFormat } from '../../src/sdp/description.ts'
import { answerWith, heardFrom, offerWith, type Repertoire } from '../../src/sdp/repertoire.ts'
import { trunkRepertoire } from '../../src/trunks/speech.ts'
import { trunk } from './trunks.ts'

const format = (payloadType: number, name: string): PayloadFormat => ({
  ...{ payloadType, name, clockRate: 8000, channels: 1, fmtp: null },
})
const [g722, pcma, pcmu, events] = [
  format(9, 'G722'),
  format(8, 'PCMA'),
  format(0, 'PCMU'),
  format(101, 'telephone-event'),
]
const base: Repertoire = { made: [g722, pcma, pcmu, events], only: null, preferred: null }
const phone: Wish = { formats: [g722, pcma, events], direction: 'sendrecv', ptime: 40 }
const said = (wish: Wish | null) => wish && `${wish.formats.map(({ name }) => name).join(' ')} ${wish.ptime}`

t.test('a trunk that takes keys as events speaks its codecs and asks for its packets', async (t) => {
  const twilio = trunkRepertoire(trunk('twilio'), base)
  t.equal(said(offerWith(twilio, phone)), 'PCMU PCMA telephone-event 20')
  t.equal(said(answerWith(twilio, phone, { ...phone, ptime: 30 })), 'PCMA telephone-event 20')
  t.equal(said(heardFrom(twilio, phone)), 'PCMA telephone-event 40', 'what it asks of the phone is its own')
  const any = trunkRepertoire(trunk('generic'), base)
  t.equal(said(offerWith(any, phone)), 'G722 PCMA telephone-event PCMU 40')
})

t.test('one that does not is never told of events', async (t) => {
  for (const dtmf of ['info', 'inband'] as const) {
    const own = trunkRepertoire(trunk('generic', { dtmf, codecs: ['PCMA'], ptime: 30 }), base)
    t.equal(said(offerWith(own, phone)), 'PCMA 30')
    t.equal(said(answerWith(own, phone, phone)), 'PCMA 30')
    t.equal(said(heardFrom(own, phone)), 'PCMA 40')
    const any = trunkRepertoire(trunk('generic', { dtmf }), base)
    t.equal(said(heardFrom(any, phone)), 'G722 PCMA 40')
    t.equal(said(offerWith(any, phone)), 'G722 PCMA PCMU 40')
  }
})
