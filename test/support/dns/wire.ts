/** What a test's name server is asked, and answers (RFC 1035 §4). */
export interface Question {
  readonly id: number
  /** Lower case, no dot at its end. */
  readonly name: string
  readonly type: number
  /** The question as it came, which the answer repeats. */
  readonly octets: Buffer
}

export type DnsRecord =
  | { readonly type: 'A' | 'AAAA'; readonly address: string; readonly ttl?: number }
  | { readonly type: 'CNAME'; readonly target: string; readonly ttl?: number }
  | {
      readonly type: 'SRV'
      readonly target: string
      readonly port: number
      readonly priority?: number
      readonly weight?: number
      readonly ttl?: number
    }
  | {
      readonly type: 'NAPTR'
      readonly service: string
      readonly replacement: string
      readonly order?: number
      readonly preference?: number
      readonly flags?: string
      readonly ttl?: number
    }

export const TYPES = { A: 1, CNAME: 5, AAAA: 28, SRV: 33, NAPTR: 35 } as const

/** Seconds. */
const TTL = 60
const HEAD = 12

/** The one question of a query; null: it is none. */
export function readQuestion(query: Buffer): Question | null {
  if (query.length < HEAD + 5 || query.readUInt16BE(4) !== 1 || (query[2] ?? 0) & 0x80) return null
  const labels: string[] = []
  let at = HEAD
  for (let length = query[at++] ?? 0; length > 0; length = query[at++] ?? 0) {
    if (length > 63 || at + length + 5 > query.length) return null
    labels.push(query.toString('latin1', at, at + length))
    at += length
  }
  const octets = query.subarray(HEAD, at + 4)
  return { id: query.readUInt16BE(0), name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at), octets }
}

/** An answer with these records, each under its own name; `exists`: whether there is such a name at all. */
export function writeAnswer(
  { id, octets }: Question,
  records: readonly (readonly [name: string, record: DnsRecord])[],
  exists: boolean,
): Buffer {
  const head = Buffer.alloc(HEAD)
  head.writeUInt16BE(id, 0)
  // An answer, with authority, recursion desired and available; NXDOMAIN.
  head.writeUInt16BE(0x8580 | (exists ? 0 : 3), 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(records.length, 6)
  return Buffer.concat([head, octets, ...records.map(([name, record]) => written(name, record))])
}

function written(name: string, record: DnsRecord): Buffer {
  const fixed = Buffer.alloc(10)
  const data = dataOf(record)
  fixed.writeUInt16BE(TYPES[record.type], 0)
  fixed.writeUInt16BE(1, 2)
  fixed.writeUInt32BE(record.ttl ?? TTL, 4)
  fixed.writeUInt16BE(data.length, 8)
  return Buffer.concat([domain(name), fixed, data])
}

function dataOf(record: DnsRecord): Buffer {
  switch (record.type) {
    case 'A':
      return Buffer.from(record.address.split('.').map(Number))
    case 'AAAA':
      return v6Octets(record.address)
    case 'CNAME':
      return domain(record.target)
    case 'SRV':
      return Buffer.concat([numbers(record.priority ?? 0, record.weight ?? 0, record.port), domain(record.target)])
    case 'NAPTR':
      return Buffer.concat([
        numbers(record.order ?? 10, record.preference ?? 10),
        ...[record.flags ?? 's', record.service, ''].map(text),
        domain(record.replacement),
      ])
  }
}

function numbers(...each: number[]): Buffer {
  const octets = Buffer.alloc(2 * each.length)
  for (const [index, value] of each.entries()) octets.writeUInt16BE(value, 2 * index)
  return octets
}

function domain(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '')
  return Buffer.concat([...labels.map(text), Buffer.of(0)])
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.of(value.length), Buffer.from(value, 'latin1')])
}

function v6Octets(address: string): Buffer {
  const [head = [], tail = []] = address.split('::').map((half) => half.split(':').filter((group) => group !== ''))
  const middle = new Array<string>(8 - head.length - tail.length).fill('0')
  return numbers(...[...head, ...middle, ...tail].map((group) => Number.parseInt(group, 16)))
}
