import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { AgreedSecure, Local, Wish } from '../../src/sdp/agreement.ts'
import type { SessionDescription } from '../../src/sdp/description.ts'
import { makeOffer, newSession, receiveAnswer, receiveOffer, restartsIce } from '../../src/sdp/session.ts'
import { baresipDtls, firefox, munged, SHA_256, safari } from './browsers.ts'
import { described, mediaAt, text } from './describe.ts'
import { granted, Leg, plainWish } from './leg.ts'
import { baresip, chrome, lines } from './phones.ts'

const LOCAL: Local = {
  ...{ address: '198.51.100.1', port: 20002, rtcpPort: 20002 },
  secure: {
    ice: { ufrag: 'ours1234', password: 'p'.repeat(32) },
    candidates: [
      { address: '198.51.100.1', port: 20002, priority: 2130706431 },
      { address: '10.0.0.1', port: 20002, priority: 2130706175 },
    ],
    fingerprint: { algorithm: 'sha-256', value: SHA_256.replace('5A', '77') },
  },
}

/** Opus and G.711, as a browser's wish would cross. */
const wish: Wish = {
  ...plainWish,
  formats: [{ payloadType: 111, name: 'opus', clockRate: 48000, channels: 2, fmtp: null }, ...plainWish.formats],
}

function secureLeg(): Leg {
  return new Leg(1, LOCAL, 'secure')
}

/** What we say about ICE, DTLS and BUNDLE, line by line. */
function ways(said: { readonly text: string }): string[] {
  return said.text.split('\r\n').filter((line) => /^a=(group|mid|ice|setup|rtcp|fingerprint|candidate|end)/.test(line))
}

function role(agreed: { readonly secure: AgreedSecure | null } | null): string | undefined {
  return agreed?.secure?.dtls.role
}

/** Replaces one line of a description. */
function altered(offer: string, from: string, to: string): SessionDescription {
  const changed = offer.replace(from, to)
  if (!offer.includes(from)) throw new Error(`nothing matches ${from}`)
  return described(changed)
}

t.test('each of them is answered in the words that it knows', async (t) => {
  for (const [name, offer] of Object.entries({ chrome, firefox, safari, munged, baresipDtls })) {
    const leg = secureLeg()
    leg.hears(described(offer))
    const answer = leg.answers(wish)
    t.match(answer.media[0], /^audio 20002 UDP\/TLS\/RTP\/SAVPF [\d ]+ sendrecv$/, name)
    t.match(answer.text, /\r\na=rtcp-mux\r\n/)
    t.equal(role(answer.agreed), 'client')
    t.same(answer.agreed?.secure?.dtls.fingerprints, [{ algorithm: 'sha-256', value: SHA_256 }])
    t.match(answer.agreed, { rtp: null, rtcp: null, rtcpMux: true, sends: true, receives: true })
  }
})

t.test('an answer to Chrome, every line of it that is not about codecs', async (t) => {
  const leg = secureLeg()
  leg.hears(described(chrome))
  t.same(ways(leg.answers(wish)), [
    'a=group:BUNDLE 0',
    'a=rtcp-mux',
    'a=mid:0',
    'a=ice-ufrag:ours1234',
    `a=ice-pwd:${'p'.repeat(32)}`,
    'a=candidate:1 1 udp 2130706431 198.51.100.1 20002 typ host',
    'a=candidate:2 1 udp 2130706175 10.0.0.1 20002 typ host',
    'a=end-of-candidates',
    `a=fingerprint:sha-256 ${SHA_256.replace('5A', '77')}`,
    'a=setup:active',
  ])
})

t.test('who names nothing gets no names; what is not bundled stays so', async (t) => {
  const leg = secureLeg()
  leg.hears(described(baresipDtls))
  t.notMatch(leg.answers(wish).text, /a=(mid|group)/)
  const unbundled = secureLeg()
  unbundled.hears(altered(chrome, 'a=group:BUNDLE 0\r\n', ''))
  const answer = unbundled.answers(wish)
  t.match(answer.text, /a=mid:0/)
  t.notMatch(answer.text, /a=group/)
})

