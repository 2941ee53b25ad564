import { createHmac } from 'node:crypto'

/** A TURN server that shares a secret with us, as coturn does with `use-auth-secret`. */
export interface TurnOptions {
  /** As in turn:turn.example.com:3478?transport=udp (RFC 7065). */
  readonly urls: readonly string[]
  readonly secret: string
}

/** What a TURN server lets in until it expires. */
export interface TurnCredentials {
  readonly username: string
  readonly credential: string
}

/**
 * Credentials for `user` that are good for `ttl` seconds from `now` on, by the scheme of draft-uberti-behave-turn-rest §2.2:
 * the name says when they expire, and the password is a MAC of the name. The server keeps none of them.
 */
export function turnCredentials(secret: string, user: string, now: Date, ttl: number): TurnCredentials {
  const username = `${Math.floor(now.getTime() / 1000) + ttl}:${user}`
  return { username, credential: createHmac('sha1', secret).update(username, 'latin1').digest('base64') }
}
