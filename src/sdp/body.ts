/** Multipart bodies inside multipart bodies. */
const maxDepth = 3
const maxParts = 16
/** Octets of one part's header fields. */
const maxHead = 4096

const boundaryParameter = /;\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70})(?:[\s;]|$))/i
const headEnd = /\r?\n\r?\n/
const folded = /\r?\n[ \t]+/g
const identityEncodings: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary'])

interface Part {
  readonly contentType: string
  readonly body: Uint8Array
}

/**
 * The session description in a SIP body: the body itself, or the first application/sdp part of a multipart (RFC 5621,
 * RFC 2046 §5.1), nested ones included. null: the body is empty. 'unsupported': there is something else (a 415).
 *
 * `contentType`: the header's value; undefined if there is none.
 */
export function findSdp(contentType: string | undefined, body: Uint8Array): Uint8Array | null | 'unsupported' {
  if (body.length === 0) return null
  return sdpIn({ contentType: contentType ?? '', body }, 0) ?? 'unsupported'
}

function sdpIn({ contentType, body }: Part, depth: number): Uint8Array | null {
  const type = mediaType(contentType)
  if (type === 'application/sdp') return body
  if (!type.startsWith('multipart/') || depth === maxDepth) return null
  const [, quoted, plain] = boundaryParameter.exec(contentType) ?? []
  const boundary = quoted ?? plain
  if (boundary === undefined) return null
  for (const part of parts(body, boundary)) {
    const found = sdpIn(part, depth + 1)
    if (found !== null) return found
  }
  return null
}

/** `type/subtype` in lower case: SIP allows white space around the slash (RFC 3261 §25.1, SLASH). */
function mediaType(contentType: string): string {
  const end = contentType.indexOf(';')
  return contentType
    .slice(0, end === -1 ? undefined : end)
    .replace(/\s/g, '')
    .toLowerCase()
}

/** A body that ends without the closing delimiter ends its last part. */
function* parts(body: Uint8Array, boundary: string): Generator<Part> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length)
  let delimiter = findDelimiter(bytes, boundary, 0)
  for (let count = 0; count < maxParts && delimiter !== null && !delimiter.closes; count++) {
    const next = findDelimiter(bytes, boundary, delimiter.end)
    const part = readPart(bytes.subarray(delimiter.end, next?.start ?? bytes.length))
    if (part !== null) yield part
    delimiter = next
  }
}

interface Delimiter {
  /** Where the line end before it begins: that belongs to the delimiter (RFC 2046 §5.1.1). */
  readonly start: number
  /** The first octet after its line. */
  readonly end: number
  readonly closes: boolean
}

function findDelimiter(bytes: Buffer, boundary: string, from: number): Delimiter | null {
  const mark = Buffer.from(`--${boundary}`, 'latin1')
  for (let at = bytes.indexOf(mark, from); at !== -1; at = bytes.indexOf(mark, at + mark.length)) {
    if (at !== 0 && bytes[at - 1] !== 0x0a) continue
    let end = at + mark.length
    const closes = bytes[end] === 0x2d && bytes[end + 1] === 0x2d
    if (closes) end += 2
    while (bytes[end] === 0x20 || bytes[end] === 0x09) end++
    if (bytes[end] === 0x0d) end++
    if (bytes[end] !== 0x0a && end !== bytes.length) continue
    const lineEnd = at === 0 ? 0 : bytes[at - 2] === 0x0d ? 2 : 1
    return { start: at - lineEnd, end: Math.min(end + 1, bytes.length), closes }
  }
  return null
}

/** null for a part whose header is too long or whose content is encoded: SIP is 8-bit clean and needs none. */
function readPart(bytes: Buffer): Part | null {
  // A part may begin with its empty line: then it has no header.
  const head = `\n${bytes.toString('latin1', 0, maxHead)}`
  const end = headEnd.exec(head)
  if (end === null) return null
  const fields = head.slice(0, end.index).replace(folded, ' ')
  const encoding = headerField(fields, 'content-transfer-encoding') ?? 'binary'
  if (!identityEncodings.has(encoding.toLowerCase())) return null
  const contentType = headerField(fields, 'content-type') ?? 'text/plain'
  return { contentType, body: bytes.subarray(end.index + end[0].length - 1) }
}

function headerField(fields: string, name: string): string | null {
  for (const line of fields.split('\n')) {
    const colon = line.indexOf(':')
    if (colon !== -1 && line.slice(0, colon).trim().toLowerCase() === name) return line.slice(colon + 1).trim()
  }
  return null
}