t.test('m-lines that are refused keep their names, and are in no bundle (RFC 9143 §7.3.3)', async (t) => {
  const leg = secureLeg()
  leg.hears(described(firefox))
  const answer = leg.answers(wish)
  t.match(answer.text, /\r\nm=application 0 UDP\/DTLS\/SCTP webrtc-datachannel\r\na=mid:1\r\na=inactive\r\n$/)
  t.match(answer.text, /\r\na=group:BUNDLE 0\r\n/)
  const offer = leg.offersAgain()
  t.match(offer.text, /\r\nm=application 0 UDP\/DTLS\/SCTP webrtc-datachannel\r\na=mid:1\r\na=inactive\r\n$/)
})

t.test('the roles of DTLS (RFC 8842 §5): who leaves us the choice is the server', async (t) => {
  for (const { theirs, ours, role: expected } of [
    { theirs: 'actpass', ours: 'active', role: 'client' },
    { theirs: 'active', ours: 'passive', role: 'server' },
    { theirs: 'passive', ours: 'active', role: 'client' },
  ]) {
    const leg = secureLeg()
    leg.hears(altered(chrome, 'a=setup:actpass', `a=setup:${theirs}`))
    const answer = leg.answers(wish)
    t.match(answer.text, `a=setup:${ours}`, theirs)
    t.equal(role(answer.agreed), expected)
  }
  const silent = secureLeg()
  silent.hears(altered(chrome, 'a=setup:actpass\r\n', ''))
  t.match(silent.answers(wish).text, 'a=setup:passive', 'who says nothing is active (RFC 4145 §4)')
})

t.test('and in answers to our offer, which leaves the choice to the peer', async (t) => {
  for (const { theirs, role: expected } of [
    { theirs: 'a=setup:active', role: 'server' },
    { theirs: 'a=setup:passive', role: 'client' },
    { theirs: 'a=x:nothing', role: 'client' },
  ]) {
    const leg = secureLeg()
    const said = ways(leg.offers(wish))
    t.same([...said.slice(0, 3), said.at(-1)], ['a=group:BUNDLE 0', 'a=rtcp-mux', 'a=mid:0', 'a=setup:actpass'])
    const answer = leg.getsAnswer(altered(chrome, 'a=setup:actpass', theirs))
    t.equal(role(answer.agreed), expected, theirs)
  }
})

t.test('roles stay as they were through later offers, of whomever', async (t) => {
  const served = secureLeg()
  served.offers(wish)
  t.equal(role(served.getsAnswer(altered(chrome, 'a=setup:actpass', 'a=setup:active')).agreed), 'server')
  served.hears(described(chrome))
  const answer = served.answers(wish)
  t.match(answer.text, 'a=setup:passive', 'the browser offers actpass, and stays the client')
  t.equal(role(answer.agreed), 'server')
  t.match(served.offersAgain().text, 'a=setup:actpass', 'RFC 8842 §5.5')
})

t.test('the version changes with what we say, and with nothing else', async (t) => {
  const leg = secureLeg()
  leg.hears(described(chrome))
  t.equal(leg.answers(wish).version, '1')
  leg.hears(described(chrome))
  t.equal(leg.answers(wish).version, '1')
  t.equal(leg.offersAgain().version, '2', 'actpass in the place of active')
  leg.getsAnswer(altered(chrome, 'a=setup:actpass', 'a=setup:passive'))
  leg.local = {
    ...LOCAL,
    secure: LOCAL.secure && { ...LOCAL.secure, ice: { ufrag: 'new1', password: 'n'.repeat(32) } },
  }
  leg.hears(described(chrome))
  const restarted = leg.answers(wish)
  t.equal(restarted.version, '3')
  t.match(restarted.text, 'a=ice-ufrag:new1')
})

t.test('other credentials restart ICE; nothing else does', async (t) => {
  const leg = secureLeg()
  const first = granted(receiveOffer(leg.session, described(chrome)))
  t.notOk(restartsIce(first.state), 'there is nothing to restart at first')
  leg.hears(described(chrome))
  leg.answers(wish)
  const restarts = (offer: SessionDescription) => restartsIce(granted(receiveOffer(leg.session, offer)).state)
  t.notOk(restarts(described(chrome)))
  t.notOk(restarts(altered(chrome, 'a=sendrecv', 'a=sendonly')))
  t.notOk(restarts(altered(chrome, 'a=fingerprint:sha-256 5A', 'a=fingerprint:sha-256 00')))
  t.ok(restarts(altered(chrome, 'a=ice-ufrag:Vm0H', 'a=ice-ufrag:Vm0I')))
  t.ok(restarts(altered(chrome, 'a=ice-pwd:u', 'a=ice-pwd:v')))
})

