import t from 'tap'
import { answerTerms, askTerms, raisedMinimum, settledTerms } from '../../../src/sip/dialog/sessionTerms.ts'
import { type HeaderChanges, reply, request } from '../messages.ts'

const asked = (headers: HeaderChanges) => answerTerms(request('INVITE', { headers }))
const answered = (headers: Record<string, string>) => settledTerms(reply(request('INVITE'), 200, { headers }))

t.test('RFC 4028 §9: what the server side answers', async (t) => {
  for (const [headers, expires, required] of [
    [{ Supported: 'timer', 'Session-Expires': '1800' }, '1800;refresher=uac', true],
    [{ Supported: '100rel, timer', 'Session-Expires': '600;refresher=uas' }, '600;refresher=uas', true],
    [{ Require: 'timer', 'Session-Expires': '90 ; refresher=UAC' }, '90;refresher=uac', true],
    [{ Supported: 'timer' }, '1800;refresher=uac', true],
    [{ Supported: '100rel, Timer' }, '1800;refresher=uac', true],
    [{ Supported: 'timer', 'Min-SE': '4000' }, '4000;refresher=uac', true],
    [{ 'Session-Expires': '300;refresher=uac' }, '300;refresher=uas', false],
    [{ Supported: 'timer', 'Session-Expires': 'soon' }, '1800;refresher=uac', true],
  ] as const) {
    const terms = asked(headers)
    const lines = new Map(terms.headers)
    t.equal(terms.kind, 'settled')
    t.equal(lines.get('Session-Expires'), expires)
    t.equal(lines.has('Require'), required, JSON.stringify(headers))
  }
  t.strictSame(asked({}), { kind: 'settled', terms: null, headers: [] })
  t.strictSame(asked({ 'Session-Expires': '89' }), { kind: 'too-small', headers: [['Min-SE', '90']] })
  t.equal(asked({ 'Session-Expires': '4294967296' }).kind, 'settled', 'what is no number counts as absent')
})

t.test('RFC 4028 §7.2: what a 2xx settles', async (t) => {
  t.strictSame(answered({ 'Session-Expires': '1800;refresher=uas' }), { seconds: 1800, refresher: 'uas' })
  t.strictSame(answered({ 'Session-Expires': '1800' }), { seconds: 1800, refresher: 'uac' }, 'else nobody would')
  t.strictSame(answered({ 'Session-Expires': '5;refresher=uac' }), { seconds: 90, refresher: 'uac' }, 'no busy loop')
  t.equal(answered({}), null)
  t.equal(answered({ 'Session-Expires': ';' }), null)
})

t.test('what our requests ask, and a 422 makes of it', async (t) => {
  t.strictSame(askTerms(1800, 90, null), [['Session-Expires', '1800']])
  t.strictSame(askTerms(1800, 3600, 'uac'), [
    ['Session-Expires', '3600;refresher=uac'],
    ['Min-SE', '3600'],
  ])
  const refusal = (minSe: string) => reply(request('INVITE'), 422, { headers: { 'Min-SE': minSe } })
  t.equal(raisedMinimum(refusal('3600;x=y'), 1800), 3600)
  t.equal(raisedMinimum(refusal('1800'), 1800), null, 'it got that')
  t.equal(raisedMinimum(refusal('86401'), 1800), null)
  t.equal(raisedMinimum(reply(request('INVITE'), 422), 1800), null)
})
