import { unescapeUser } from '../../../src/sip/message/uri.ts'
import type { Address, Pieces, Reading, Values } from './reading.ts'

/** Two readings of one message, ours and that of the package `sip`. */
export interface Pair {
  readonly text: string
  readonly ours: Reading
  readonly theirs: Reading | null
}

/** One way in which the two differ: who is right and by what, and the pair without it. */
export interface Difference {
  readonly says: string
  without(pair: Both): Both
}

type Both = Pair & { readonly theirs: Reading }

/** Whether they take for no message at all what is one: SIP-Version is compared without regard to case (RFC 3261 §7.1). */
export function oddVersion({ text }: Pair): boolean {
  return / sip\/2\.0\r\n/.test(text)
}

/** Every way that is known. In all of them we are right: where we were not, we have been mended. */
export const differences: readonly Difference[] = [
  {
    says: 'RFC 4475 §3.1.1.5: a percent sign in a method is no escape; they resolve it',
    without: (pair) => {
      const { method, cSeq } = pair.ours
      const resolved =
        pair.theirs.cSeq === unescapeUser(cSeq) && pair.theirs.method === (method && unescapeUser(method))
      return replaced(pair, resolved ? { method, cSeq } : {})
    },
  },
  {
    says: 'RFC 3261 §7.3.1: a fold is one space; they leave the line end in the value',
    without: (pair) => (/\r\n[ \t]/.test(pair.text) ? { ...pair, theirs: deeply(pair.theirs, unfolded) } : pair),
  },
  {
    says: 'RFC 3261 §25.1: sent-by may be an IPv6 reference; they lose it and what follows in the field',
    without: (pair) => replaced(pair, pair.ours.via.some(({ host }) => isV6(host)) ? { via: pair.ours.via } : {}),
  },
  {
    says: 'RFC 3261 §25.1: the value of a parameter may be an IPv6 address; they lose it and what follows in the field',
    without: (pair) => {
      const { via, from, to, contact, route } = pair.ours
      const fields = Object.entries({ via, from, to, contact, route })
      return replaced(pair, Object.fromEntries(fields.filter(([, value]) => paramsOf(value).some(([, v]) => isV6(v)))))
    },
  },
  {
    says: 'RFC 3261 §20.10: without angle brackets the URI ends at a comma; they take the next Contact into it',
    without: (pair) => replaced(pair, runsOn(pair) ? { contact: pair.ours.contact } : {}),
  },
  {
    says: 'RFC 3261 §20.10: * is no address; they make one of it',
    without: (pair) => replaced(pair, pair.ours.contact === '*' && isStar(pair.theirs.contact) ? { contact: '*' } : {}),
  },
  {
    says: 'RFC 3261 §18.3: what lies beyond a Content-Length of 0 is dropped; they take it for the body',
    without: (pair) => replaced(pair, /^(Content-Length|l)\s*:\s*0/m.test(pair.text) ? { body: '' } : {}),
  },
  {
    says: 'RFC 3261 §25.1: the host of a URI may be an IPv6 reference; they read no such URI',
    without: (pair) => readRoutes(pair, ({ host }) => isV6(host)),
  },
  {
    says: 'RFC 3986 §3.1: a scheme is compared without regard to case; they read no URI that begins with SIP:',
    without: (pair) => readRoutes(pair, ({ scheme }) => scheme === 'SIP'),
  },
  {
    says: 'RFC 3261 §25.1: a header in a URI may have no value (hvalue); they read no such URI',
    without: (pair) => readRoutes(pair, ({ headers }) => headers.some(([, value]) => value === '')),
  },
  {
    says: 'RFC 3261 §19.1.4: in a URI an escaped character equals the plain one; they keep names of parameters escaped',
    without: (pair) =>
      replaced(pair, { route: pair.theirs.route.map((one) => ({ ...one, uri: plainNames(one.uri) })) }),
  },
  {
    says: 'RFC 3261 §25.1: __proto__ is a token like any other; they lose it, and give the object another prototype',
    without: (pair) => ({ ...pair, ours: withoutProto(pair.ours), theirs: withoutProto(pair.theirs) }),
  },
]

function replaced(pair: Both, theirs: Partial<Reading>): Both {
  return { ...pair, theirs: { ...pair.theirs, ...theirs } }
}

function isV6(text: string): boolean {
  return /^\[?[0-9a-f]*:[0-9a-f:.]+\]?$/i.test(text)
}

/** All parameters in a field, of all its values. */
function paramsOf(field: unknown): Values {
  const values: unknown[] = Array.isArray(field) ? field : [field]
  return values.flatMap((value) => (isParameterized(value) ? value.params : []))
}

function isParameterized(value: unknown): value is { params: Values } {
  return typeof value === 'object' && value !== null && 'params' in value
}

function unfolded(text: string): string {
  return text.replace(/\r\n[ \t]+/g, ' ')
}

/** A reading with each text in it changed. */
function deeply<T>(value: T, change: (text: string) => string): T {
  return JSON.parse(JSON.stringify(value), (_, part) => (typeof part === 'string' ? change(part) : part))
}

function withoutProto(reading: Reading): Reading {
  const strip = <T extends { params: Values }>(value: T): T => {
    return { ...value, params: value.params.filter(([name]) => name !== '__proto__') }
  }
  const { via, from, to, contact, route } = reading
  return {
    ...reading,
    via: via.map(strip),
    from: strip(from),
    to: strip(to),
    contact: contact === '*' ? '*' : contact.map(strip),
    route: route.map(strip),
  }
}

function runsOn({ ours, theirs }: Both): boolean {
  if (ours.contact === '*' || theirs.contact === '*') return false
  const read = new Set(ours.contact.map(({ uri }) => uri))
  return theirs.contact.some(({ uri }) => uri.includes(',') && !read.has(uri))
}

function isStar(contact: readonly Address[] | '*'): boolean {
  return contact === '*' || (contact.length === 1 && contact[0]?.uri === '*')
}

/** With those URIs of Route in place that they could not read, if they are of this kind. */
function readRoutes(pair: Both, kind: (uri: Pieces) => boolean): Both {
  const route = pair.theirs.route.map((one, index) => {
    const uri = pair.ours.route[index]?.uri ?? null
    return one.uri === null && uri !== null && kind(uri) ? { ...one, uri } : one
  })
  return replaced(pair, { route })
}

function plainNames(uri: Pieces | null): Pieces | null {
  return uri && { ...uri, params: uri.params.map(([name, value]) => [unescapeUser(name) ?? name, value]) }
}
