import { hostPort } from '../../platform/address.ts'
import type { HeaderLine } from '../message/headers.ts'
import { type Flow, isWebSocket, type Protocol } from '../transport/flow.ts'

export const USER_AGENT: HeaderLine = ['User-Agent', 'Offhook']

export const SDP_TYPE: HeaderLine = ['Content-Type', 'application/sdp']

/** Our Contact toward the peer of this flow: an address of ours that it can reach (RFC 3261 §8.1.1.8). */
export function contactFor(flow: Flow, user: string | null): HeaderLine {
  const { address, port } = flow.advertised
  return ['Contact', `<sip:${user === null ? '' : `${user}@`}${hostPort(address, port)}${transportOf(flow.protocol)}>`]
}

// RFC 7118 §5.1: a URI says `ws` of either kind of WebSocket.
function transportOf(protocol: Protocol): string {
  if (protocol === 'udp') return ''
  return `;transport=${isWebSocket(protocol) ? 'ws' : protocol}`
}
