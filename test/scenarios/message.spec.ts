import t from 'tap'
import { bodyOf } from '../support/virtual/body.ts'
import { talking } from '../support/virtual/people.ts'

t.test('RFC 3428: a MESSAGE in the dialog is carried to the other side, and its answer back', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t)
  const write = (words: string): void => {
    const { dialog } = alice
    if (!dialog) throw new Error('no call')
    const { callId, from, to, target } = dialog
    alice.send('MESSAGE', target, { callId, from, to, sdp: words, type: 'text/plain;charset=utf-8' })
  }
  write('grüße')
  const message = await bob.seesRequest('MESSAGE')
  t.equal(message.headers.first('content-type'), 'text/plain;charset=utf-8')
  t.equal(bodyOf(message), 'grüße')
  bob.answersTo(message, 200)
  await alice.sees('200 MESSAGE')
  write('again')
  bob.answersTo(await bob.seesRequest('MESSAGE'), 415)
  await alice.sees('415 MESSAGE')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('several requests in one dialog at once each get their own answer', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t)
  alice.asks('INFO', { sdp: 'Signal=1' })
  alice.asks('INFO', { sdp: 'Signal=2' })
  const [first, second] = [await bob.seesRequest('INFO'), await bob.seesRequest('INFO')]
  t.ok(second.cSeq.number > first.cSeq.number, 'in the order in which they came')
  t.equal(bodyOf(first), 'Signal=1')
  bob.answersTo(second, 415)
  bob.answersTo(first, 200)
  const answers = [await alice.seesResponse('415 INFO'), await alice.seesResponse('200 INFO')]
  t.ok((answers[0]?.cSeq.number ?? 0) > (answers[1]?.cSeq.number ?? 0))
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('a MESSAGE outside of any call is refused', async (t) => {
  const { alice, nothingIsLeft } = await talking(t)
  const to = '<sip:102@10.0.0.1>'
  await alice.authenticated(alice.request('MESSAGE', 'sip:102@10.0.0.1', { to, sdp: 'hi' }), '403 MESSAGE')
  await alice.hangsUp()
  await nothingIsLeft(t)
})
