import { MessageChannel } from 'node:worker_threads'
import { createHandshakes } from '../../../src/webrtc/dtls/localHandshakes.ts'
import { handshakesOver } from '../../../src/webrtc/dtls/thread/handshakesOver.ts'
import { serveHandshakes } from '../../../src/webrtc/dtls/thread/serveHandshakes.ts'
import { handshakesContract } from '../../contracts/handshakes.ts'

handshakesContract('handshakes in this thread', async () => {
  const handshakes = await createHandshakes()
  return { handshakes, end: () => handshakes.close() }
})

handshakesContract('handshakes over a port', async () => {
  const local = await createHandshakes()
  const { port1, port2 } = new MessageChannel()
  serveHandshakes(port1, local)
  return { handshakes: handshakesOver(port2, local.fingerprint), end: () => port2.close() }
})

handshakesContract('handshakes over a port to another port', async () => {
  const local = await createHandshakes()
  const [near, far] = [new MessageChannel(), new MessageChannel()]
  serveHandshakes(far.port1, local)
  serveHandshakes(near.port1, handshakesOver(far.port2, local.fingerprint))
  return {
    handshakes: handshakesOver(near.port2, local.fingerprint),
    end: () => {
      near.port2.close()
      far.port2.close()
    },
  }
})
