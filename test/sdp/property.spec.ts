import fc from 'fast-check'
import t from 'tap'
import type { Rejected, Wish } from '../../src/sdp/agreement.ts'
import { findSdp } from '../../src/sdp/body.ts'
import type { Direction, PayloadFormat, SessionDescription } from '../../src/sdp/description.ts'
import { codecOf } from '../../src/sdp/match.ts'
import { parseDescription } from '../../src/sdp/parse.ts'
import {
  keepOffer,
  makeAnswer,
  makeOffer,
  newSession,
  receiveAnswer,
  receiveOffer,
  type SdpSession,
} from '../../src/sdp/session.ts'
import { cpuTime } from '../support/cpuTime.ts'
import { bytes, described } from './describe.ts'
import { baresip, chrome, cisco, head, lines, linphone, roomSystem, sipp, yealink } from './phones.ts'

const local = { address: '198.51.100.1', port: 20002, rtcpPort: 20003, secure: null }
const directions: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive']
const direction = fc.constantFrom(...directions)

const format: fc.Arbitrary<PayloadFormat> = fc.record({
  payloadType: fc.integer({ min: 0, max: 127 }),
  name: fc.constantFrom('PCMU', 'pcma', 'G722', 'opus', 'speex', 'AMR-WB', 'telephone-event', 'CN', 'red', 'x.y'),
  clockRate: fc.constantFrom(8000, 16000, 48000),
  channels: fc.constantFrom(1, 2),
  fmtp: fc.constantFrom(null, '0-15', 'octet-align=1', 'mode-set=0,1; octet-align=0'),
})
const wish: fc.Arbitrary<Wish> = fc.record({
  formats: fc.array(format, { maxLength: 12 }),
  direction,
  ptime: fc.constantFrom(null, 20, 30),
})

/** An m-line with its attributes, as some phone might write it. */
const mediaLines: fc.Arbitrary<string[]> = fc
  .record({
    kind: fc.constantFrom('audio', 'audio', 'audio', 'video'),
    port: fc.constantFrom(0, 4000, 4002, 4004),
    protocol: fc.constantFrom('RTP/AVP', 'RTP/AVP', 'RTP/AVPF', 'RTP/SAVP'),
    formats: fc.uniqueArray(format, { minLength: 1, maxLength: 6, selector: (each) => each.payloadType }),
    address: fc.constantFrom(null, '0.0.0.0', '192.0.2.7', 'phone.example.com'),
    direction: fc.option(direction),
  })
  .map(({ kind, port, protocol, formats, address, direction }) => [
    `m=${kind} ${port} ${protocol} ${formats.map((each) => each.payloadType).join(' ')}`,
    ...(address === null ? [] : [`c=IN IP4 ${address}`]),
    ...formats.map((each) => `a=rtpmap:${each.payloadType} ${each.name}/${each.clockRate}/${each.channels}`),
    ...formats.flatMap((each) => (each.fmtp === null ? [] : [`a=fmtp:${each.payloadType} ${each.fmtp}`])),
    ...(direction === null ? [] : [`a=${direction}`]),
  ])
const description: fc.Arbitrary<SessionDescription> = fc
  .array(mediaLines, { minLength: 1, maxLength: 3 })
  .map((media) => described(lines(...head(), ...media.flat())))

type Move =
  | { readonly type: 'their-offer'; readonly offer: SessionDescription; readonly accepted: Wish | null }
  | { readonly type: 'our-offer'; readonly wish: Wish; readonly answer: SessionDescription | null }
  | { readonly type: 'kept-offer'; readonly answer: SessionDescription | null }
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ type: fc.constant('their-offer' as const), offer: description, accepted: fc.option(wish) }),
  fc.record({ type: fc.constant('our-offer' as const), wish, answer: fc.option(description) }),
  fc.record({ type: fc.constant('kept-offer' as const), answer: fc.option(description) }),
)

/** One offer and its answer; `accepted: null` takes all that is offered. The description we wrote, if we wrote one. */
function play(session: SdpSession, move: Move): { state: SdpSession; said: SessionDescription | null } {
  if (move.type === 'their-offer') {
    const taken = receiveOffer(session, move.offer)
    if (taken.kind === 'rejected') return { state: session, said: null }
    const made = makeAnswer(taken.state, move.accepted ?? taken.offer, local)
    if (made.kind === 'rejected') return { state: session, said: null }
    const said = described(made.body)
    checkAnswer(move.offer, said)
    return { state: made.state, said }
  }
  if (move.type === 'kept-offer' && session.audio === null) return { state: session, said: null }
  const made = move.type === 'our-offer' ? makeOffer(session, move.wish, local) : keepOffer(session, local)
  if (made.kind === 'rejected') return { state: session, said: null }
  const said = described(made.body)
  if (said.media.length < session.lines.length) throw new Error('an offer with fewer m-lines')
  const answered: Rejected | { kind: 'answer'; state: SdpSession } | null =
    move.answer === null ? null : receiveAnswer(made.state, move.answer)
  return { state: answered?.kind === 'answer' ? answered.state : session, said }
}

