import t from 'tap'
import { maxFields, maxHeadOctets, maxMessageOctets, maxValueOctets, maxVias } from '../../../src/sip/message/limits.ts'
import { parseMessage } from '../../../src/sip/message/parse.ts'
import { cpuTime } from '../../support/cpuTime.ts'
import { bytesOf, malformedOf, options, requestOf, wire } from './wire.ts'

t.test('each limit can be reached and not passed', async (t) => {
  const own = options().length - 1
  const fields = (count: number) => wire([...options(), ...Array(count - own).fill('X: y')])
  t.equal(requestOf(fields(maxFields)).headers.size, maxFields)
  t.match(malformedOf(fields(maxFields + 1)), { status: 400, reason: 'Too Many Header Lines' })

  const value = (octets: number) => wire([...options(), `X-Long: ${'y'.repeat(octets)}`])
  t.equal(requestOf(value(maxValueOctets)).headers.first('x-long')?.length, maxValueOctets)
  t.match(malformedOf(value(maxValueOctets + 1)), { status: 400, reason: 'Header Value Too Long' })

  const vias = (count: number) => wire([...options(), ...Array(count - 1).fill('Via: SIP/2.0/UDP h')])
  t.equal(requestOf(vias(maxVias)).headers.list('via').length, maxVias)
  t.match(malformedOf(vias(maxVias + 1)), { status: 400, reason: 'Too Many Vias' })
})

t.test('the whole message and its head', async (t) => {
  const head = wire(options()).length
  t.equal(requestOf(wire(options(), 'x'.repeat(maxMessageOctets - head))).body.length, maxMessageOctets - head)
  t.match(malformedOf(wire(options(), 'x'.repeat(maxMessageOctets - head + 1))), {
    status: 513,
    via: { host: '192.0.2.1' },
  })
  const lines = Array(8).fill(`X: ${'y'.repeat(maxHeadOctets / 8)}`)
  t.match(malformedOf(wire([...options(), ...lines])), { status: 513, reason: 'Headers Too Large' })
})

t.test('nothing that fits a datagram takes long', async (t) => {
  const size = 65_000
  const slow = {
    'no line end': 'A'.repeat(size),
    'line ends': `OPTIONS sip:h SIP/2.0\n${'\n'.repeat(size)}`,
    folds: `OPTIONS sip:h SIP/2.0\r\nX: y${'\r\n '.repeat(size / 3)}`,
    'spaces before a colon': `OPTIONS sip:h SIP/2.0\r\n${`X${' '.repeat(8000)}\r\n`.repeat(8)}\r\n`,
    'headers without a colon': `OPTIONS sip:h SIP/2.0\r\n${'X\r\n'.repeat(size / 3)}`,
    commas: wire(options({ Contact: ','.repeat(8000), Via: ','.repeat(8000), Route: ','.repeat(8000) })),
    quotes: wire(options({ Contact: '"'.repeat(8001), From: '"\\'.repeat(4000), To: '"" '.repeat(2600) })),
    brackets: wire(options({ Contact: '<'.repeat(8000), Route: '<,'.repeat(4000), From: '<>'.repeat(4000) })),
    semicolons: wire(options({ From: ';'.repeat(8000), To: `sip:a@h${';a'.repeat(3000)}` })),
    'percent signs': wire(options({ From: `sip:${'%41'.repeat(600)}@h`, To: `sip:${'%4'.repeat(900)}@h` })),
    colons: wire(options({ From: `sip:[${':'.repeat(2000)}]`, Via: `SIP/2.0/UDP ${':'.repeat(8000)}` })),
    digits: wire(options({ CSeq: `${'0'.repeat(8000)}1 OPTIONS`, From: `tel:${'-'.repeat(2000)}` })),
    'a sent-by of spaces': wire(options({ Via: `SIP/2.0/UDP h${' '.repeat(8000)}x` })),
    'a sent-by of colons': wire(options({ Via: `SIP/2.0/UDP h${' :'.repeat(4000)}x` })),
    spaces: wire(options({ From: `${' '.repeat(4000)}x${' '.repeat(4000)}`, Via: `SIP${' '.repeat(8000)}/2.0/UDP h` })),
  }
  for (const [name, text] of Object.entries(slow)) {
    const bytes = typeof text === 'string' ? bytesOf(text) : text
    const took = cpuTime(() => parseMessage(bytes, 'datagram'))
    t.ok(took < 10, `${name}: ${took.toFixed(2)} ms`)
  }
})
