import type { SrtpKeys } from '../../../rtp/srtp/srtpKeys.ts'
import type { DtlsPeer } from '../handshakes.ts'

// What crosses the port between who needs handshakes and who makes them. `id`s are made by the former, one a handshake.

export type Command =
  | { readonly type: 'begin'; readonly id: number; readonly peer: DtlsPeer }
  | { readonly type: 'take'; readonly id: number; readonly datagram: Uint8Array }
  | { readonly type: 'close'; readonly id: number }

export type Told =
  | { readonly type: 'send'; readonly id: number; readonly datagram: Uint8Array }
  | { readonly type: 'done'; readonly id: number; readonly keys: SrtpKeys }
  | { readonly type: 'failed'; readonly id: number; readonly reason: string }
  /** The peer has closed the connection. */
  | { readonly type: 'closed'; readonly id: number }
  /** A `close` has been obeyed: nothing more comes. */
  | { readonly type: 'gone'; readonly id: number }
