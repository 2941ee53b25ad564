import type { MessagePort } from 'node:worker_threads'
import type { Millis } from '../../platform/clock.ts'
import type {
  Fingerprint,
  LegId,
  LegSpec,
  LegStats,
  LinkId,
  LocalMedia,
  MediaError,
  MediaEvent,
  PlaybackId,
  RecordingId,
  RecordSpec,
  RemoteMedia,
  RoomId,
  Sound,
} from '../engine.ts'
import type { LatenessCells } from '../lateness.ts'
import type { WakeCell } from './moderation.ts'

// What crosses the port between the signalling thread and a media thread: each message is a list, of commands in the one
// direction, of replies and events in the other. `request` numbers are made by the signalling thread.

/** What a media thread is born with. */
export interface ThreadData {
  /** The memory of the port pool, and who this thread is in it. */
  readonly ports: SharedArrayBuffer
  readonly owner: number
  /** The memory of the pool of WebRTC's ports. */
  readonly webrtcPorts: SharedArrayBuffer
  /** How many pairs of sockets it may keep bound. */
  readonly keptPairs: number
  /** By which it is woken when there is a command for it. */
  readonly wakeCell: WakeCell
  /** Where it counts how late its turns come. */
  readonly late: LatenessCells
  readonly ownAddresses: readonly string[]
}

export type Command =
  | { readonly type: 'open'; readonly request: number; readonly legs: readonly LegSpec[] }
  | { readonly type: 'update'; readonly leg: LegId; readonly remote: RemoteMedia }
  | { readonly type: 'link'; readonly id: LinkId; readonly a: LegId; readonly b: LegId }
  /** The thread's half of a link to a leg of another, at the other end of `port`. */
  | { readonly type: 'linkFar'; readonly id: LinkId; readonly leg: LegId; readonly port: MessagePort }
  /** Handshakes of legs of WebRTC are made at the other end of `port`; comes before the first of them. */
  | { readonly type: 'handshakes'; readonly port: MessagePort; readonly fingerprint: Fingerprint }
  | { readonly type: 'follow'; readonly ownAddresses: readonly string[] }
  | { readonly type: 'unlink'; readonly id: LinkId }
  | { readonly type: 'play'; readonly id: PlaybackId; readonly leg: LegId; readonly sound: Sound }
  | { readonly type: 'stop'; readonly id: PlaybackId }
  | { readonly type: 'record'; readonly id: RecordingId; readonly of: LegId | LinkId; readonly spec: RecordSpec }
  | { readonly type: 'mix'; readonly room: RoomId; readonly leg: LegId }
  | { readonly type: 'unmix'; readonly leg: LegId }
  | { readonly type: 'keys'; readonly leg: LegId; readonly digits: string; readonly duration?: Millis }
  | { readonly type: 'end' }
  | { readonly type: 'stats' | 'close'; readonly request: number; readonly leg: LegId }

export type Reply =
  /** The thread has come up. */
  | { readonly type: 'ready' }
  | { readonly type: 'opened'; readonly request: number; readonly media: readonly LocalMedia[] }
  | { readonly type: 'refused'; readonly request: number; readonly code: MediaError['code']; readonly message: string }
  | { readonly type: 'stats'; readonly request: number; readonly stats: LegStats | null }
  | { readonly type: 'event'; readonly event: MediaEvent }
