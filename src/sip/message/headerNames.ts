/** What is known of a header field by its name. */
export interface HeaderName {
  /** The long name in lower case: what `Headers` is asked with. */
  readonly key: string
  /** Its bit among the headers that may stand only once in a message; 0 for all others. */
  readonly once: number
}

// RFC 3261 §7.3.1, §20: each of these says what the message is, so two that differ cannot both be obeyed.
const single = 'From To Call-ID CSeq Max-Forwards Content-Length Content-Type Expires Event Refer-To'.split(' ')

// Those that phones and providers send: their usual spellings are then found at the first look.
const repeatable = (
  'Via Contact Route Record-Route Path Service-Route Allow Supported Require Proxy-Require Unsupported Accept ' +
  'Accept-Encoding Accept-Language Allow-Events Authorization Authentication-Info Proxy-Authenticate ' +
  'Proxy-Authorization WWW-Authenticate Content-Disposition Content-Encoding Date Min-Expires Min-SE Organization ' +
  'P-Asserted-Identity P-Preferred-Identity Privacy RAck RSeq Reason Referred-By Remote-Party-ID Replaces Retry-After ' +
  'Server Session-Expires Subject Subscription-State Timestamp User-Agent Warning Diversion History-Info MIME-Version ' +
  'Call-Info Alert-Info'
).split(' ')

// RFC 3261 §7.3.3 and the IANA registry of SIP header fields.
const compactForms = {
  a: 'Accept-Contact',
  b: 'Referred-By',
  c: 'Content-Type',
  d: 'Request-Disposition',
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  j: 'Reject-Contact',
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  o: 'Event',
  r: 'Refer-To',
  s: 'Subject',
  t: 'To',
  u: 'Allow-Events',
  v: 'Via',
  x: 'Session-Expires',
  y: 'Identity',
}

const known = new Map<string, HeaderName>()
single.forEach((name, index) => {
  know(name, { key: name.toLowerCase(), once: 1 << index })
})
for (const name of repeatable) know(name, { key: name.toLowerCase(), once: 0 })
for (const [form, name] of Object.entries(compactForms)) know(form, headerName(name))

function know(name: string, header: HeaderName): void {
  for (const spelling of [name, name.toLowerCase(), name.toUpperCase()]) known.set(spelling, header)
}

/** What is known of a header of this name, in any case, long or compact. */
export function headerName(name: string): HeaderName {
  const usual = known.get(name)
  if (usual !== undefined) return usual
  const key = name.toLowerCase()
  return known.get(key) ?? { key, once: 0 }
}

// RFC 3261 §7.3.1 names the first four; the others hold one value, in which a comma is text.
const unsplit = new Set(
  (
    'www-authenticate authorization proxy-authenticate proxy-authorization authentication-info ' +
    'from to call-id date subject organization server user-agent timestamp refer-to referred-by'
  ).split(' '),
)

/** Whether a value of this header may be a list separated by commas. */
export function isListed(key: string): boolean {
  return !unsplit.has(key)
}
