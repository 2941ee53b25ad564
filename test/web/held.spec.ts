import t from 'tap'
import { directionOf, heldByPeer } from '../../web/src/phone/held.ts'

const sdp = (audio: string, session = ''): string =>
  ['v=0', 's=-', 't=0 0', session, 'm=audio 4000 RTP/AVP 0', audio, 'm=video 0 RTP/AVP 96', 'a=inactive', '']
    .filter((line, i, all) => line !== '' || i === all.length - 1)
    .join('\r\n')

t.test('the direction of the audio', async (t) => {
  t.equal(directionOf(sdp('a=sendonly')), 'sendonly')
  t.equal(directionOf(sdp('', 'a=recvonly')), 'recvonly', 'of the session, where the m-line says nothing')
  t.equal(directionOf(sdp('a=sendrecv', 'a=inactive')), 'sendrecv')
  t.equal(directionOf(sdp('')), 'sendrecv')
})

t.test('the other side holds, and takes off hold', async (t) => {
  const offer = (direction: string) => ({ type: 'offer' as const, sdp: sdp(`a=${direction}`) })
  t.equal(heldByPeer(false, offer('sendonly'), sdp('a=recvonly')), true)
  t.equal(heldByPeer(false, offer('inactive'), sdp('a=inactive')), true)
  t.equal(heldByPeer(true, offer('sendrecv'), sdp('a=sendrecv')), false)
})

t.test('an answer tells only if the offer sent something', async (t) => {
  const answer = (direction: string) => ({ type: 'answer' as const, sdp: sdp(`a=${direction}`) })
  t.equal(heldByPeer(false, answer('recvonly'), sdp('a=sendonly')), false, 'I hold, they do not')
  t.equal(heldByPeer(false, answer('inactive'), sdp('a=sendonly')), true, 'both hold')
  t.equal(heldByPeer(true, answer('inactive'), sdp('a=inactive')), true)
  t.equal(heldByPeer(false, answer('inactive'), sdp('a=inactive')), false)
  t.equal(heldByPeer(true, answer('sendonly'), sdp('a=recvonly')), true)
})
