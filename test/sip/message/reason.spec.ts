import t from 'tap'
import { Headers } from '../../../src/sip/message/headers.ts'
import { formatCauses, parseCauses } from '../../../src/sip/message/reason.ts'

function parse(...values: readonly string[]) {
  return parseCauses(Headers.of(values.map((value) => ['Reason', value])))
}

t.test('Reason, RFC 3326: each protocol once, in one header or in several', async (t) => {
  const sip = { protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' }
  const q850 = { protocol: 'Q.850', cause: 16, text: null }
  t.strictSame(parse('SIP ;cause=200 ;text="Call completed elsewhere"'), [sip])
  t.strictSame(parse('SIP;cause=200;text="Call completed elsewhere", q.850;cause=16'), [sip, q850])
  t.strictSame(parse('Q.850;cause=16;text=""', 'sip;cause=600', 'SIP;cause=500'), [
    q850,
    { protocol: 'SIP', cause: 600, text: null },
  ])
  t.strictSame(parse(), [])
})

t.test('what is malformed, out of range or of another protocol is left out', async (t) => {
  for (const value of [
    '',
    'SIP',
    'SIP;cause',
    'SIP;cause=x',
    'SIP;cause=99',
    'SIP;cause=700',
    'Q.850;cause=0',
    'Q.850;cause=128',
    'Q.850;cause=-1',
    'preemption;cause=1',
    ';cause=200',
    'SIP;cause=200;text="open',
  ]) {
    t.strictSame(parse(value), [], value)
  }
})

t.test('written anew: bounded, on one line, quoted', async (t) => {
  t.equal(formatCauses([]), null)
  t.equal(
    formatCauses([
      { protocol: 'SIP', cause: 503, text: 'a "b" \\ c\r\nX: y' },
      { protocol: 'Q.850', cause: 41, text: null },
    ]),
    'SIP;cause=503;text="a \\"b\\" \\\\ c  X: y", Q.850;cause=41',
  )
  const [long] = parse(`SIP;cause=480;text="${'é'.repeat(50)}${'x'.repeat(500)}"`)
  t.equal(long?.text?.length, 100)
  t.strictSame(parse(formatCauses(long ? [long] : []) ?? ''), [long], 'what is written reads as the same')
})
