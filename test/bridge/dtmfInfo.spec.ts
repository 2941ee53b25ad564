import fc from 'fast-check'
import t from 'tap'
import { readInfoKey, writeInfoKey } from '../../src/bridge/dtmfInfo.ts'

const relay = (text: string, type = 'application/dtmf-relay') => readInfoKey(type, Buffer.from(text))
const plain = (text: string) => readInfoKey('application/dtmf', Buffer.from(text))

t.test('application/dtmf-relay', async (t) => {
  t.same(relay('Signal=5\r\nDuration=160\r\n'), { digit: '5', duration: 160 })
  t.same(relay('Signal= 5\r\nDuration= 250\r\n'), { digit: '5', duration: 250 }, 'spaces')
  t.same(relay('  signal = d \n DURATION = 80 '), { digit: 'D', duration: 80 }, 'case, spaces and lines')
  t.same(relay('Duration=100\r\n\r\nSignal=#'), { digit: '#', duration: 100 }, 'either order')
  t.same(relay('Signal=*\r\nX=1'), { digit: '*', duration: 160 }, 'no length')
  t.same(relay('Signal=7', 'Application/DTMF-Relay; charset=utf-8'), { digit: '7', duration: 160 })
})

t.test('numbers for keys', async (t) => {
  for (const [number, digit] of [
    ['10', '*'],
    ['11', '#'],
    ['12', 'A'],
    ['15', 'D'],
  ]) {
    t.equal(relay(`Signal=${number}`)?.digit, digit)
    t.equal(plain(`${number}`)?.digit, digit)
  }
})

t.test('application/dtmf', async (t) => {
  t.same(plain('1'), { digit: '1', duration: 160 })
  t.same(plain(' #\r\n'), { digit: '#', duration: 160 })
  t.same(plain('Signal=3\r\nDuration=90'), { digit: '3', duration: 90 }, 'with lines that belong to the other')
})

t.test('lengths nobody means are brought into bounds', async (t) => {
  for (const [said, meant] of [
    ['0', 40],
    ['1', 40],
    ['60000', 8000],
    ['-5', 160],
    ['x', 160],
    ['', 160],
    ['1e3', 160],
  ]) {
    t.equal(relay(`Signal=1\r\nDuration=${said}`)?.duration, meant, `${said}`)
  }
})

t.test('what is no key', async (t) => {
  for (const signal of ['16', '17', '', 'E', '55', '5 5', 'flash', '!', '٣']) {
    t.equal(relay(`Signal=${signal}\r\nDuration=160`), null, `"${signal}"`)
    t.equal(plain(signal), null, `"${signal}"`)
  }
  t.equal(relay('Duration=160'), null)
  t.equal(relay(''), null)
  t.equal(relay('5'), null)
  t.equal(relay(`${' '.repeat(300)}\r\nSignal=5`), null, 'too long')
  for (const type of [null, '', 'text/plain', 'application/dtmf-relays', 'application/sdp']) {
    t.equal(readInfoKey(type, Buffer.from('Signal=5')), null, `${type}`)
  }
})

t.test('nothing throws', async (t) => {
  const types = fc.constantFrom('application/dtmf-relay', 'application/dtmf')
  const text = fc
    .stringMatching(/^(Signal|duration|=|:|\r|\n| |[0-9A-F*#]){0,12}$/)
    .map((text) => new TextEncoder().encode(text))
  fc.assert(
    fc.property(types, fc.oneof(fc.uint8Array({ maxLength: 300 }), text), (type, body) => {
      const key = readInfoKey(type, body)
      return key === null || (/^[0-9*#A-D]$/.test(key.digit) && key.duration >= 40 && key.duration <= 8000)
    }),
  )
  t.pass()
})

t.test('what is written is read', async (t) => {
  t.equal(
    Buffer.from(writeInfoKey('application/dtmf-relay', { digit: '5', duration: 159.6 })).toString(),
    'Signal=5\r\nDuration=160\r\n',
  )
  for (const digit of '0123456789*#ABCD') {
    for (const type of ['application/dtmf-relay', 'application/dtmf'] as const) {
      const duration = type === 'application/dtmf' ? 160 : 275
      t.same(readInfoKey(type, writeInfoKey(type, { digit, duration })), { digit, duration })
    }
  }
})
