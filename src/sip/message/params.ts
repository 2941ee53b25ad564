import { isSpace, lowerCase, quote, skip, skipQuoted, skipSpace, spans, tokenChars, unquote } from './grammar.ts'
import { maxParams } from './limits.ts'

/** One parameter. */
export interface Param {
  /** Lower case. */
  readonly key: string
  readonly name: string
  /** As on the wire, quotes included; empty for a parameter without a value. */
  readonly raw: string
}

/**
 * The parameters of a header value, a URI or a challenge, in their order. Names are asked for in lower case. A parameter
 * that appears twice counts once, the first one.
 */
export class Params {
  static readonly none: Params = new Params([])
  readonly #params: readonly Param[]

  private constructor(params: readonly Param[]) {
    this.#params = params
  }

  /** Builds parameters from names and values as they are to be written (`quote` what needs it; '' writes the name alone). */
  static of(values: Readonly<Record<string, string>>): Params {
    return Params.from(Object.entries(values).map(([name, raw]) => ({ key: lowerCase(name), name, raw })))
  }

  /** Owns `params`. */
  static from(params: readonly Param[]): Params {
    return params.length === 0 ? Params.none : new Params(params)
  }

  /** The value, unquoted; '' for a parameter without one; null if the parameter is absent. */
  get(key: string): string | null {
    for (const param of this.#params) {
      if (param.key === key) return param.raw.charCodeAt(0) === 0x22 ? unquote(param.raw) : param.raw
    }
    return null
  }

  has(key: string): boolean {
    for (const param of this.#params) if (param.key === key) return true
    return false
  }

  get size(): number {
    return this.#params.length
  }

  /** A copy in which `key` has this value (as it is to be written), in its old place or at the end. */
  with(key: string, raw: string): Params {
    const param = { key, name: key, raw }
    if (!this.has(key)) return new Params([...this.#params, param])
    return new Params(this.#params.map((old) => (old.key === key ? param : old)))
  }

  without(key: string): Params {
    return this.has(key) ? new Params(this.#params.filter((param) => param.key !== key)) : this
  }

  /** Lower-case name, and value as on the wire. */
  *[Symbol.iterator](): Generator<readonly [key: string, raw: string]> {
    for (const { key, raw } of this.#params) yield [key, raw]
  }

  /** As on the wire, each parameter led by a semicolon; empty if there are none. */
  toString(): string {
    let text = ''
    for (const { name, raw } of this.#params) text += raw === '' ? `;${name}` : `;${name}=${raw}`
    return text
  }
}

/**
 * Reads `*(SEMI generic-param)` from `from` to the end of `text` (RFC 3261 §25.1), white space around `;` and `=` allowed.
 * A value may hold more than a token: unquoted IPv6 addresses and base64 occur in practice. Null if it is malformed.
 */
export function parseParams(text: string, from: number): Params | null {
  let at = skipSpace(text, from)
  if (at === text.length) return Params.none
  const params: Param[] = []
  while (at < text.length) {
    if (text.charCodeAt(at) !== 0x3b || params.length === maxParams) return null
    at = readParam(text, skipSpace(text, at + 1), params)
    if (at < 0) return null
  }
  return Params.from(params)
}

/** Reads `name [= value]` and the space after it into `params`; gives the position after it, -1 if there is none. */
export function readParam(text: string, from: number, params: Param[]): number {
  const nameEnd = skip(text, tokenChars, from)
  if (nameEnd === from) return -1
  const name = text.slice(from, nameEnd)
  const at = skipSpace(text, nameEnd)
  if (text.charCodeAt(at) !== 0x3d) {
    params.push({ key: lowerCase(name), name, raw: '' })
    return at
  }
  const start = skipSpace(text, at + 1)
  const end = text.charCodeAt(start) === 0x22 ? skipQuoted(text, start) : skipValue(text, start)
  if (end <= start) return -1
  params.push({ key: lowerCase(name), name, raw: text.slice(start, end) })
  return skipSpace(text, end)
}

function skipValue(text: string, from: number): number {
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x3b || code === 0x2c || code === 0x22 || code === 0x3c || code === 0x3e || isSpace(code)) break
  }
  return at
}

/** A parameter value as it is to be written: itself where it is a token, else quoted. */
export function paramValue(value: string): string {
  return spans(value, tokenChars) ? value : quote(value)
}
