import { isSpace, skip, skipSpace, tokenChars } from './grammar.ts'
import { headerName } from './headerNames.ts'
import type { Field } from './headers.ts'
import { maxFields, maxValueOctets } from './limits.ts'

/** The lines of a message up to the empty one. */
export interface Head {
  readonly startLine: string
  readonly fields: Field[]
  /** Where the body begins; where reading stopped if the head has no end. */
  readonly end: number
  /** The first thing that is wrong, null if nothing is. What could be read stands in `fields` all the same. */
  readonly problem: string | null
}

/**
 * Splits `text` into the start line and the header fields, from `from` to the empty line: lines end in CRLF or, as many
 * stacks tolerate, in a bare LF; folded values are unfolded (RFC 3261 §7.3.1). One pass, linear time.
 */
export function readHead(text: string, from: number): Head {
  const firstFeed = text.indexOf('\n', from)
  const startLine = text.slice(from, firstFeed < 0 ? text.length : lineEnd(text, from, firstFeed))
  const read: Read = { fields: [], problem: firstFeed < 0 ? 'No Headers' : null, seen: 0 }
  let at = firstFeed < 0 ? text.length : firstFeed + 1
  // A datagram that ends where the empty line should be is complete all the same; a stream always has that line.
  for (let lines = 0; at < text.length; lines++) {
    const feed = text.indexOf('\n', at)
    const end = lineEnd(text, at, feed)
    if (end === at) return { startLine, fields: read.fields, end: feed + 1, problem: read.problem }
    if (feed < 0) read.problem ??= 'Last Header Line Is Cut'
    if (lines === maxFields) read.problem ??= 'Too Many Header Lines'
    if (feed < 0 || lines === maxFields) break
    if (isSpace(text.charCodeAt(feed + 1))) {
      const { line, next } = unfold(text, at, end, feed)
      readField(line, 0, line.length, read)
      at = next
    } else {
      readField(text, at, end, read)
      at = feed + 1
    }
  }
  return { startLine, fields: read.fields, end: at, problem: read.problem }
}

// What was read so far; `seen` has the bits of the headers that may stand once.
interface Read {
  readonly fields: Field[]
  problem: string | null
  seen: number
}

function lineEnd(text: string, from: number, feed: number): number {
  return feed > from && text.charCodeAt(feed - 1) === 0x0d ? feed - 1 : feed
}

// The line [from, end) with its continuations: each fold becomes one space. `next` is where the next line begins.
function unfold(text: string, from: number, end: number, feed: number): { line: string; next: number } {
  const parts = [text.slice(from, end)]
  let next = feed + 1
  while (isSpace(text.charCodeAt(next))) {
    const found = text.indexOf('\n', next)
    const following = found < 0 ? text.length : found
    parts.push(text.slice(skipSpace(text, next), lineEnd(text, next, following)))
    next = following + 1
  }
  return { line: parts.join(' '), next }
}

// Reads the field in [from, end).
function readField(text: string, from: number, end: number, read: Read): void {
  const nameEnd = skip(text, tokenChars, from, end)
  const colon = skipSpace(text, nameEnd)
  if (nameEnd === from || colon >= end || text.charCodeAt(colon) !== 0x3a) {
    read.problem ??= 'Malformed Header Line'
    return
  }
  const name = text.slice(from, nameEnd)
  const { key, once } = headerName(name)
  const value = trimmed(text, colon + 1, end)
  if (value.length > maxValueOctets || value.includes('\r')) {
    read.problem ??= value.length > maxValueOctets ? 'Header Value Too Long' : 'CR Inside a Header Value'
    return
  }
  if ((read.seen & once) !== 0 && read.fields.find((field) => field.key === key)?.value !== value) {
    read.problem ??= `More Than One ${key}`
  }
  read.seen |= once
  read.fields.push({ name, key, value })
}

function trimmed(text: string, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}
