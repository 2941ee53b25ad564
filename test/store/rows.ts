import type { NewUser } from '../../src/api/userStore.ts'
import type { CallRecord } from '../../src/bridge/callRecord.ts'
import type { Binding } from '../../src/sip/registrar/bindingStore.ts'

/** A user as a test wants it; what it does not care about is filled in. */
export function someUser(name: string, fields: Partial<NewUser> = {}): NewUser {
  const ha1 = { md5: `md5 of ${name}`, sha256: `sha256 of ${name}` }
  const none = { displayName: null, callerId: null, digest: null, codecs: null, media: 'relay' } as const
  return { name, ...none, allow: ['internal'], createdAt: 1000, ha1, ...fields }
}

export function someBinding(user: string, fields: Partial<Binding> = {}): Binding {
  return {
    user,
    contact: `sip:${user}@10.0.0.5:5062;line=1`,
    key: `sip:${user}@10.0.0.5:5062;line=1`,
    contactParams: ';+sip.instance="<urn:uuid:1>"',
    q: 1000,
    instance: null,
    regId: null,
    gruuEpoch: null,
    path: [],
    callId: 'a84b4c76e66710',
    cSeq: 1826,
    expiresAt: 2_000_000,
    registeredAt: 1_000_000,
    userAgent: 'baresip v1.0.0',
    domain: 'pbx.example.com',
    protocol: 'udp',
    source: { address: '10.0.0.5', port: 5062 },
    local: { address: '10.0.0.1', port: 5060 },
    ...fields,
  }
}

export function someCall(id: string, fields: Partial<CallRecord> = {}): CallRecord {
  return {
    id,
    startedAt: 1_000_000,
    answeredAt: 1_004_000,
    endedAt: 1_129_000,
    from: '101',
    fromName: 'Alice',
    to: '102',
    answeredBy: '102',
    outcome: 'answered',
    endedBy: 'callee',
    status: 200,
    reason: '102 hung up',
    legs: [
      {
        role: 'caller',
        user: '101',
        remote: '10.0.0.5:5062',
        userAgent: 'baresip',
        way: 'relay',
        codec: null,
        stats: null,
      },
      { role: 'callee', user: '102', remote: '10.0.0.6:5062', userAgent: null, way: 'relay', codec: null, stats: null },
    ],
    uses: [],
    events: [],
    ...fields,
  }
}
