/** A direction attribute of SDP (RFC 3264 §5.1), as its writer sees it. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

/** The direction of the audio in a session description; `sendrecv` if it does not say. */
export function directionOf(sdp: string): Direction {
  const [session = '', ...media] = sdp.split(/^(?=m=)/m)
  const audio = media.find((section) => section.startsWith('m=audio')) ?? ''
  return attribute(audio) ?? attribute(session) ?? 'sendrecv'
}

function attribute(section: string): Direction | null {
  switch (/^a=(sendrecv|sendonly|recvonly|inactive)\s*$/m.exec(section)?.[1]) {
    case 'sendrecv':
      return 'sendrecv'
    case 'sendonly':
      return 'sendonly'
    case 'recvonly':
      return 'recvonly'
    case 'inactive':
      return 'inactive'
    default:
      return null
  }
}

/**
 * Whether the other side holds the call, after an offer and its answer. An answer to an offer that sent nothing cannot
 * tell: then it is as it was `before`.
 */
export function heldByPeer(before: boolean, remote: { type: 'offer' | 'answer'; sdp: string }, local: string): boolean {
  if (remote.type === 'answer' && !sends(directionOf(local))) return before
  const direction = directionOf(remote.sdp)
  return direction === 'sendonly' || direction === 'inactive'
}

function sends(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'sendonly'
}
