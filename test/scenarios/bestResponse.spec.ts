import t from 'tap'
import type { HeaderLine } from '../../src/sip/message/headers.ts'
import { bothRinging, twoPhones } from '../support/virtual/people.ts'

// RFC 3261 §16.7 steps 5 and 6: what the caller hears when every phone has refused.

t.test('of two refusals the one that says most', async (t) => {
  for (const [desk, kitchen, best] of [
    // The lowest class.
    [486, 500, 486],
    [500, 404, 404],
    [503, 500, 480],
    // What tells how to call again comes first, being away last.
    [486, 484, 484],
    [415, 486, 415],
    [404, 420, 420],
    [480, 486, 486],
    [408, 488, 488],
    // What a phone wants proven is not the caller's to prove.
    [401, 486, 486],
    [407, 480, 480],
    // A redirect elsewhere is none to the caller.
    [302, 404, 404],
  ] as const) {
    for (const [first, second] of [
      [desk, kitchen],
      [kitchen, desk],
    ] as const) {
      const all = await bothRinging(t)
      all.desk.responds(first)
      await all.desk.sees('ACK')
      all.kitchen.responds(second)
      await all.alice.sees(`${best} INVITE`)
      await all.nothingIsLeft(t)
    }
  }
})

t.test('a 6xx speaks for all, at once', async (t) => {
  const { alice, desk, kitchen, nothingIsLeft } = await bothRinging(t)
  desk.responds(484)
  kitchen.responds(600)
  await alice.sees('600 INVITE')
  await nothingIsLeft(t)
})

t.test('what the caller can use of a refusal is passed on, written anew; the rest stays', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  const refusals: [number, number, HeaderLine, string | null][] = [
    [486, 486, ['Retry-After', '120;duration=60 (at lunch)'], '120'],
    [503, 480, ['Retry-After', '18000'], '18000'],
    [486, 486, ['Retry-After', 'soon'], null],
    [486, 486, ['Retry-After', '99999999999999'], null],
    [484, 484, ['Retry-After', '5'], null],
    [488, 488, ['Warning', '304 10.0.0.12:5060 "Media type not available"'], '304 offhook "Media type not available"'],
    [606, 606, ['Warning', '370 isi.edu "a", 399 b "c"'], '370 offhook "a", 399 offhook "c"'],
    [488, 488, ['Warning', 'garbage'], null],
    [486, 486, ['Warning', '399 host "secret"'], null],
    [415, 415, ['Accept', 'application/sdp;level=1, text/plain, "?"'], 'application/sdp, text/plain'],
    [420, 420, ['Unsupported', '100rel, b@d'], '100rel'],
    [401, 480, ['WWW-Authenticate', 'Digest realm="phone", nonce="x"'], null],
    [407, 480, ['Proxy-Authenticate', 'Digest realm="phone", nonce="x"'], null],
    [486, 486, ['Call-Info', '<http://10.0.0.12/secret>'], null],
  ]
  for (const [status, told, header, passed] of refusals) {
    await alice.calls('102')
    await bob.rings()
    bob.responds(status, { headers: [header] })
    const refusal = await alice.seesResponse(`${told} INVITE`)
    t.equal(refusal.headers.first(header[0].toLowerCase()), passed, `${status} ${header[0]}: ${header[1]}`)
  }
  await nothingIsLeft(t)
})

t.test('one phone rejects, the other rings on; both busy is busy', async (t) => {
  const { alice, desk, kitchen, nothingIsLeft } = await bothRinging(t)
  desk.responds(486)
  await desk.sees('ACK')
  t.notOk(alice.hasSeen('486 INVITE'))
  kitchen.responds(480)
  await alice.sees('486 INVITE')
  await nothingIsLeft(t)
})
