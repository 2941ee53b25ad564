import type { SipUri } from '../message/uri.ts'

/** What we open ways over by ourselves; a WebSocket is opened by its phone. */
export type TargetProtocol = 'udp' | 'tcp' | 'tls'

/** Where a request may be sent. */
export interface Target {
  readonly protocol: TargetProtocol
  readonly address: string
  readonly port: number
}

/** What is to be found: a server as an admin or a URI names it. */
export interface Place {
  /** A name or an address, without brackets. */
  readonly host: string
  /** null: what SRV records say, else the default. */
  readonly port: number | null
  /** null: what NAPTR or SRV records say, else UDP. */
  readonly protocol: TargetProtocol | null
}

/**
 * Where the requests to a URI go (RFC 3261 §19.1.1, RFC 3263 §4); null: over a transport that we open no way over. For
 * `sips` it is TLS, whatever transport it names (RFC 3261 §26.2.2).
 */
export function placeOf({ scheme, host, port, params }: SipUri): Place | null {
  const at = { host: params.get('maddr') ?? host, port }
  const transport = params.get('transport')?.toLowerCase() ?? null
  if (scheme === 'sips') return transport === null || transport === 'tcp' || transport === 'tls' ? tls(at) : null
  if (transport === null) return { ...at, protocol: null }
  return transport === 'udp' || transport === 'tcp' || transport === 'tls' ? { ...at, protocol: transport } : null
}

function tls(at: Omit<Place, 'protocol'>): Place {
  return { ...at, protocol: 'tls' }
}

/** RFC 3261 §19.1.2. */
export function defaultPort(protocol: TargetProtocol): number {
  return protocol === 'tls' ? 5061 : 5060
}

/** One text for each target. */
export function targetKey({ protocol, address, port }: Target): string {
  return `${protocol} ${address} ${port}`
}
