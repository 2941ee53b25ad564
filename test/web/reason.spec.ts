import t from 'tap'
import { causesOf } from '../../web/src/phone/reason.ts'

t.test('causes of Reason headers', async (t) => {
  t.same(causesOf([]), { q850: null, sip: null })
  t.same(causesOf(['SIP;cause=200;text="Call completed elsewhere"']), { q850: null, sip: 200 })
  t.same(causesOf(['SIP ;cause=200 ;text="a", Q.850;cause=26;text="b"']), { q850: 26, sip: 200 })
  t.same(causesOf(['Q.850;cause=19', 'SIP;cause=480']), { q850: 19, sip: 480 })
  t.same(causesOf(['Q.850;text="no cause"', 'SIP;cause=x']), { q850: null, sip: null })
})
