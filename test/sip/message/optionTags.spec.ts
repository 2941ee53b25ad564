import t from 'tap'
import { requires, supports } from '../../../src/sip/message/optionTags.ts'
import { options, requestOf, wire } from './wire.ts'

const saying = (changes: Readonly<Record<string, string>>) => requestOf(wire(options(changes)))

t.test('RFC 3261 §19.2: what a message says of an extension', async (t) => {
  const both = saying({ Supported: 'timer, path', Require: '100rel' })
  t.ok(supports(both, 'timer') && supports(both, 'path'))
  t.notOk(requires(both, 'timer'))
  t.ok(requires(both, '100rel'))
  t.ok(supports(both, '100rel'), 'who requires it does it')
  t.notOk(supports(both, 'gruu') || requires(both, 'gruu'))
  t.ok(supports(saying({ k: 'timer' }), 'timer'))
  t.notOk(supports(saying({}), 'timer') || requires(saying({}), 'timer'))
  t.notOk(supports(saying({ Supported: 'timers' }), 'timer'))
})

t.test('RFC 3261 §7.3.1: the case of an option tag says nothing', async (t) => {
  t.ok(supports(saying({ Supported: 'x, Timer' }), 'timer'))
  t.ok(requires(saying({ Require: '100REL' }), '100rel'))
})
