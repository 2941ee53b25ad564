import { decimal } from '../message/grammar.ts'
import { readHead } from '../message/head.ts'
import { Headers } from '../message/headers.ts'
import { maxHeadOctets, maxMessageOctets } from '../message/limits.ts'
import type { Malformed } from '../message/message.ts'
import { malformedHead } from '../message/parse.ts'
import { octetsOf } from '../message/text.ts'

/** What comes out of a stream. */
export type StreamPiece =
  /** One whole message. */
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  /** A double CRLF between messages: to be answered with one CRLF (RFC 5626 §4.4.1). */
  | { readonly kind: 'ping' }
  /** Where the next message begins can't be told any more: answer if it says so, then close. The last piece. */
  | { readonly kind: 'broken'; readonly malformed: Malformed }

const nothing = new Uint8Array(0)
const ping: StreamPiece = { kind: 'ping' }

/** Makes pieces of what a connection brings. */
export interface Framer {
  /** Takes the next octets, which the pieces may share: they belong to the framer from here on. */
  push(chunk: Uint8Array): StreamPiece[]
}

/** A connection that brings whole messages, as a WebSocket does: one in each chunk (RFC 7118 §4.2). */
export const wholeMessages: Framer = {
  push(chunk) {
    if (chunk.some((octet) => octet !== 0x0d && octet !== 0x0a)) return [{ kind: 'message', bytes: chunk }]
    return chunk.length >= 4 ? [ping] : []
  },
}

/**
 * Cuts a stream into messages by their Content-Length, RFC 3261 §18.3, however the octets are spread over chunks. A
 * single CRLF between messages (a pong) is skipped. Takes time linear in the octets fed, and holds at most one message.
 */
export class StreamFramer implements Framer {
  /** The beginning of a message that is not yet whole: the first `#used` octets. */
  #held: Uint8Array = nothing
  #used = 0
  /** Octets of that message in which no end of the head was found. */
  #searched = 0
  /** Octets of that message in all; 0 while its head is not whole. */
  #whole = 0
  /** How much of CR LF CR LF stood between the messages last. */
  #pinging = 0
  #broken = false

  push(chunk: Uint8Array): StreamPiece[] {
    const pieces: StreamPiece[] = []
    const octets = this.#used === 0 ? chunk : this.#append(chunk)
    let start = 0
    while (!this.#broken) {
      if (this.#searched === 0) start = this.#skipKeepalives(octets, start, pieces)
      if (this.#whole === 0) this.#measure(octets, start, pieces)
      if (this.#whole === 0 || octets.length - start < this.#whole) break
      pieces.push({ kind: 'message', bytes: octets.subarray(start, start + this.#whole) })
      start += this.#whole
      this.#searched = 0
      this.#whole = 0
      this.#used = 0
    }
    this.#hold(octets.subarray(this.#broken ? octets.length : start))
    return pieces
  }

  // Capacity doubles, so that each octet is copied a fixed number of times at most.
  #append(chunk: Uint8Array): Uint8Array {
    const used = this.#used + chunk.length
    if (used > this.#held.length) {
      const larger = new Uint8Array(Math.max(used, 2 * this.#held.length, this.#whole))
      larger.set(this.#held.subarray(0, this.#used))
      this.#held = larger
    }
    this.#held.set(chunk, this.#used)
    this.#used = used
    return this.#held.subarray(0, used)
  }

  // `#used` is 0 when `rest` does not yet lie in `#held`; messages that were given out may share the old one.
  #hold(rest: Uint8Array): void {
    if (this.#used > 0) return
    this.#held = rest
    this.#used = rest.length
  }

  #skipKeepalives(octets: Uint8Array, from: number, pieces: StreamPiece[]): number {
    let at = from
    for (; at < octets.length; at++) {
      const octet = octets[at]
      if (octet !== 0x0d && octet !== 0x0a && octet !== 0) break
      if (octet === (this.#pinging % 2 === 0 ? 0x0d : 0x0a)) this.#pinging++
      else this.#pinging = octet === 0x0d ? 1 : 0
      if (this.#pinging < 4) continue
      pieces.push(ping)
      this.#pinging = 0
    }
    if (at < octets.length) this.#pinging = 0
    return at
  }

  // Finds out how long the message at `start` is, if its head is whole.
  #measure(octets: Uint8Array, start: number, pieces: StreamPiece[]): void {
    const end = this.#findHeadEnd(octets, start)
    const headLength = (end < 0 ? octets.length : end) - start
    if (headLength > maxHeadOctets) {
      this.#break(octets, start, 513, 'Headers Too Large', pieces)
    } else if (end >= 0) {
      const length = contentLength(octets.subarray(start, end))
      if (typeof length === 'string') this.#break(octets, start, 400, length, pieces)
      else if (headLength + length > maxMessageOctets) this.#break(octets, start, 513, 'Message Too Large', pieces)
      else this.#whole = headLength + length
    }
  }

  // The position after the empty line; -1 if there is none yet. Never looks at an octet twice but for the last two.
  #findHeadEnd(octets: Uint8Array, start: number): number {
    let feed = octets.indexOf(0x0a, start + this.#searched)
    for (; feed >= 0 && feed + 1 < octets.length; feed = octets.indexOf(0x0a, feed + 1)) {
      if (octets[feed + 1] === 0x0a) return feed + 2
      if (octets[feed + 1] !== 0x0d) continue
      if (feed + 2 === octets.length) break
      if (octets[feed + 2] === 0x0a) return feed + 3
    }
    this.#searched = (feed < 0 ? octets.length : feed) - start
    return -1
  }

  #break(octets: Uint8Array, start: number, status: number, reason: string, pieces: StreamPiece[]): void {
    this.#broken = true
    const head = octetsOf(octets.subarray(start, start + maxHeadOctets))
    pieces.push({ kind: 'broken', malformed: malformedHead(head, status, reason) })
  }
}

// §18.3: on a stream it is a must. Two that differ would let a peer hide one message in another.
function contentLength(head: Uint8Array): number | string {
  const values = new Headers(readHead(octetsOf(head), 0).fields).all('content-length')
  const [first] = values
  if (first === undefined) return 'Missing Content-Length'
  const length = decimal(first)
  return Number.isNaN(length) || values.some((other) => other !== first) ? 'Malformed Content-Length' : length
}
