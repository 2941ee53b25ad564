import t from 'tap'
import { StatelessTags } from '../../../src/sip/message/statelessTag.ts'
import { seededRandom } from '../../support/virtual/random.ts'
import { malformedOf, options, requestOf, wire } from './wire.ts'

const usual = requestOf(wire(options()))

t.test('RFC 3261 §8.2.7: a request has one tag, however often it comes', async (t) => {
  const tags = new StatelessTags(seededRandom(1))
  t.match(tags.of(usual), /^[0-9a-f]{16}$/)
  t.equal(tags.of(usual), tags.of(requestOf(wire(options()))))
  const broken = () => malformedOf(wire(options({ From: 'nobody', 'Call-ID': null })))
  t.equal(tags.of(broken()), tags.of(broken()), 'a malformed one, too')
})

t.test('RFC 3261 §19.3: every other request has another, and all have others after a restart', async (t) => {
  const tags = new StatelessTags(seededRandom(1))
  const changes = {
    Via: 'SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK777;rport',
    From: '"Alice" <sip:alice@example.com>;tag=other',
    'Call-ID': 'other',
    CSeq: '2 OPTIONS',
  }
  const others = Object.entries(changes).map(([name, value]) => tags.of(requestOf(wire(options({ [name]: value })))))
  const restarted = new StatelessTags(seededRandom(2)).of(usual)
  t.equal(new Set([tags.of(usual), restarted, ...others]).size, 6)
})
