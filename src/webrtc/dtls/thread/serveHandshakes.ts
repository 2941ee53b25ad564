import type { MessagePort } from 'node:worker_threads'
import type { Handshake, Handshakes } from '../handshakes.ts'
import type { Command, Told } from './protocol.ts'

/** Makes handshakes for whoever has the other end of `port` (`handshakesOver`); when that is gone, they are closed. */
export function serveHandshakes(port: MessagePort, handshakes: Handshakes): void {
  const open = new Map<number, Handshake>()
  const connected = new Set<number>()
  /** Closed, but the close_notify is still to come: these handshakes may be made at the other end of a port themselves. */
  const closing = new Set<number>()
  const tell = (told: Told) => port.postMessage(told)
  const end = (told: Told) => {
    open.delete(told.id)
    connected.delete(told.id)
    tell(told)
  }
  const close = (id: number) => {
    const handshake = open.get(id)
    if (!handshake || !connected.has(id)) {
      handshake?.close()
      return end({ type: 'gone', id })
    }
    closing.add(id)
    handshake.close()
  }

  const obey = (command: Command): void => {
    const { id } = command
    switch (command.type) {
      case 'begin': {
        const handshake = handshakes.begin(command.peer, {
          send: (datagram) => {
            tell({ type: 'send', id, datagram: Uint8Array.from(datagram) })
            if (closing.delete(id)) end({ type: 'gone', id })
          },
          done: (keys) => {
            connected.add(id)
            tell({ type: 'done', id, keys })
          },
          failed: (reason) => end({ type: 'failed', id, reason }),
          closed: () => end({ type: 'closed', id }),
        })
        open.set(id, handshake)
        return
      }
      case 'take':
        return open.get(id)?.take(command.datagram)
      case 'close':
        return close(id)
      default:
        command satisfies never
    }
  }

  port.on('message', obey)
  port.once('close', () => {
    for (const handshake of open.values()) handshake.close()
    open.clear()
  })
}
