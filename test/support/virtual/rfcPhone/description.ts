import type { Endpoint } from '../../../../src/platform/network.ts'

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

/** One m-line of PCMU: what a phone of these runs offers and answers. */
export function describe(at: Endpoint, version: number, direction: Direction): string {
  return [
    'v=0',
    `o=- 7 ${version} IN IP4 ${at.address}`,
    's=-',
    `c=IN IP4 ${at.address}`,
    't=0 0',
    `m=audio ${at.port} RTP/AVP 0`,
    'a=rtpmap:0 PCMU/8000',
    `a=${direction}`,
    '',
  ].join('\r\n')
}

/** What the other side's description says of the audio. */
export function read(body: Uint8Array): { at: Endpoint; direction: Direction } {
  const text = Buffer.from(body).toString()
  const address = /^c=IN IP4 (\S+)/m.exec(text)?.[1]
  const port = /^m=audio ([1-9]\d*) RTP\/AVP (?:\d+ )*0\b/m.exec(text)?.[1]
  if (!address || !port) throw new Error(`no audio that we could take part in:\n${text}`)
  return { at: { address, port: Number(port) }, direction: directionIn(text) }
}

/** RFC 3264 §6.1: the answer to an offer by a side that itself wants `wanted`. */
export function answerTo(offered: Direction, wanted: Direction): Direction {
  const sends = wanted !== 'recvonly' && wanted !== 'inactive' && offered !== 'sendonly' && offered !== 'inactive'
  const receives = wanted !== 'sendonly' && wanted !== 'inactive' && offered !== 'recvonly' && offered !== 'inactive'
  if (sends) return receives ? 'sendrecv' : 'sendonly'
  return receives ? 'recvonly' : 'inactive'
}

function directionIn(text: string): Direction {
  if (/^a=sendonly/m.test(text)) return 'sendonly'
  if (/^a=recvonly/m.test(text)) return 'recvonly'
  return /^a=inactive/m.test(text) ? 'inactive' : 'sendrecv'
}
