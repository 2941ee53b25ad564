import { MessageChannel } from 'node:worker_threads'
import t from 'tap'
import { createHandshakes } from '../../../src/webrtc/dtls/localHandshakes.ts'
import { handshakesOver, MAX_DATAGRAMS } from '../../../src/webrtc/dtls/thread/handshakesOver.ts'
import { serveHandshakes } from '../../../src/webrtc/dtls/thread/serveHandshakes.ts'
import { couple, hears, talker } from '../../contracts/handshakes.ts'

const gone = 'the thread of the DTLS handshakes has ended'

t.test('behind a port that is closed all have failed, at either end', async (t) => {
  const local = await createHandshakes()
  const others = await createHandshakes()
  const { port1, port2 } = new MessageChannel()
  serveHandshakes(port1, local)
  const over = handshakesOver(port2, local.fingerprint)
  const { a, b } = couple(over, others, 'server')
  await Promise.all([hears(a, 'done'), hears(b, 'done')])
  const waiting = talker(over, { role: 'server', fingerprints: [others.fingerprint] })
  port1.close()
  await hears(waiting, gone)
  const late = talker(over, { role: 'server', fingerprints: [others.fingerprint] })
  t.strictSame(late.told, [], 'not before begin has returned')
  await hears(late, gone)
  a.handshake.close()
  b.handshake.close()
})

t.test('a flood does not wait in the port', async (t) => {
  const { port1, port2 } = new MessageChannel()
  let posted = 0
  const counted = new Promise<void>((resolve) => {
    port1.on('message', ({ type }: { type: string }) => {
      if (type === 'take') posted++
      if (type === 'close') resolve()
    })
  })
  const over = handshakesOver(port2, { algorithm: 'sha-256', value: '' })
  const { handshake } = talker(over, { role: 'server', fingerprints: [] })
  for (let count = 0; count < 3 * MAX_DATAGRAMS; count++) handshake.take(new Uint8Array(20))
  handshake.close()
  await counted
  t.equal(posted, MAX_DATAGRAMS)
  port2.close()
})
