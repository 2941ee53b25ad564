import type { Socket } from 'node:dgram'
import { callees } from './callees.ts'
import { callers } from './callers.ts'
import { user } from './loadProcess.ts'
import { bound } from './phoneSocket.ts'
import type { SdpCodec } from './sipText.ts'

/** One phone's media in one call. */
export interface Side {
  readonly socket: Socket
  /** The server's RTP port for it; 0: the call is not up yet. */
  relay: number
}

/** So many sides, each with a socket that `receive` gets all packets of. */
export function sides(count: number, receive: (packet: Buffer, index: number) => void): Promise<Side[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const socket = await bound()
      socket.on('message', (packet) => receive(packet, index))
      return { socket, relay: 0 }
    }),
  )
}

/** The ports of a bare floor, which needs no set-up. */
export function connectBare(relays: readonly (readonly [number, number])[], left: Side[], right: Side[]): void {
  for (const [i, [a, b]] of relays.entries()) {
    const [caller, callee] = [left[i], right[i]]
    if (!caller || !callee) return
    caller.relay = a
    callee.relay = b
  }
}

/**
 * Calls from `left`, whose SDP has `codecs[0]` alone, to `right` with `codecs[1]`, one after the other: the n-th to the n-th,
 * for an INVITE is answered before the next is sent.
 */
export async function connectBySip(
  server: number,
  left: Side[],
  right: Side[],
  codecs: readonly [SdpCodec, SdpCodec],
): Promise<void> {
  const waiting = right.values()
  const media = (serverPort: number) => {
    const { value } = waiting.next()
    if (!value) throw new Error('more calls came than were placed')
    value.relay = serverPort
    return value.socket.address().port
  }
  await callees(server, [user(1)], media, codecs[1])
  const { place } = await callers(server)
  for (const caller of left) {
    await new Promise<void>((up) =>
      place({
        who: user(0),
        to: user(1).user,
        rtpPort: caller.socket.address().port,
        codec: codecs[0],
        answered(_time, serverPort) {
          caller.relay = serverPort
          up()
        },
        ended() {},
      }),
    )
  }
}