/** RFC 3264 §6. */
function checkAnswer(offer: SessionDescription, answer: SessionDescription): void {
  if (answer.media.length !== offer.media.length) throw new Error('not as many m-lines as the offer')
  for (const [index, theirs] of offer.media.entries()) {
    const ours = answer.media[index]
    if (ours?.kind !== theirs.kind || ours.protocol !== theirs.protocol) throw new Error('another kind of m-line')
    if (ours.port === 0) continue
    if (theirs.port === 0) throw new Error('a stream that the offer refused')
    const codecs = new Set(theirs.formats.map(codecOf))
    if (!ours.formats.every((each) => codecs.has(codecOf(each)))) throw new Error('a codec that was not offered')
    const sends = ours.direction === 'sendrecv' || ours.direction === 'sendonly'
    const receives = ours.direction === 'sendrecv' || ours.direction === 'recvonly'
    if (sends && (theirs.direction === 'sendonly' || theirs.direction === 'inactive')) throw new Error('sends unasked')
    if (receives && (theirs.direction === 'recvonly' || theirs.direction === 'inactive'))
      throw new Error('wants unsent')
  }
}

t.test('whatever is offered and answered, in any order: what we say parses and keeps RFC 3264', async () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 8 }), (moves) => {
      let session = newSession(42, 'plain')
      for (const each of moves) {
        const before = session
        const { state, said } = play(session, each)
        session = state
        if (said === null) continue
        checkOurs(before, said)
        // §8.3.2: in what is in force, no number has changed its codec.
        for (const [payloadType, codec] of before.bindings) {
          if (session.bindings.get(payloadType) !== codec) throw new Error(`${payloadType} bound anew`)
        }
        checkAgreement(session, state === before ? null : said)
      }
    }),
    { numRuns: 400 },
  )
})

function checkOurs(before: SdpSession, said: SessionDescription): void {
  const streams = said.media.filter((media) => media.port !== 0)
  if (streams.length > 1) throw new Error('more than one stream')
  for (const { payloadType, ...format } of streams[0]?.formats ?? []) {
    if ((before.bindings.get(payloadType) ?? codecOf(format)) !== codecOf(format)) throw new Error('a number said anew')
  }
  for (const media of streams) {
    if (media.formats.length !== media.rawFormats.split(' ').length)
      throw new Error('a number without meaning, or twice')
  }
  const former = before.said?.version ?? 0
  const risen = Number(said.origin.version) - former
  if (risen !== 0 && risen !== 1) throw new Error(`the version rose by ${risen}`)
  if (said.origin.sessionId !== '42') throw new Error('another session id')
}

function checkAgreement({ agreed }: SdpSession, said: SessionDescription | null): void {
  if (agreed === null || said === null) return
  const ours = said.media.find((media) => media.port !== 0)
  if (ours === undefined) return
  for (const { codec, receive } of agreed.formats) {
    const format = ours.formats.find((each) => each.payloadType === receive)
    if (agreed.rtp !== null && (format === undefined || codecOf(format) !== codec))
      throw new Error(`${receive} is not ${codec}`)
  }
  if (new Set(agreed.formats.map((each) => each.codec)).size !== agreed.formats.length) throw new Error('a codec twice')
}

/** Text that is nearly SDP, so that the checks deep inside are reached. */
const phones = [baresip, linphone, sipp, yealink, cisco, chrome, roomSystem]
const mutated: fc.Arbitrary<Uint8Array> = fc
  .record({
    body: fc.constantFrom(...phones),
    at: fc.nat(),
    cut: fc.nat({ max: 8 }),
    insert: fc.oneof(
      fc.string(),
      fc.constantFrom('\r\n', '\0', 'm=', '__proto__', '99999999999', ' ', '\t', '\xa0', '/'),
    ),
  })
  .map(({ body, at, cut, insert }) => {
    const from = at % body.length
    return bytes(body.slice(0, from) + insert + body.slice(from + cut))
  })

t.test('no bytes throw', async () => {
  const anything = fc.oneof(fc.uint8Array({ maxLength: 2000 }), mutated)
  fc.assert(
    fc.property(anything, fc.string(), (body, contentType) => {
      findSdp(contentType, body)
      findSdp('multipart/mixed;boundary=a', body)
      const read = parseDescription(body)
      if (read.kind === 'description') receiveOffer(newSession(1, 'plain'), read)
    }),
    { numRuns: 2000 },
  )
})

t.test('no bytes take long: the longest bodies of every kind, answered', async (t) => {
  const room = 32_768 - lines(...head(), 'm=audio 4000 RTP/AVP 0').length
  const fill = (unit: string) => unit.repeat(Math.floor(room / unit.length))
  const units = [
    'a=rtpmap:96 a/8000\r\n',
    'a=fmtp:0 x\r\n',
    'a=fmtp:0  \r\n',
    'a=sendrecv\r\n',
    'a=rtcp:1\r\n',
    'a=x\r\n',
    'i=\r\n',
    '\r\n',
    '\n',
    ' ',
    '\0',
    'a=rtpmap:',
    'a=fmtp:0 ',
    '0 ',
    '-',
    '1.',
    '/',
  ]
  for (const unit of units) {
    for (const line of ['m=audio 4000 RTP/AVP 0\r\n', 'm=audio 4000 RTP/AVP 0 ', 'o=', 'c=IN IP4 ', 'a=']) {
      const body = bytes(lines(...head()) + line + fill(unit))
      const took = cpuTime(() => {
        const read = parseDescription(body)
        if (read.kind === 'description') receiveOffer(newSession(1, 'plain'), read)
      })
      if (took > 50) t.fail(`${line.trim()} with ${JSON.stringify(unit)} took ${took} ms`)
    }
  }
})
