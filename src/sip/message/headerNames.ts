/** What is known of a header field by its name. */
export interface HeaderName {
  /** The long name in lower case: what `Headers` is asked with. */
  readonly key: string
  /** Its bit among the headers that may stand only once in a message; 0 for all others. */
  readonly once: number
}

// RFC 3261 §7.3.1, §20; each of them changes what the message is, so two that differ cannot be obeyed.
const single = [
  'From',
  'To',
  'Call-ID',
  'CSeq',
  'Max-Forwards',
  'Content-Length',
  'Content-Type',
  'Expires',
  'Event',
  'Refer-To',
]

const repeatable = [
  'Via', 'Contact', 'Route', 'Record-Route', 'Path', 'Service-Route', 'Allow', 'Supported', 'Require', 'Proxy-Require',
  'Unsupported', 'Accept', 'Accept-Encoding', 'Accept-Language', 'Allow-Events', 'Authorization', 'Authentication-Info',
  'Proxy-Authenticate', 'Proxy-Authorization', 'WWW-Authenticate', 'Content-Disposition', 'Content-Encoding', 'Date',
  'Min-Expires', 'Min-SE', 'Organization', 'P-Asserted-Identity', 'P-Preferred-Identity', 'Privacy', 'RAck', 'RSeq', 'Reason',
  'Referred-By', 'Remote-Party-ID', 'Replaces', 'Retry-After', 'Server', 'Session-Expires', 'Subject', 'Subscription-State',
  'Timestamp', 'User-Agent', 'Warning', 'Diversion', 'History-Info', 'MIME-Version', 'Call-Info', 'Alert-Info', 'Identity',
  'Request-Disposition', 'Accept-Contact', 'Reject-Contact', 'Flow-Timer',
] // biome-ignore format: one line a header would fill a screen with nothing

// RFC 3261 §7.3.3 and the IANA registry of SIP header fields.
const compactForms: readonly (readonly [string, string])[] = [
  ['a', 'accept-contact'],
  ['u', 'allow-events'],
  ['i', 'call-id'],
  ['m', 'contact'],
  ['e', 'content-encoding'],
  ['l', 'content-length'],
  ['c', 'content-type'],
  ['o', 'event'],
  ['f', 'from'],
  ['y', 'identity'],
  ['r', 'refer-to'],
  ['b', 'referred-by'],
  ['j', 'reject-contact'],
  ['d', 'request-disposition'],
  ['x', 'session-expires'],
  ['s', 'subject'],
  ['k', 'supported'],
  ['t', 'to'],
  ['v', 'via'],
]

const known = new Map<string, HeaderName>()
single.forEach((name, index) => {
  know(name, { key: name.toLowerCase(), once: 1 << index })
})
for (const name of repeatable) know(name, { key: name.toLowerCase(), once: 0 })
for (const [form, key] of compactForms) know(form, known.get(key) ?? { key, once: 0 })

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

// RFC 3261 §7.3.1: the four whose values hold commas without being lists; and those whose value is one free text.
const unsplit = new Set([
  'www-authenticate',
  'authorization',
  'proxy-authenticate',
  'proxy-authorization',
  'authentication-info',
  'subject',
  'organization',
  'server',
  'user-agent',
  'date',
  'call-id',
  'from',
  'to',
  'timestamp',
  'refer-to',
  'referred-by',
])

/** Whether a value of this header may be a list separated by commas. */
export function isListed(key: string): boolean {
  return !unsplit.has(key)
}
