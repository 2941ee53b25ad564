import t from 'tap'
import { dialled } from '../../web/src/phone/dialled.ts'

t.test('what people type and paste', async (t) => {
  const users: readonly (readonly [string, string])[] = [
    ['102', '102'],
    [' 102 ', '102'],
    ['*43', '*43'],
    ['#31#102', '#31#102'],
    ['+1 (555) 123-4567', '+15551234567'],
    ['+49\u00a030/12 34–56', '+4930123456'],
    ['tel:+1-555-123', '+1555123'],
    ['alice', 'alice'],
    ['care4w-1000001', 'care4w-1000001'],
    ["o'brien_(sales)", "o'brien_(sales)"],
    ['sip:102', '102'],
  ]
  for (const [text, user] of users) t.same(dialled(text), { kind: 'user', user }, text)
  for (const text of ['', '   ', 'sip:']) t.same(dialled(text), { kind: 'nothing' }, `"${text}"`)
})

t.test('an address elsewhere', async (t) => {
  t.same(dialled('sip:alice@example.com'), { kind: 'address', user: 'alice', host: 'example.com' })
  t.same(dialled('a-b@[2001:db8::1]'), { kind: 'address', user: 'a-b', host: '[2001:db8::1]' })
  t.same(dialled('@home'), { kind: 'user', user: '@home' })
})
