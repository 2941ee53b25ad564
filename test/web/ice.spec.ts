import t from 'tap'
import { NO_ICE_SERVERS, readIceServers } from '../../web/src/api/iceServers.ts'

t.test('the servers that the server names', async (t) => {
  const turn = {
    urls: ['turn:a:3478?transport=udp', 'turn:a:3478?transport=tcp'],
    username: '1700000000:101',
    credential: 'x',
  }
  t.same(readIceServers({ iceServers: [{ urls: ['stun:a:5061'] }, turn], ttl: 3600 }), {
    servers: [{ urls: ['stun:a:5061'] }, turn],
    ttl: 3600,
  })
  t.same(readIceServers({ iceServers: [{ urls: 'stun:a' }] }), {
    servers: [{ urls: ['stun:a'] }],
    ttl: NO_ICE_SERVERS.ttl,
  })
})

t.test('what is none is left out', async (t) => {
  for (const value of [null, [], 'stun:a', {}, { iceServers: {} }]) t.same(readIceServers(value), NO_ICE_SERVERS)
  t.same(readIceServers({ iceServers: [null, {}, { urls: [7] }, { urls: 'stun:a', username: 'u' }], ttl: -1 }), {
    servers: [{ urls: ['stun:a'] }],
    ttl: NO_ICE_SERVERS.ttl,
  })
})
