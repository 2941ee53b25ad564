import t from 'tap'
import { domainIn } from '../../web/src/api/domain.ts'

t.test('what the server says stands in SIP addresses, if it can', async (t) => {
  for (const domain of ['pbx.example', '192.168.1.7', '[2001:db8::7]']) {
    t.equal(domainIn({ status: 'ok', domain }), domain)
  }
  for (const answer of [null, 'ok', {}, { domain: 7 }, { domain: '' }, { domain: 'a b' }, { domain: 'x;y=1' }]) {
    t.equal(domainIn(answer), null)
  }
})
