import t from 'tap'
import { Leg, plainWish } from './leg.ts'

const plain = ['m=audio 4000 RTP/AVP 0 101', 'a=rtpmap:101 telephone-event/8000']
const muxed = [...plain, 'a=rtcp-mux']

/** Answers the offer; what the answer says of RTCP, and what was agreed. */
function answers(leg: Leg, offer: readonly string[]) {
  leg.hears(offer)
  return leg.answers(plainWish)
}

t.test('one port for RTP and RTCP where the peer offers it, and only there (RFC 5761 §5.1.1)', async (t) => {
  const answer = answers(new Leg(1), muxed)
  t.match(answer.text, /\r\na=rtcp-mux\r\n/)
  t.equal(answer.description.media[0]?.rtcpMux, true)
  t.match(answer.agreed, { rtcpMux: true, rtp: { port: 4000 } })
  const other = answers(new Leg(1), plain)
  t.notMatch(other.text, /rtcp-mux/)
  t.match(other.agreed, { rtcpMux: false, rtcp: { port: 4001 } })
})

t.test('we do not offer it', async (t) => {
  const leg = new Leg(1)
  t.notMatch(leg.offers(plainWish).text, /rtcp-mux/)
  t.equal(leg.getsAnswer(muxed).agreed.rtcpMux, false, 'an answer cannot bring in what was not offered')
})

t.test('nor does it cross to the other leg', async (t) => {
  const [a, b] = [new Leg(1), new Leg(2)]
  const offer = b.offers(a.hears(muxed))
  t.notMatch(offer.text, /rtcp-mux/)
  const answer = a.answers(b.getsAnswer(plain).answer)
  t.equal(answer.agreed?.rtcpMux, true)
})

t.test('a peer that shares its port keeps it through our re-offers, until it says otherwise', async (t) => {
  const leg = new Leg(1)
  answers(leg, muxed)
  t.match(leg.offersAgain().text, /a=rtcp-mux/)
  t.equal(leg.getsAnswer(muxed).agreed.rtcpMux, true)
  t.match(leg.offersAgain().text, /a=rtcp-mux/)
  t.equal(leg.getsAnswer(plain).agreed.rtcpMux, false)
  t.notMatch(leg.offersAgain().text, /rtcp-mux/)
})

t.test('a hold by port 0 leaves it as it was', async (t) => {
  const leg = new Leg(1)
  answers(leg, muxed)
  leg.hears(['m=audio 0 RTP/AVP 0'])
  t.equal(leg.answers(plainWish).agreed?.rtcpMux, true)
  t.match(leg.offersAgain().text, /a=rtcp-mux/)
})
