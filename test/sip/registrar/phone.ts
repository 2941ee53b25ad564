import type { SipRequest } from '../../../src/sip/message/message.ts'
import type { Binding } from '../../../src/sip/registrar/bindingStore.ts'
import { type HeaderChanges, request } from '../messages.ts'

let cSeq = 0

/** A REGISTER of user 101 with these Contacts, the next of its phone; `headers` changes any other field. */
export function registering(contacts: string | readonly string[] | null, headers: HeaderChanges = {}): SipRequest {
  return request('REGISTER', {
    uri: 'sip:10.0.0.1',
    headers: {
      To: '<sip:101@10.0.0.1>',
      'Call-ID': 'registration@10.0.0.20',
      CSeq: `${++cSeq} REGISTER`,
      Contact: contacts,
      ...headers,
    },
  })
}

/** A binding of user 101. */
export function binding(how: Partial<Binding> = {}): Binding {
  return {
    user: '101',
    contact: 'sip:101@10.0.0.20:5060',
    key: how.contact ?? 'sip:101@10.0.0.20:5060',
    contactParams: '',
    q: 1000,
    instance: null,
    regId: null,
    gruuEpoch: null,
    path: [],
    callId: 'registration@10.0.0.20',
    cSeq: 0,
    expiresAt: Number.MAX_SAFE_INTEGER,
    registeredAt: 0,
    userAgent: null,
    domain: '10.0.0.1',
    protocol: 'udp',
    source: { address: '10.0.0.20', port: 5060 },
    local: { address: '10.0.0.1', port: 5060 },
    ...how,
  }
}
