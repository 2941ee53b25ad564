import t from 'tap'
import type { Wish } from '../../src/sdp/agreement.ts'
import type { PayloadFormat } from '../../src/sdp/description.ts'
import { answerWith, heardFrom, offerWith, type Repertoire, understands } from '../../src/sdp/repertoire.ts'

const made = formats('96 opus/48000/2 ours', '9 G722/8000', '8 PCMA/8000', '0 PCMU/8000', '13 CN/8000')
const keys = formats('101 telephone-event/8000 0-15', '102 telephone-event/48000 0-15')
const any: Repertoire = { made: [...made, ...keys], only: null, preferred: null }

/** As in `96 opus/48000/2 useinbandfec=1`. */
function formats(...lines: string[]): PayloadFormat[] {
  return lines.map((line) => {
    const [payloadType, codec = '', fmtp = null] = line.split(' ')
    const [name = '', clockRate, channels = 1] = codec.split('/')
    return { payloadType: Number(payloadType), name, clockRate: Number(clockRate), channels: Number(channels), fmtp }
  })
}

const wish = (...lines: string[]): Wish => ({ formats: formats(...lines), direction: 'sendrecv', ptime: 20 })
const said = ({ formats }: Wish): string => formats.map(({ name, clockRate }) => `${name}/${clockRate}`).join(' ')

t.test('a leg is offered what the other speaks, then what can be made of it', async (t) => {
  const cases: readonly (readonly [string[], string])[] = [
    [['0 PCMU/8000'], 'PCMU/8000 opus/48000 G722/8000 PCMA/8000 telephone-event/8000 telephone-event/48000'],
    [
      ['8 PCMA/8000', '97 telephone-event/8000'],
      'PCMA/8000 telephone-event/8000 opus/48000 G722/8000 PCMU/8000 telephone-event/48000',
    ],
    [
      ['18 G729/8000', '0 PCMU/8000'],
      'G729/8000 PCMU/8000 opus/48000 G722/8000 PCMA/8000 telephone-event/8000 telephone-event/48000',
    ],
    [['18 G729/8000'], 'G729/8000'],
    [['18 G729/8000', '97 telephone-event/8000'], 'G729/8000 telephone-event/8000'],
  ]
  for (const [spoken, offered] of cases) t.equal(said(offerWith(any, wish(...spoken))), offered)
})

t.test('a browser speaks Opus with those who do not, and as the other leg does with those who do', async (t) => {
  const browser: Repertoire = { ...any, preferred: 'opus' }
  const chrome = wish(
    '111 opus/48000/2 theirs',
    '9 G722/8000',
    '0 PCMU/8000',
    '110 telephone-event/48000',
    '126 telephone-event/8000',
  )
  const pcmu = wish('0 PCMU/8000', '101 telephone-event/8000')
  t.equal(said(offerWith(browser, pcmu)), 'opus/48000 telephone-event/8000 telephone-event/48000')
  t.equal(said(answerWith(browser, chrome, pcmu)), 'opus/48000 telephone-event/48000 telephone-event/8000')
  t.equal(answerWith(browser, chrome, pcmu).formats[0]?.fmtp, 'ours', 'for it is we who decode it')
  const other = wish('96 opus/48000/2 far', '0 PCMU/8000')
  t.equal(said(answerWith(browser, chrome, other)), 'opus/48000 PCMU/8000 telephone-event/48000 telephone-event/8000')
  t.match(said(offerWith(browser, other)), /^opus.48000 PCMU/)
  t.equal(said(answerWith(browser, wish('0 PCMU/8000'), pcmu)), 'PCMU/8000', 'one that knows no Opus')
  t.equal(said(answerWith(browser, chrome, wish('18 G729/8000'))), '', 'what cannot be made is not promised')
  const without: Repertoire = { ...browser, made: browser.made.filter(({ name }) => name !== 'opus') }
  t.match(said(answerWith(without, chrome, pcmu)), /^PCMU.8000/, 'where there is no Opus')
})

