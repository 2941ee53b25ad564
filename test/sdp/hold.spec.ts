import t from 'tap'
import type { Direction } from '../../src/sdp/description.ts'
import { describe } from './describe.ts'
import { Leg, plainWish } from './leg.ts'

const audio = 'm=audio 4000 RTP/AVP 0 101'
const dtmf = 'a=rtpmap:101 telephone-event/8000'
const talking = [audio, dtmf]
const directions: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive']

/** Two legs that talk: the peer of `a` called the peer of `b`. */
function call(): { a: Leg; b: Leg } {
  const [a, b] = [new Leg(1), new Leg(2)]
  b.offers(a.hears(talking))
  a.answers(b.getsAnswer(talking).answer)
  return { a, b }
}

t.test('RFC 3264 §6.1: every offer with every answer', async (t) => {
  const legal: Record<Direction, readonly Direction[]> = {
    sendrecv: directions,
    sendonly: ['recvonly', 'inactive'],
    recvonly: ['sendonly', 'inactive'],
    inactive: ['inactive'],
  }
  for (const offered of directions) {
    for (const accepted of directions) {
      const leg = new Leg(1)
      leg.hears([audio, dtmf, `a=${offered}`])
      const { description, agreed } = leg.answers({ ...plainWish, direction: accepted })
      const said = description.media[0]?.direction ?? 'none'
      t.ok(
        legal[offered].some((each) => each === said),
        `${offered} accepted as ${accepted}: ${said}`,
      )
      t.equal(agreed?.sends, said === 'sendrecv' || said === 'sendonly')
      t.equal(agreed?.receives, said === 'sendrecv' || said === 'recvonly')
      if (legal[offered].includes(accepted)) t.equal(said, accepted, 'what is legal is carried over as it is')
    }
  }
})

t.test('an answer is narrowed to what we offered', async (t) => {
  const cases: readonly (readonly [
    ours: Direction,
    theirs: Direction,
    crosses: Direction,
    sends: boolean,
    receives: boolean,
  ])[] = [
    ['sendrecv', 'sendrecv', 'sendrecv', true, true],
    ['sendrecv', 'sendonly', 'sendonly', false, true],
    ['sendonly', 'recvonly', 'recvonly', true, false],
    ['sendonly', 'sendrecv', 'recvonly', true, false],
    ['sendonly', 'sendonly', 'inactive', false, false],
    ['recvonly', 'sendrecv', 'sendonly', false, true],
    ['inactive', 'sendrecv', 'inactive', false, false],
  ]
  for (const [ours, theirs, crosses, sends, receives] of cases) {
    const leg = new Leg(1)
    leg.offers({ ...plainWish, direction: ours })
    const { answer, agreed } = leg.getsAnswer([audio, dtmf, `a=${theirs}`])
    t.same([answer.direction, agreed.sends, agreed.receives], [crosses, sends, receives], `${ours} answered ${theirs}`)
  }
})

t.test('hold and resume, in every form phones use', async (t) => {
  const forms: readonly (readonly [form: string, hold: readonly string[], crosses: Direction, answer: string])[] = [
    ['a=sendonly', [audio, dtmf, 'a=sendonly'], 'sendonly', 'audio 20002 RTP/AVP 0 101 recvonly'],
    ['a=inactive', [audio, dtmf, 'a=inactive'], 'inactive', 'audio 20002 RTP/AVP 0 101 inactive'],
    ['c=0.0.0.0', [audio, 'c=IN IP4 0.0.0.0', dtmf], 'sendonly', 'audio 20002 RTP/AVP 0 101 recvonly'],
    [
      'c=0.0.0.0 a=sendrecv',
      [audio, 'c=IN IP4 0.0.0.0', dtmf, 'a=sendrecv'],
      'sendonly',
      'audio 20002 RTP/AVP 0 101 recvonly',
    ],
    [
      'c=0.0.0.0 a=sendonly',
      [audio, 'c=IN IP4 0.0.0.0', dtmf, 'a=sendonly'],
      'sendonly',
      'audio 20002 RTP/AVP 0 101 recvonly',
    ],
    [
      'c=0.0.0.0 a=recvonly',
      [audio, 'c=IN IP4 0.0.0.0', dtmf, 'a=recvonly'],
      'inactive',
      'audio 20002 RTP/AVP 0 101 inactive',
    ],
    [
      'c=0.0.0.0 a=inactive',
      [audio, 'c=IN IP4 0.0.0.0', dtmf, 'a=inactive'],
      'inactive',
      'audio 20002 RTP/AVP 0 101 inactive',
    ],
    ['c=::', [audio, 'c=IN IP6 ::', dtmf], 'sendonly', 'audio 20002 RTP/AVP 0 101 recvonly'],
    ['c=0:0:0:0:0:0:0:0', [audio, 'c=IN IP6 0:0:0:0:0:0:0:0', dtmf], 'sendonly', 'audio 20002 RTP/AVP 0 101 recvonly'],
    ['port 0', ['m=audio 0 RTP/AVP 0 101', dtmf], 'inactive', 'audio 0 RTP/AVP 0'],
    ['port 0 a=sendonly', ['m=audio 0 RTP/AVP 0', 'a=sendonly'], 'inactive', 'audio 0 RTP/AVP 0'],
  ]
  for (const [form, hold, crosses, expected] of forms) {
    const { a, b } = call()
    const wish = a.hears(hold)
    t.equal(wish.direction, crosses, form)
    t.same(b.offers(wish).media, [`audio 20004 RTP/AVP 0 101 ${crosses}`], `${form}: the other phone is told`)
    const counterpart = crosses === 'sendonly' ? 'recvonly' : 'inactive'
    const { answer, agreed } = b.getsAnswer([...talking, `a=${counterpart}`])
    t.same([agreed.sends, agreed.receives], [crosses === 'sendonly', false])

    const held = a.answers(answer)
    t.same([held.media, held.version], [[expected], '2'], `${form}: the holder gets its answer`)
    t.same([held.agreed?.sends, held.agreed?.receives], [false, crosses === 'sendonly'])
    t.same(
      held.agreed?.formats.map((format) => format.receive),
      [0, 101],
      'the codecs stay',
    )

    const resumed = a.hears(talking)
    t.equal(resumed.direction, 'sendrecv')
    t.same(b.offers(resumed).media, ['audio 20004 RTP/AVP 0 101 sendrecv'])
    const back = a.answers(b.getsAnswer(talking).answer)
    t.same([back.media, back.version], [['audio 20002 RTP/AVP 0 101 sendrecv'], '3'], `${form}: resumed`)
    t.same([back.agreed?.sends, back.agreed?.receives, back.agreed?.rtp?.port], [true, true, 4000])
  }
})

