import sip, { type KirmAddress, type KirmUri, type KirmVia } from 'sip'
import { contacts, type NameAddr, type Params, parseVia, routes } from '../../../src/sip/message/fields.ts'
import type { SipMessage } from '../../../src/sip/message/message.ts'
import { parseMessage } from '../../../src/sip/message/parse.ts'
import type { Uri } from '../../../src/sip/message/uri.ts'

/** Values by their name in lower case, unquoted; '' where there is none. */
export type Values = readonly (readonly [name: string, value: string])[]

/** What a parser makes of a message, in a form that two of them can be compared in. Case of names and hosts is none. */
export interface Reading {
  readonly method: string | null
  readonly uri: string | null
  readonly status: number | null
  readonly reason: string | null
  readonly via: readonly { transport: string; host: string; port: number | null; params: Values }[]
  readonly from: Address
  readonly to: Address
  readonly callId: string | null
  readonly cSeq: string
  readonly contact: readonly Address[] | '*'
  /** Their URIs taken to pieces, null where one could not be. */
  readonly route: readonly { name: string | null; uri: Pieces | null; params: Values }[]
  readonly body: string
}

export interface Address {
  readonly name: string | null
  readonly uri: string
  readonly params: Values
}

export interface Pieces {
  /** As written. */
  readonly scheme: string
  readonly user: string | null
  readonly password: string | null
  readonly host: string
  readonly port: number | null
  readonly params: Values
  readonly headers: Values
}

/** Our own reading; null if we take it for malformed. */
export function ourReading(bytes: Uint8Array): Reading | null {
  const message = parseMessage(bytes, 'datagram')
  if (message.kind !== 'request' && message.kind !== 'response') return null
  const { headers, cSeq, body, callId } = message
  const found = contacts(headers)
  return {
    ...startOf(message),
    via: headers.list('via').flatMap((text) => {
      const via = parseVia(text)
      return via === null
        ? []
        : [{ transport: via.transport, host: via.host, port: via.port, params: ours(via.params) }]
    }),
    from: address(message.from),
    to: address(message.to),
    callId,
    cSeq: `${cSeq.number} ${cSeq.method}`,
    contact: found === '*' ? '*' : found.map(address),
    route: routes(headers, 'route').map(({ displayName, uri, params }) => {
      return { name: displayName, uri: pieces(uri), params: ours(params) }
    }),
    body: Buffer.from(body).toString('latin1'),
  }
}

function startOf(message: SipMessage): Pick<Reading, 'method' | 'uri' | 'status' | 'reason'> {
  return message.kind === 'request'
    ? { method: message.method, uri: message.uri.text, status: null, reason: null }
    : { method: null, uri: null, status: message.status, reason: message.reason }
}

function address({ displayName, uri, params }: NameAddr): Address {
  return { name: displayName, uri: uri.text, params: ours(params) }
}

function ours(params: Params): Values {
  return [...params].map(([key]) => [key, params.get(key) ?? ''])
}

function pieces(uri: Uri): Pieces | null {
  if (uri.kind !== 'sip') return null
  const { user, password, host, port, params, headers, text } = uri
  return { scheme: text.slice(0, text.indexOf(':')), user, password, host, port, params: ours(params), headers }
}

/** The reading of the package `sip`; null if it gives none. */
export function kirmsReading(bytes: Uint8Array): Reading | null {
  const message = sip.parse(Buffer.from(bytes))
  if (message === undefined) return null
  const { headers, content } = message
  return {
    method: message.method ?? null,
    uri: message.uri ?? null,
    status: message.status ?? null,
    reason: message.reason ?? null,
    via: (headers.via ?? []).map(kirmsVia),
    from: kirmsAddress(headers.from),
    to: kirmsAddress(headers.to),
    callId: headers['call-id'] ?? null,
    cSeq: `${headers.cseq?.seq} ${headers.cseq?.method}`,
    contact: (headers.contact ?? []).map(kirmsAddress),
    route: (headers.route ?? []).map(({ name, uri, params }) => {
      return { name: nameOf(name), uri: kirmsPieces(uri), params: values(params) }
    }),
    body: content,
  }
}

function kirmsVia({ protocol, host, port, params }: KirmVia): Reading['via'][number] {
  return { transport: protocol.toUpperCase(), host: host.toLowerCase(), port: port ?? null, params: values(params) }
}

function kirmsAddress(address: KirmAddress<string> | undefined): Address {
  return { name: nameOf(address?.name), uri: address?.uri ?? '', params: values(address?.params ?? {}) }
}

function kirmsPieces(uri: KirmUri | undefined): Pieces | null {
  if (uri === undefined) return null
  const { schema, user, password, host, port, params, headers } = uri
  return {
    scheme: schema,
    user: user ?? null,
    password: password ?? null,
    host: host.toLowerCase(),
    port: Number.isNaN(port) ? null : port,
    params: values(params),
    headers: Object.entries(headers),
  }
}

function values(params: Readonly<Record<string, string | null>>): Values {
  return Object.entries(params).map(([name, value]) => [name.toLowerCase(), plain(value ?? '')])
}

function nameOf(name: string | undefined): string | null {
  return plain(name ?? '') || null
}

// Not ours: what is compared shares no code.
function plain(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/gs, '$1') : text
}
