import t from 'tap'
import { Dialog, dialogId } from '../../../src/sip/dialog/dialog.ts'
import { type HeaderChanges, reply, request } from '../messages.ts'

const RECORD_ROUTE = ['<sip:p3.example;lr>', '<sip:p2.example:5070;lr>, "P, one" <sip:p1.example;lr>;x=1']

const invite = (headers: HeaderChanges = {}) => request('INVITE', { headers: { CSeq: '314 INVITE', ...headers } })

const ofServer = (headers: HeaderChanges = {}) => Dialog.ofServer(invite(headers), 'ours', 1000)

function ofClient(headers: Readonly<Record<string, string>> = {}) {
  const ours = request('INVITE', { uri: 'sip:102@192.168.1.2;line=1', headers: { CSeq: '41 INVITE' } })
  return Dialog.ofClient(ours, reply(ours, 200, { headers }))
}

const bye = { method: 'BYE' }

t.test('RFC 3261 §12.1.1: the dialog of an INVITE to us', async (t) => {
  const dialog = ofServer()
  t.equal(dialog.id, dialogId('call-1@10.0.0.20', 'ours', 'alice'))
  const sent = dialog.request({ method: 'BYE', headers: [['Reason', 'SIP;cause=200']], body: Buffer.from('hi') })
  t.equal(sent.uri.text, 'sip:101@10.0.0.20:5060', 'to the Contact')
  t.equal(sent.from.text, '<sip:102@10.0.0.1>;tag=ours', 'From is the To of the INVITE with our tag')
  t.equal(sent.to.text, '"Alice" <sip:101@10.0.0.1>;tag=alice')
  t.equal(sent.callId, 'call-1@10.0.0.20')
  t.equal(sent.headers.first('cseq'), '1001 BYE')
  t.equal(sent.maxForwards, 70)
  t.equal(sent.headers.first('reason'), 'SIP;cause=200')
  t.equal(Buffer.from(sent.body).toString(), 'hi')
  t.equal(sent.headers.has('route'), false)
})

t.test('RFC 3261 §12.1.2: the dialog of an INVITE of ours', async (t) => {
  const dialog = ofClient({ Contact: '<sip:102@10.0.0.30>' })
  t.equal(dialog.id, dialogId('call-1@10.0.0.20', 'alice', 'bob'))
  const sent = dialog.request(bye)
  t.equal(sent.uri.text, 'sip:102@10.0.0.30')
  t.equal(sent.from.text, '"Alice" <sip:101@10.0.0.1>;tag=alice')
  t.equal(sent.to.text, '<sip:102@10.0.0.1>;tag=bob')
  t.equal(sent.headers.first('cseq'), '42 BYE')
})

t.test('a peer that gives no Contact is reached where it was', async (t) => {
  t.equal(ofServer({ Contact: null }).remoteTarget.text, 'sip:101@10.0.0.1')
  t.equal(ofClient().remoteTarget.text, 'sip:102@192.168.1.2;line=1')
})

t.test('RFC 2543 peers give no tag', async (t) => {
  const dialog = ofServer({ From: '<sip:101@10.0.0.1>' })
  t.equal(dialog.id, dialogId('call-1@10.0.0.20', 'ours', ''))
  t.equal(dialog.request(bye).to.text, '<sip:101@10.0.0.1>')
})

t.test('RFC 3261 §12.1.1: the route set in the order of Record-Route, as it was written', async (t) => {
  const sent = ofServer({ 'Record-Route': RECORD_ROUTE }).request(bye)
  t.strictSame(sent.headers.all('route'), [
    '<sip:p3.example;lr>',
    '<sip:p2.example:5070;lr>',
    '"P, one" <sip:p1.example;lr>;x=1',
  ])
  t.equal(sent.uri.text, 'sip:101@10.0.0.20:5060')
})

t.test('RFC 3261 §12.1.2: in reverse for whoever called', async (t) => {
  const sent = ofClient({ 'Record-Route': RECORD_ROUTE.join(', '), Contact: '<sip:102@10.0.0.30>' }).request(bye)
  t.strictSame(sent.headers.all('route'), [
    '"P, one" <sip:p1.example;lr>;x=1',
    '<sip:p2.example:5070;lr>',
    '<sip:p3.example;lr>',
  ])
})

t.test('RFC 3261 §12.2.1.1: a strict router is the Request-URI, and the target the last route', async (t) => {
  const strict = ['"Strict <not a bracket>" <sip:p1.example;foo=1>', '<sip:p2.example;lr>']
  const sent = ofServer({ 'Record-Route': strict }).request(bye)
  t.equal(sent.uri.text, 'sip:p1.example;foo=1')
  t.strictSame(sent.headers.all('route'), ['<sip:p2.example;lr>', '<sip:101@10.0.0.20:5060>'])
  const later = ofServer({ 'Record-Route': ['<sip:p1.example;lr>', '<sip:p2.example>'] }).request(bye)
  t.equal(later.uri.text, 'sip:101@10.0.0.20:5060', 'only the first one counts')
})

t.test('RFC 3261 §12.2.1.1: each request has the next number, an ACK its INVITE’s', async (t) => {
  const dialog = ofClient()
  t.equal(dialog.request({ method: 'ACK' }, 41).headers.first('cseq'), '41 ACK')
  t.equal(dialog.request({ method: 'INVITE' }).cSeq.number, 42)
  t.equal(dialog.request(bye).cSeq.number, 43)
  t.equal(dialog.request({ method: 'ACK' }, 42).cSeq.number, 42)
  t.equal(dialog.request(bye).cSeq.number, 44)
})

t.test('RFC 3261 §12.2.2: a request of the peer must not be older than its last', async (t) => {
  const numbered = (cSeq: number) => request('INFO', { headers: { CSeq: `${cSeq} INFO` } })
  const server = ofServer()
  t.notOk(server.inOrder(numbered(313)), 'before the INVITE')
  t.ok(server.inOrder(numbered(315)))
  t.ok(server.inOrder(numbered(1000)), 'gaps are allowed')
  t.notOk(server.inOrder(numbered(999)))
  t.ok(server.inOrder(numbered(1001)))
  const client = ofClient()
  t.ok(client.inOrder(numbered(7)), 'the first request of who was called may have any number')
  t.notOk(client.inOrder(numbered(6)))
})

t.test('RFC 3261 §12.2.1.2, §12.2.2: a target refresh brings a new Contact, if it brings one', async (t) => {
  const dialog = ofServer()
  dialog.refreshTarget(invite({ Contact: '<sip:101@10.0.0.99:5070>;x=1' }))
  t.equal(dialog.request(bye).uri.text, 'sip:101@10.0.0.99:5070')
  dialog.refreshTarget(invite({ Contact: null }))
  t.equal(dialog.remoteTarget.text, 'sip:101@10.0.0.99:5070')
})
