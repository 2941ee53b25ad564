import { Web } from 'sip.js'
import { type Sample, type StatsEntry, sampleOf } from '../quality/sample.ts'
import { heldByPeer } from './held.ts'
import type { Sound } from './state.ts'

export interface SoundEvents {
  sound(sound: Sound): void
  heldByPeer(on: boolean): void
  /** The other side's sound is there. */
  heard(): void
  /** ICE has given the path up. */
  failed(): void
}

/** The sound of one call: a peer connection that SIP.js negotiates. */
export interface CallSound {
  readonly remote: MediaStream
  readonly local: MediaStream
  /** Sends the microphone or silence. */
  send(on: boolean): void
  /** Sends another microphone from now on; the one before is stopped. */
  replace(microphone: MediaStream): Promise<void>
  /** Sends a key as RFC 4733 says; false if that was not agreed. */
  key(key: string): boolean
  sample(at: number): Promise<Sample>
  /** What the browser reports, as in the W3C's webrtc-stats. */
  stats(): Promise<readonly StatsEntry[]>
}

/** How long a key sounds and the pause behind it, ms: long enough for any gateway. */
const KEY = 120
const PAUSE = 70

/** Watches over the peer connection of `handler` and tells what becomes of it; null if it has none. */
export function callSound(handler: unknown, events: SoundEvents): CallSound | null {
  if (!(handler instanceof Web.SessionDescriptionHandler) || !handler.peerConnection) return null
  const connection = handler.peerConnection
  const { localMediaStream: local, remoteMediaStream: remote } = handler
  watchPath(connection, events)
  watchHold(connection, events)
  connection.addEventListener('track', () => events.heard())
  return {
    local,
    remote,
    send: (on) => {
      for (const track of local.getAudioTracks()) track.enabled = on
    },
    replace: (microphone) => replace(connection, local, microphone),
    key: (key) => pressKey(connection, key),
    sample: async (at) => sampleOf(await reportsOf(connection), at),
    stats: () => reportsOf(connection),
  }
}

function watchPath(connection: RTCPeerConnection, events: SoundEvents): void {
  connection.addEventListener('connectionstatechange', () => {
    switch (connection.connectionState) {
      case 'connected':
        return events.sound('flowing')
      case 'disconnected':
        return events.sound('broken')
      case 'failed':
        events.sound('broken')
        return events.failed()
    }
  })
}

function watchHold(connection: RTCPeerConnection, events: SoundEvents): void {
  let held = false
  connection.addEventListener('signalingstatechange', () => {
    const { signalingState, remoteDescription: remote, localDescription: local } = connection
    if (signalingState !== 'stable' || !remote || !local) return
    const type = remote.type === 'offer' ? 'offer' : 'answer'
    const now = heldByPeer(held, { type, sdp: remote.sdp }, local.sdp)
    if (now === held) return
    held = now
    events.heldByPeer(now)
  })
}

async function replace(connection: RTCPeerConnection, local: MediaStream, microphone: MediaStream): Promise<void> {
  const [next] = microphone.getAudioTracks()
  const sender = connection.getSenders().find(({ track }) => track?.kind === 'audio')
  if (!next || !sender) return
  const before = sender.track
  next.enabled = before?.enabled ?? true
  await sender.replaceTrack(next)
  local.addTrack(next)
  if (!before) return
  local.removeTrack(before)
  before.stop()
}

/** Keys that are pressed faster than they sound are put behind those that wait. */
function pressKey(connection: RTCPeerConnection, key: string): boolean {
  const dtmf = connection.getSenders().find((sender) => sender.dtmf)?.dtmf
  if (!dtmf?.canInsertDTMF) return false
  try {
    dtmf.insertDTMF(dtmf.toneBuffer + key, KEY, PAUSE)
    return true
  } catch {
    return false
  }
}

async function reportsOf(connection: RTCPeerConnection): Promise<readonly StatsEntry[]> {
  const reports: StatsEntry[] = []
  const report = await connection.getStats()
  report.forEach((one: StatsEntry) => void reports.push(one))
  return reports
}