t.test('an admin’s order is kept to, and nothing else is offered or taken', async (t) => {
  const only = { ...any, only: ['pcma', 'opus'] }
  t.equal(said(offerWith(only, wish('0 PCMU/8000'))), 'PCMA/8000 opus/48000 telephone-event/8000 telephone-event/48000')
  t.equal(said(offerWith(only, wish('18 G729/8000'))), '', 'not even what would pass through')
  const offer = wish('0 PCMU/8000', '96 opus/48000/2', '8 PCMA/8000')
  t.equal(said(answerWith(only, offer, wish('0 PCMU/8000'))), 'PCMA/8000 opus/48000')
  t.equal(said(answerWith(only, offer, wish('96 opus/48000/2', '8 PCMA/8000'))), 'PCMA/8000 opus/48000')
})

t.test('of an offer no more crosses than may be spoken where it came from, in the admin’s order', async (t) => {
  const heard = (only: string[] | null, ...offer: string[]): string | null => {
    const asked = heardFrom({ ...any, only }, wish(...offer))
    return asked && said(asked)
  }
  const offer = ['0 PCMU/8000', '96 opus/48000/2', '8 PCMA/8000', '97 telephone-event/8000', '98 telephone-event/48000']
  t.equal(heard(null, ...offer), 'PCMU/8000 opus/48000 PCMA/8000 telephone-event/8000 telephone-event/48000')
  t.equal(heard(['pcma', 'g729', 'pcmu'], ...offer), 'PCMA/8000 PCMU/8000 telephone-event/8000')
  t.equal(heard(['g729'], ...offer), null, 'events alone are no conversation')
  t.equal(heard(['g729'], '18 G729/8000'), 'G729/8000', 'what we cannot make may pass all the same')
  t.match(heardFrom({ ...any, only: ['pcmu'] }, { ...wish(...offer), direction: 'sendonly' }), {
    direction: 'sendonly',
    ptime: 20,
  })
})

t.test('no event is offered at the clock rate of no voice', async (t) => {
  const narrow = { ...any, only: ['pcmu'] }
  t.equal(said(offerWith(narrow, wish('0 PCMU/8000'))), 'PCMU/8000 telephone-event/8000')
})

t.test('what both speak is answered before anything is transcoded', async (t) => {
  const cases: readonly (readonly [offer: string[], accepted: string[], answer: string])[] = [
    [['0 PCMU/8000', '8 PCMA/8000'], ['8 PCMA/8000'], 'PCMA/8000'],
    [['0 PCMU/8000', '9 G722/8000'], ['9 G722/8000', '0 PCMU/8000'], 'G722/8000 PCMU/8000'],
    [['0 PCMU/8000', '13 CN/8000'], ['96 opus/48000/2'], 'PCMU/8000 CN/8000'],
    [['9 G722/8000', '18 G729/8000', '0 PCMU/8000'], ['96 opus/48000/2'], 'G722/8000 PCMU/8000'],
    [['0 PCMU/8000', '97 telephone-event/8000'], ['0 PCMU/8000'], 'PCMU/8000 telephone-event/8000'],
    [['18 G729/8000', '97 telephone-event/8000'], ['18 G729/8000'], 'G729/8000'],
    [['0 PCMU/8000'], ['18 G729/8000'], ''],
    [['18 G729/8000'], ['0 PCMU/8000'], ''],
  ]
  for (const [offer, accepted, answer] of cases) {
    t.equal(said(answerWith(any, wish(...offer), wish(...accepted))), answer, `${offer} for ${accepted}`)
  }
})

t.test('parameters are the other side’s where packets pass, and ours where we decode', async (t) => {
  const offer = wish('96 opus/48000/2 theirs', '0 PCMU/8000')
  const fmtp = (accepted: Wish) => answerWith(any, offer, accepted).formats[0]?.fmtp
  t.equal(fmtp(wish('107 opus/48000/2 passed')), 'passed')
  t.equal(fmtp(wish('9 G722/8000')), 'ours')
})

t.test('who understands whom', async (t) => {
  const [mu, a, g729, events] = ['pcmu/8000/1', 'pcma/8000/1', 'g729/8000/1', 'telephone-event/8000/1']
  t.ok(understands([mu], [a, events], any))
  t.ok(understands([g729], [g729], any))
  t.ok(understands([g729, mu], [g729, a], any))
  t.notOk(understands([mu], [g729], any))
  t.notOk(understands([mu], [mu, g729], any), 'it may send what nobody can make of it')
  t.ok(understands([mu, events], [mu], any))
})
