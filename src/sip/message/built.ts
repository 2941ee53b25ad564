import { type CSeq, parseCSeq } from './fields.ts'
import { decimal } from './grammar.ts'
import type { Headers } from './headers.ts'
import type { SipRequest, SipResponse } from './message.ts'
import { type NameAddr, parseNameAddr } from './nameAddr.ts'
import type { Uri } from './uri.ts'
import { topVia, type Via } from './via.ts'

/** What a built message has read of its headers so far: each is read when it is first asked for. */
export interface Read {
  via?: Via
  from?: NameAddr
  to?: NameAddr
  callId?: string
  cSeq?: CSeq
}

abstract class Built {
  readonly headers: Headers
  readonly body: Uint8Array
  readonly #read: Read

  constructor(headers: Headers, body: Uint8Array, read: Read) {
    this.headers = headers
    this.body = body
    this.#read = read
  }

  get via(): Via {
    this.#read.via ??= present(topVia(this.headers), 'Via')
    return this.#read.via
  }

  get from(): NameAddr {
    this.#read.from ??= present(parseNameAddr(this.headers.first('from') ?? ''), 'From')
    return this.#read.from
  }

  get to(): NameAddr {
    this.#read.to ??= present(parseNameAddr(this.headers.first('to') ?? ''), 'To')
    return this.#read.to
  }

  get callId(): string {
    this.#read.callId ??= present(this.headers.first('call-id'), 'Call-ID')
    return this.#read.callId
  }

  get cSeq(): CSeq {
    this.#read.cSeq ??= present(parseCSeq(this.headers.first('cseq') ?? ''), 'CSeq')
    return this.#read.cSeq
  }
}

function present<T>(value: T | null, name: string): T {
  if (value === null) throw new TypeError(`a message of ours without a valid ${name}`)
  return value
}

/** A request whose headers are read when asked for. */
export class BuiltRequest extends Built implements SipRequest {
  readonly kind = 'request'
  readonly method: string
  readonly uri: Uri

  constructor(method: string, uri: Uri, headers: Headers, body: Uint8Array, read: Read) {
    super(headers, body, read)
    this.method = method
    this.uri = uri
  }

  get maxForwards(): number | null {
    const value = this.headers.first('max-forwards')
    return value === null ? null : decimal(value)
  }
}

/** A response whose headers are read when asked for. */
export class BuiltResponse extends Built implements SipResponse {
  readonly kind = 'response'
  readonly status: number
  readonly reason: string

  constructor(status: number, reason: string, headers: Headers, body: Uint8Array, read: Read) {
    super(headers, body, read)
    this.status = status
    this.reason = reason
  }
}
