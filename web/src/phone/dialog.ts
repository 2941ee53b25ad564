import { type Cancel, Invitation, Inviter, type Session, SessionState } from 'sip.js'
import { causesOf } from './reason.ts'
import type { Peer } from './state.ts'

/** Ends `session` in the way of the state that it is in; what cannot be sent any more is not missed. */
export function hangUp(session: Session): void {
  sendEnd(session)?.catch(() => {})
}

function sendEnd(session: Session): Promise<unknown> | undefined {
  switch (session.state) {
    case SessionState.Initial:
    case SessionState.Establishing:
      if (session instanceof Inviter) return session.cancel()
      // RFC 3261 §21.6.2: this person does not want to, and not this phone alone.
      return session instanceof Invitation ? session.reject({ statusCode: 603 }) : undefined
    case SessionState.Established:
      return session.bye()
    default:
      return undefined
  }
}

/** RFC 3326 §3.1: another phone of ours has taken the call. */
export function isAnsweredElsewhere({ request }: Cancel): boolean {
  return causesOf(request.getHeaders('reason')).sip === 200
}

/** Who calls, as the server says (RFC 3325 §9.1), else as they say themselves. */
export function callerOf(invitation: Invitation): Peer {
  const { displayName, uri } = invitation.assertedIdentity ?? invitation.remoteIdentity
  const user = uri.user ?? uri.host
  if (user.toLowerCase() === 'anonymous') return { user, name: 'Unknown caller' }
  return { user, name: displayName && displayName !== user ? displayName : null }
}

/** Who is at the other end of an answered call: may be another than who was called, where the server says so. */
export function callerNow(session: Session, peer: Peer): Peer {
  const identity = session.assertedIdentity
  if (!(session instanceof Inviter) || !identity) return peer
  const { displayName, uri } = identity
  return { user: uri.user ?? peer.user, name: displayName || null }
}

/** For a side that takes no events in RTP: the key in an INFO, as phones have long done. */
export function sendInfo(session: Session, key: string): void {
  const content = `Signal=${key}\r\nDuration=160\r\n`
  const body = { contentDisposition: 'render', contentType: 'application/dtmf-relay', content }
  session.info({ requestOptions: { body } }).catch(() => {})
}
