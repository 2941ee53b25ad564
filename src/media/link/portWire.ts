import type { MessagePort } from 'node:worker_threads'
import type { Clock } from '../../platform/clock.ts'
import { Batch } from '../thread/batch.ts'
import type { Wire, WireMessage } from './wire.ts'

/** A wire over a port to another thread: what is sent in one turn of the event loop is one message. */
export function portWire(port: MessagePort, clock: Clock): Wire {
  const batch = new Batch<WireMessage>(clock, (messages) => port.postMessage(messages))
  return {
    send: (message) => batch.add(message),
    listen(take, closed) {
      port.on('message', (messages: readonly WireMessage[]) => {
        for (const message of messages) take(message)
      })
      port.once('close', closed)
    },
    close: () => port.close(),
  }
}
