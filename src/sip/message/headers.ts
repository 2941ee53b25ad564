import { skipQuoted, spans, tokenChars } from './grammar.ts'
import { headerName, isListed } from './headerNames.ts'

/** A header field of our own: name and value. */
export type HeaderLine = readonly [name: string, value: string]

/** One header field. The value is unfolded and trimmed; name and value are octet strings. */
export interface Field {
  /** As on the wire. */
  readonly name: string
  /** The long name in lower case, compact forms expanded. */
  readonly key: string
  readonly value: string
}

/**
 * The header fields of a message, in their order. They are asked for by key: the long name in lower case. What is not
 * known keeps its name, place and value.
 */
export class Headers {
  readonly #fields: Field[]

  /** Owns `fields`, whose names and values must be free of CR and LF, as the parser's are. */
  constructor(fields: Field[] = []) {
    this.#fields = fields
  }

  /** Builds headers from names and values; throws as `append` does. */
  static of(lines: Iterable<HeaderLine>): Headers {
    const headers = new Headers()
    for (const [name, value] of lines) headers.append(name, value)
    return headers
  }

  /** The value of the first such field, null if there is none. A list is not split. */
  first(key: string): string | null {
    for (const field of this.#fields) if (field.key === key) return field.value
    return null
  }

  /** The values of all such fields; lists are not split. */
  all(key: string): string[] {
    const values: string[] = []
    for (const field of this.#fields) if (field.key === key) values.push(field.value)
    return values
  }

  /**
   * The values of all such fields, each list split at its commas (RFC 3261 §7.3.1) and trimmed. Commas in quotes and in
   * angle brackets do not count, nor do those of headers that are no lists, like WWW-Authenticate. An empty field holds no
   * values, an empty place between two commas is an empty value.
   */
  list(key: string): string[] {
    const values: string[] = []
    for (const field of this.#fields) {
      if (field.key !== key || field.value === '') continue
      if (!field.value.includes(',') || !isListed(key)) values.push(field.value)
      else values.push(...splitList(field.value))
    }
    return values
  }

  has(key: string): boolean {
    for (const field of this.#fields) if (field.key === key) return true
    return false
  }

  get size(): number {
    return this.#fields.length
  }

  /** Adds a field at the end. Throws if the name is no token or the value is not one line of octets. */
  append(name: string, value: string): this {
    this.#fields.push(ownField(name, value))
    return this
  }

  /** Adds a field before all others: where Via and Record-Route go. Throws as `append` does. */
  prepend(name: string, value: string): this {
    this.#fields.unshift(ownField(name, value))
    return this
  }

  /** Leaves one field of this name, with this value, where the first stood or at the end. Throws as `append` does. */
  set(name: string, value: string): this {
    const field = ownField(name, value)
    const at = this.#fields.findIndex((old) => old.key === field.key)
    if (at < 0) {
      this.#fields.push(field)
      return this
    }
    this.remove(field.key)
    this.#fields.splice(at, 0, field)
    return this
  }

  /** Puts `value` in place of the first such field's, under its old name: the topmost Via or Route of a list. */
  replaceFirst(name: string, value: string): this {
    const { key } = headerName(name)
    const at = this.#fields.findIndex((field) => field.key === key)
    const old = this.#fields[at]
    if (old === undefined) throw new TypeError(`no ${name} to replace`)
    this.#fields[at] = ownField(old.name, value)
    return this
  }

  /** Adds all such fields of another message, as they are. */
  copy(from: Headers, key: string): this {
    for (const field of from) if (field.key === key) this.#fields.push(field)
    return this
  }

  remove(key: string): this {
    let kept = 0
    for (const field of this.#fields) if (field.key !== key) this.#fields[kept++] = field
    this.#fields.length = kept
    return this
  }

  clone(): Headers {
    return new Headers(this.#fields.slice())
  }

  [Symbol.iterator](): IterableIterator<Field> {
    return this.#fields[Symbol.iterator]()
  }
}

// Characters beyond U+00FF lose their high octet on the wire, and U+010D would arrive as a CR.
const notOneLine = /[^\x00-\x09\x0b\x0c\x0e-\xff]/

/** Whether `text` can stand in a header value: octets without CR and LF. */
export function isOneLine(text: string): boolean {
  return !notOneLine.test(text)
}

function ownField(name: string, value: string): Field {
  if (!spans(name, tokenChars)) throw new TypeError(`not a header name: ${JSON.stringify(name)}`)
  if (!isOneLine(value)) throw new TypeError(`not a header value: ${JSON.stringify(value)}`)
  return { name, key: headerName(name).key, value: value.trim() }
}

/** The parts of a list, split at its commas outside quotes and angle brackets, trimmed. */
export function splitList(value: string): string[] {
  const parts: string[] = []
  let start = 0
  let at = 0
  while (at < value.length) {
    const code = value.charCodeAt(at)
    if (code === 0x2c) {
      parts.push(value.slice(start, at).trim())
      start = at + 1
    }
    if (code === 0x22) at = pastOrEnd(skipQuoted(value, at), value)
    else if (code === 0x3c) at = pastOrEnd(value.indexOf('>', at), value)
    else at++
  }
  parts.push(value.slice(start).trim())
  return parts
}

function pastOrEnd(at: number, value: string): number {
  return at < 0 ? value.length : at
}