t.test('resumed by a re-INVITE without SDP: our offer does not repeat the hold', async (t) => {
  const { a, b } = call()
  b.offers(a.hears([...talking, 'a=sendonly']))
  a.answers(b.getsAnswer([...talking, 'a=recvonly']).answer)
  t.same(a.offersAgain().media, ['audio 20002 RTP/AVP 0 101 sendrecv'])
  const { answer, agreed } = a.getsAnswer(talking)
  t.same([answer.direction, agreed.sends, agreed.receives], ['sendrecv', true, true])
  t.same(b.offers(answer).media, ['audio 20004 RTP/AVP 0 101 sendrecv'])
})

t.test('a re-INVITE without SDP while the other side holds: our offer says so', async (t) => {
  const { a, b } = call()
  a.offers(b.hears([...talking, 'a=sendonly']))
  b.answers(a.getsAnswer([...talking, 'a=recvonly']).answer)
  t.same(a.offersAgain().media, ['audio 20002 RTP/AVP 0 101 sendonly'])
  t.same(b.offersAgain().media, ['audio 20004 RTP/AVP 0 101 sendrecv'], 'toward the holder nothing is held')
})

t.test('both hold; one resumes; then the other', async (t) => {
  const { a, b } = call()
  b.offers(a.hears([...talking, 'a=sendonly']))
  a.answers(b.getsAnswer([...talking, 'a=recvonly']).answer)
  t.same(a.offers(b.hears([...talking, 'a=inactive'])).media, ['audio 20002 RTP/AVP 0 101 inactive'])
  b.answers(a.getsAnswer([...talking, 'a=inactive']).answer)

  t.same(b.offers(a.hears(talking)).media, ['audio 20004 RTP/AVP 0 101 sendrecv'], 'A resumes, B does not')
  const stillHeld = a.answers(b.getsAnswer([...talking, 'a=inactive']).answer)
  t.same(stillHeld.media, ['audio 20002 RTP/AVP 0 101 inactive'])

  t.same(a.offers(b.hears(talking)).media, ['audio 20002 RTP/AVP 0 101 sendrecv'])
  t.same(b.answers(a.getsAnswer(talking).answer).media, ['audio 20004 RTP/AVP 0 101 sendrecv'])
})

t.test('a hold answered by port 0 holds, too', async (t) => {
  const { a, b } = call()
  b.offers(a.hears([...talking, 'a=sendonly']))
  const { answer, agreed } = b.getsAnswer(['m=audio 0 RTP/AVP 0'])
  t.same([agreed.rtp, agreed.sends, agreed.receives, agreed.formats.length], [null, false, false, 2])
  t.same(a.answers(answer).media, ['audio 20002 RTP/AVP 0 101 inactive'])
  t.same(b.offers(a.hears(talking)).media, ['audio 20004 RTP/AVP 0 101 sendrecv'])
})

t.test('c=0.0.0.0 in a first offer or an answer: the address is still to come', async (t) => {
  const [a, b] = [new Leg(1), new Leg(2)]
  t.equal(a.hears(describe([audio, dtmf], '0.0.0.0')).direction, 'sendonly')
  const { agreed } = a.answers(plainWish)
  t.same([agreed?.rtp, agreed?.sends, agreed?.receives], [null, false, true])
  b.offers(plainWish)
  const answered = b.getsAnswer(describe([audio, dtmf], '0.0.0.0'))
  t.same([answered.answer.direction, answered.agreed.rtp, answered.agreed.sends], ['sendonly', null, false])
})