t.test('an address that a browser hides is no hold; a direction is', async (t) => {
  const leg = secureLeg()
  t.equal(leg.hears(described(safari)).direction, 'sendrecv')
  t.equal(leg.hears(altered(safari, 'a=sendrecv', 'a=sendonly')).direction, 'sendonly')
  t.equal(leg.answers(wish).media[0]?.split(' ').at(-1), 'recvonly')
})

t.test('a call that is secured is never plain, and the other way round', async (t) => {
  const refused = (offer: string, profile: 'plain' | 'secure', reason: RegExp) => {
    t.match(receiveOffer(newSession(1, profile), described(offer)), { kind: 'rejected', status: 488, reason })
  }
  refused(baresip, 'secure', /^The offer has no audio over DTLS-SRTP/)
  refused(chrome, 'plain', /^The offer has no audio over plain RTP/)
  refused(chrome.replace(/a=fingerprint.*\r\n/, ''), 'secure', /^The offer lacks ICE credentials, or a fingerprint/)
  refused(chrome.replace(/a=ice-ufrag.*\r\n/, ''), 'secure', /^The offer lacks ICE credentials, or a fingerprint/)
  refused(chrome.replace('a=rtcp-mux\r\n', ''), 'secure', /rtcp-mux/)
  refused(chrome.replace(/SAVPF 111 .*\r\n/, 'SAVPF 126\r\n'), 'secure', /no codec for speech/)
  const sent = granted(makeOffer(newSession(1, 'secure'), wish, LOCAL))
  const answered = (answer: string) => receiveAnswer(sent.state, described(answer))
  t.match(answered(baresip), { kind: 'rejected', reason: 'The answer has no audio over DTLS-SRTP.' })
  t.match(answered(chrome.replace('a=rtcp-mux\r\n', '')), { kind: 'rejected', reason: /^The answer .*rtcp-mux/ })
  t.match(answered(chrome.replace(/ 111 63 .*\r\n/, ' 13\r\n')), {
    kind: 'rejected',
    reason: /^The answer has no codec/,
  })
})

t.test('a hold by port 0 keeps what was agreed of the way', async (t) => {
  const leg = secureLeg()
  leg.hears(described(chrome))
  const before = leg.answers(wish).agreed
  leg.hears(altered(chrome, 'm=audio 54609', 'm=audio 0'))
  const held = leg.answers(wish)
  t.same(held.agreed?.secure, before?.secure)
  t.same([held.agreed?.sends, held.agreed?.receives], [false, false])
  leg.hears(described(chrome))
  t.equal(role(leg.answers(wish).agreed), 'client')
})

t.test('our own mistakes throw', async (t) => {
  t.throws(() => makeOffer(newSession(1, 'secure'), wish, { ...LOCAL, secure: null }), TypeError)
})

const PARTS = chrome.split('\r\n').filter((line) => line !== '')

t.test('whatever is left of an offer, changed or doubled: what we answer has its shape', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(PARTS.length - 1), fc.constantFrom('cut', 'double', 'last')), { maxLength: 12 }),
      (changes) => {
        const parts = [...PARTS]
        for (const [at, how] of changes) {
          const [line = ''] = how === 'double' ? parts.slice(at, at + 1) : parts.splice(at, 1)
          if (how !== 'cut') parts.push(line)
        }
        checkAnswered(t, lines(...parts))
      },
    ),
    { numRuns: 1500 },
  )
})

function checkAnswered(t: Test, offer: string): void {
  const leg = secureLeg()
  let theirs: SessionDescription
  try {
    theirs = described(offer)
  } catch {
    return
  }
  const taken = receiveOffer(leg.session, theirs)
  if (taken.kind === 'rejected') return
  leg.hears(theirs)
  const answer = leg.answers(taken.offer)
  const media = mediaAt(described(answer.text), taken.state.line)
  const { secure } = media
  if (!media.rtcpMux || secure === null) throw new Error(`not whole: ${answer.text}`)
  if (secure.setup !== 'active' && secure.setup !== 'passive') throw new Error('an answer that does not choose')
  const bundle = /\r\na=group:BUNDLE ([^\r]+)/.exec(answer.text)?.[1]
  if ((bundle ?? null) !== (secure.bundled ? secure.mid : null)) throw new Error('another bundle than its m-line')
  if (text(Buffer.from(answer.text, 'latin1')).includes('undefined')) t.fail(answer.text)
}
