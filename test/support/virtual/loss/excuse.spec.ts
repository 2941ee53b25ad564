import t from 'tap'
import { requestOf, responseTo } from '../rfcPhone/messages.ts'
import { excuse } from './excuse.ts'
import type { Sent } from './trace.ts'

const SERVER = '10.0.0.1'
const PHONE = '10.0.0.12'
const AT = [0, 500, 1500, 3500]

const invite = requestOf({
  ...{ method: 'INVITE', target: `sip:102@${PHONE}`, via: `SIP/2.0/UDP ${SERVER}:5060;branch=z9hG4bK1` },
  ...{ from: '<sip:101@x>;tag=a', to: '<sip:102@x>', callId: 'c', cSeq: 1 },
})
const trying = responseTo(invite, 100, { toTag: 'b' })
const busy = responseTo(invite, 486, { toTag: 'b' })

/** The server's INVITE, and the phone's answer to each that arrives; `lost`: which way loses all. */
function ringing(lost: 'both' | 'answers' | 'neither', times = AT): Sent[] {
  return times.flatMap((at): Sent[] => {
    const asked = { at, from: SERVER, to: PHONE, message: invite, arrivals: lost === 'both' ? [] : [at + 10] }
    const arrivals = lost === 'neither' ? [at + 20] : []
    const answer = { at: at + 10, from: PHONE, to: SERVER, message: trying, arrivals }
    return lost === 'both' ? [asked] : [asked, answer]
  })
}

t.test('a phone that four INVITEs did not reach, or none of whose answers came back, is excused', async (t) => {
  t.match(excuse(ringing('both'), SERVER), /^INVITE 10\.0\.0\.1 → 10\.0\.0\.12 was sent 4 times/)
  t.match(excuse(ringing('answers'), SERVER), /no answer came through/)
})

t.test('what came through, was tried too seldom, or was not answered is not', async (t) => {
  t.equal(excuse(ringing('neither'), SERVER), null)
  t.equal(excuse(ringing('both', AT.slice(1)), SERVER), null)
  const dumb = ringing('answers').filter(({ from }) => from === SERVER)
  t.equal(excuse(dumb, SERVER), null, 'the phone heard it and said nothing: its bug, or ours')
  t.equal(excuse(ringing('both'), PHONE), null, 'who is no server goes on for 32 s')
})

t.test('an answer that comes only after 5 s excuses, one that comes just before does not', async (t) => {
  const late = ringing('answers')
  const arriving = (at: number): Sent[] => late.map((one, n) => (n === 7 ? { ...one, arrivals: [at] } : one))
  t.equal(excuse(arriving(4_990), SERVER), null)
  t.ok(excuse(arriving(5_100), SERVER))
})

t.test('a refusal that is never acknowledged, though said eleven times', async (t) => {
  const times = [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]
  const refusals = times.map((at): Sent => ({ at, from: PHONE, to: SERVER, message: busy, arrivals: [] }))
  t.match(excuse(refusals, SERVER), /no ACK came through/)
  t.equal(excuse(refusals.slice(1), SERVER), null)
  const heard = refusals.map((one) => ({ ...one, arrivals: [one.at + 10] }))
  t.equal(excuse(heard, SERVER), null, 'heard, and not acknowledged')
})
