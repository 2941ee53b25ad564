import t from 'tap'
import type { SipRequest } from '../../../src/sip/message/message.ts'
import type { Binding } from '../../../src/sip/registrar/bindingStore.ts'
import { contactLine, type Registration, register } from '../../../src/sip/registrar/registration.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'
import { TestFlow } from '../testFlow.ts'
import { binding, registering } from './phone.ts'

const NOW = 1_000_000
const limits = { min: 60, usual: 3600, max: 7200 }
const flow = new TestFlow(new VirtualClock())

function registered(request: SipRequest, current: readonly Binding[] = [], now = NOW) {
  const outcome = register(request, '101', flow, current, limits, now)
  if (outcome.kind === 'refused') throw new Error(`refused with ${outcome.status}`)
  return outcome
}

const refused = (request: SipRequest, current: readonly Binding[] = []): Registration =>
  register(request, '101', flow, current, limits, NOW)

const contactsOf = (bindings: readonly Binding[]) => bindings.map(({ contact }) => contact)
const lines = (bindings: readonly Binding[], now = NOW) => bindings.map((binding) => contactLine(binding, now))

const DESK = 'sip:101@10.0.0.20:5060'
const ROOM = 'sip:101@10.0.0.21:5060;transport=tcp'

t.test('RFC 3261 §10.3 step 7: a contact is bound, with all that is needed to call it', async (t) => {
  const request = registering(`"Desk" <sip:101@192.168.1.2:5062;x=%41>;Q=0.5;+u.foo="bar;baz";expires=600`, {
    'User-Agent': 'Phone/1.0',
    To: '<sip:101@PBX.Example>',
    'Call-ID': 'a',
    CSeq: '17 REGISTER',
  })
  const { bindings, change } = registered(request)
  t.strictSame(bindings, [
    {
      user: '101',
      contact: 'sip:101@192.168.1.2:5062;x=%41',
      key: 'sip:101@192.168.1.2:5062;x=%41',
      instance: null,
      regId: null,
      gruuEpoch: null,
      path: [],
      contactParams: ';Q=0.5;+u.foo="bar;baz"',
      q: 500,
      callId: 'a',
      cSeq: 17,
      expiresAt: NOW + 600_000,
      registeredAt: NOW,
      userAgent: 'Phone/1.0',
      domain: 'pbx.example',
      protocol: 'udp',
      source: { address: '10.0.0.20', port: 5060 },
      local: { address: '10.0.0.1', port: 5060 },
    },
  ])
  t.strictSame(change, { user: '101', put: bindings, removed: [] })
})

t.test('RFC 3261 §10.3 step 8: the contact is echoed as it came, with the seconds that are left', async (t) => {
  const { bindings } = registered(registering([`<${DESK}>;q=0.7;+x="a,b";expires=90`, 'sip:101@10.0.0.9;expires=60']))
  t.strictSame(lines(bindings), [`<${DESK}>;q=0.7;+x="a,b";expires=90`, '<sip:101@10.0.0.9>;expires=60'])
  t.strictSame(
    lines(bindings, NOW + 30_400),
    [`<${DESK}>;q=0.7;+x="a,b";expires=60`, '<sip:101@10.0.0.9>;expires=30'],
    'to the nearest second',
  )
  t.strictSame(lines(bindings, NOW + 120_000).at(0), `<${DESK}>;q=0.7;+x="a,b";expires=0`, 'never less than none')
})

t.test(
  'RFC 3261 §10.2.1.1: the expiry is the Contact’s, else the header’s, else ours, at most the maximum',
  async (t) => {
    const seconds = (contact: string, expires: string | null) => {
      const [bound] = registered(registering(contact, { Expires: expires })).bindings
      return bound === undefined ? 0 : (bound.expiresAt - NOW) / 1000
    }
    t.equal(seconds(`<${DESK}>;expires=100`, '200'), 100)
    t.equal(seconds(`<${DESK}>`, '200'), 200)
    t.equal(seconds(`<${DESK}>`, null), 3600)
    t.equal(seconds(`<${DESK}>;expires=86400`, null), 7200)
    t.equal(seconds(`<${DESK}>`, '4294967295'), 7200)
    t.equal(seconds(`<${DESK}>;expires=soon`, '200'), 3600, 'RFC 3261 §20.10: malformed means an hour')
    t.equal(seconds(`<${DESK}>;expires=0`, '200'), 0)
  },
)

t.test('RFC 3261 §10.3 step 7: too short is 423 with Min-Expires, and nothing is changed', async (t) => {
  const old = binding({ contact: ROOM })
  const wishes = [`<${ROOM}>;expires=0`, `<${DESK}>;expires=59`]
  t.strictSame(refused(registering(wishes), [old]), { kind: 'refused', status: 423, minExpires: 60 })
  t.match(refused(registering(`<${DESK}>;expires=60`)), { kind: 'registered' })
  const strict = { min: 7200, usual: 7200, max: 7200 }
  const hour = register(registering(`<${DESK}>;expires=3600`), '101', flow, [], strict, NOW)
  t.match(hour, { kind: 'registered' }, 'an hour is never too short')
})

t.test('several contacts, each with its own wish', async (t) => {
  const current = [binding({ contact: DESK }), binding({ contact: ROOM })]
  const { bindings, change } = registered(
    registering([`<${DESK}>;expires=0, <sip:101@10.0.0.30>;q=0.3`, '<sip:101@10.0.0.31>']),
    current,
  )
  t.strictSame(contactsOf(bindings), [ROOM, 'sip:101@10.0.0.30', 'sip:101@10.0.0.31'])
  t.strictSame(contactsOf(change.put), ['sip:101@10.0.0.30', 'sip:101@10.0.0.31'])
  t.strictSame(change.removed, [DESK])
})

t.test('RFC 3261 §10.2.3: without Contact the bindings are asked for', async (t) => {
  const current = [binding({ contact: DESK }), binding({ contact: ROOM })]
  const { bindings, change } = registered(registering(null), current)
  t.strictSame(bindings, current)
  t.strictSame(change, { user: '101', put: [], removed: [] })
})

t.test('RFC 3261 §10.2.2, §10.3 step 6: * removes all, and only with Expires: 0', async (t) => {
  const current = [binding({ contact: DESK }), binding({ contact: ROOM, callId: 'other', cSeq: 1e6 })]
  const { bindings, change } = registered(registering('*', { Expires: '0' }), current)
  t.strictSame(bindings, [])
  t.strictSame(change, { user: '101', put: [], removed: [DESK, ROOM] })
  for (const expires of [null, '1', '3600', 'x']) {
    t.strictSame(
      refused(registering('*', { Expires: expires }), current),
      { kind: 'refused', status: 400 },
      `${expires}`,
    )
  }
  t.strictSame(registered(registering('*', { Expires: '0' })).bindings, [], 'of none')
})

t.test('RFC 3261 §10.3 step 7: what comes late changes nothing', async (t) => {
  const current = [
    binding({ contact: DESK, callId: 'same', cSeq: 5 }),
    binding({ contact: ROOM, callId: 'other', cSeq: 9 }),
  ]
  const late = (cSeq: number, contact: string | string[], expires = '3600') =>
    refused(registering(contact, { 'Call-ID': 'same', CSeq: `${cSeq} REGISTER`, Expires: expires }), current)
  t.strictSame(late(5, `<${DESK}>`), { kind: 'refused', status: 500 })
  t.strictSame(late(4, `<${DESK}>;expires=0`), { kind: 'refused', status: 500 })
  t.strictSame(late(4, ['<sip:101@10.0.0.99>', `<${DESK}>`]), { kind: 'refused', status: 500 }, 'not even in part')
  t.strictSame(late(5, '*', '0'), { kind: 'refused', status: 500 })
  t.match(late(6, `<${DESK}>`), { kind: 'registered' })
  t.match(late(1, `<${ROOM}>`), { kind: 'registered' }, 'of another registration, in the order it comes')
  t.match(late(1, '<sip:101@10.0.0.99>'), { kind: 'registered' }, 'a new contact')
})

t.test('an expired binding is none: its CSeq does not count, and it goes', async (t) => {
  const current = [
    binding({ contact: DESK, callId: 'same', cSeq: 5, expiresAt: NOW }),
    binding({ contact: ROOM, expiresAt: NOW - 1 }),
  ]
  const again = registering(`<${DESK}>`, { 'Call-ID': 'same', CSeq: '1 REGISTER' })
  const { bindings, change } = registered(again, current)
  t.strictSame(contactsOf(bindings), [DESK])
  t.strictSame(change, { user: '101', put: bindings, removed: [ROOM] })
  t.strictSame(registered(registering('*', { Expires: '0' }), current).change.removed, [DESK, ROOM])
})

t.test('RFC 3261 §19.1.4: contacts are compared as URIs', async (t) => {
  const current = [binding({ contact: 'sip:101@10.0.0.20:5060;transport=udp;ob' })]
  const after = (contact: string) => contactsOf(registered(registering(`<${contact}>`), current).bindings)
  for (const same of ['sip:101@10.0.0.20:5060;transport=UDP', 'SIP:%3101@10.0.0.20:5060;TRANSPORT=udp;ob']) {
    t.strictSame(after(same), [same], same)
  }
  for (const other of [
    'sip:101@10.0.0.20;transport=udp',
    'sip:101@10.0.0.20:5060',
    'sip:102@10.0.0.20:5060;transport=udp',
  ]) {
    t.equal(after(other).length, 2, other)
  }
})

t.test('a refresh keeps the time of the first registration, and takes all else anew', async (t) => {
  const current = [binding({ contact: DESK, q: 100, registeredAt: 7, source: { address: '10.0.0.7', port: 7 } })]
  const { bindings, change } = registered(registering(`<${DESK}>;expires=600`), current)
  t.match(bindings, [
    { registeredAt: 7, q: 1000, source: { address: '10.0.0.20', port: 5060 }, expiresAt: NOW + 600_000 },
  ])
  t.equal(bindings.length, 1)
  t.strictSame(change.removed, [])
})

t.test('two writings of one contact don’t share a key with a third that differs', async (t) => {
  // §19.1.4 is not transitive: a parameter unknown to one side does not count.
  let bindings: readonly Binding[] = []
  for (const contact of ['sip:a@h;foo=1', 'sip:a@h', 'sip:a@h;foo=2', 'sip:a@h;foo=1']) {
    bindings = registered(registering(`<${contact}>`), bindings).bindings
  }
  t.equal(new Set(bindings.map(({ key }) => key)).size, bindings.length)
})

t.test('RFC 5626 §6: a phone that restarts replaces itself by its instance', async (t) => {
  const instance = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>"'
  const first = registered(registering(`<sip:101@10.0.0.20:50001>;${instance}`))
  const second = registered(registering(`<sip:101@10.0.0.20:50002>;${instance}`, { 'Call-ID': 'b' }), first.bindings)
  t.strictSame(contactsOf(second.bindings), ['sip:101@10.0.0.20:50002'])
  t.strictSame(second.change.removed, [], 'it takes the place of the old one')
  t.equal(second.bindings[0]?.contactParams, `;${instance}`)
  const other = instance.replace('EEFF', 'EE00')
  t.equal(registered(registering(`<sip:101@10.0.0.20:50003>;${other}`), second.bindings).bindings.length, 2)
  t.equal(registered(registering('<sip:101@10.0.0.20:50003>'), second.bindings).bindings.length, 2)
})

t.test('a contact is the same with an instance and without', async (t) => {
  const instance = '+sip.instance="<urn:uuid:1>"'
  const without = registered(registering(`<${DESK}>`))
  const upgraded = registered(registering(`<${DESK}>;${instance}`), without.bindings)
  t.strictSame(lines(upgraded.bindings), [`<${DESK}>;${instance};expires=3600`])
  t.strictSame(upgraded.change.removed, [DESK])
  const back = registered(registering(`<${DESK}>`), upgraded.bindings)
  t.strictSame(lines(back.bindings), [`<${DESK}>;expires=3600`])
})

t.test('a phone whose address changed ends its old contact and makes the new one, in either order', async (t) => {
  const instance = '+sip.instance="<urn:uuid:1>"'
  const before = registered(registering(`<${DESK}>;${instance}`)).bindings
  const end = `<${DESK}>;${instance};expires=0`
  const wish = `<sip:101@10.0.0.99>;${instance};expires=600`
  for (const contacts of [
    [end, wish],
    [wish, end],
  ]) {
    t.strictSame(contactsOf(registered(registering(contacts), before).bindings), ['sip:101@10.0.0.99'])
  }
  const twice = registered(registering([`<${DESK}>`, `<${DESK}>;q=0.1`])).bindings
  t.strictSame(
    twice.map(({ q }) => q),
    [100],
    'a contact that is listed twice counts once',
  )
})

t.test('only SIP contacts are bound', async (t) => {
  for (const contact of ['<mailto:a@b>', '<tel:+15551234567>', '<http://a/b>']) {
    t.strictSame(refused(registering([`<${DESK}>`, contact])), { kind: 'refused', status: 400 }, contact)
  }
  t.match(refused(registering('<sips:101@10.0.0.20>')), { kind: 'registered' })
})

t.test('sixteen phones a user: beyond it the one that registered longest ago goes', async (t) => {
  let bindings: readonly Binding[] = []
  const phone = (n: number) => `sip:101@10.0.0.${n}`
  for (let n = 1; n <= 16; n++) bindings = registered(registering(`<${phone(n)}>`), bindings).bindings
  bindings = registered(registering(`<${phone(1)}>`), bindings).bindings
  t.equal(bindings.length, 16)
  const { bindings: after, change } = registered(registering(`<${phone(17)}>`), bindings)
  t.equal(after.length, 16)
  t.strictSame(change.removed, [phone(2)], 'the first has come back since')
  const crowd = Array.from({ length: 40 }, (_, n) => `<${phone(100 + n)}>`)
  t.equal(registered(registering(crowd), after).bindings.length, 16)
})

const instance = '+sip.instance="<urn:uuid:1>"'
const flowOf = (regId: number | string, contact = DESK) => `<${contact}>;${instance};reg-id=${regId}`
const withFlows = { Supported: 'path, outbound' }

t.test('RFC 5626 §6: one binding for each flow of an instance, by its reg-id', async (t) => {
  const first = registered(registering(flowOf(1), withFlows)).bindings
  t.match(first, [{ instance: 'urn:uuid:1', regId: 1 }])
  const both = registered(registering(flowOf(2, ROOM), withFlows), first).bindings
  t.strictSame(contactsOf(both), [DESK, ROOM])
  const again = registered(registering(flowOf(1, 'sip:101@10.0.0.9'), withFlows), both)
  t.strictSame(contactsOf(again.bindings), [ROOM, 'sip:101@10.0.0.9'])
  t.strictSame(again.change.removed, [])
  const plain = registered(registering(`<${DESK}>;${instance}`), both)
  t.strictSame(contactsOf(plain.bindings), [DESK], 'a phone that knows no flows any more has one binding')
  const back = registered(registering(flowOf(1, ROOM), withFlows), plain.bindings)
  t.strictSame(contactsOf(back.bindings), [ROOM])
})

t.test(
  'RFC 5626 §6: a reg-id counts with an instance, within its range, and where the phone does outbound',
  async (t) => {
    const regId = (contact: string, headers = withFlows) => registered(registering(contact, headers)).bindings[0]?.regId
    t.equal(regId(flowOf(1)), 1)
    t.equal(regId(flowOf(2 ** 31 - 1)), 2 ** 31 - 1)
    for (const wrong of [0, 2 ** 31, '1x', '-1']) t.equal(regId(flowOf(wrong)), null, `${wrong}`)
    t.equal(regId(`<${DESK}>;reg-id=1`), null)
    t.equal(regId(flowOf(1), { Supported: 'path' }), null)
  },
)

t.test('RFC 5626 §6: only one Contact, and a first hop that keeps flows', async (t) => {
  const two = registering([flowOf(1), flowOf(2, ROOM)], withFlows)
  t.strictSame(refused(two), { kind: 'refused', status: 400 })
  t.match(refused(registering([flowOf(1), `${flowOf(2, ROOM)};expires=0`], withFlows)), { kind: 'registered' })
  const path = (Path: string) => refused(registering(flowOf(1), { ...withFlows, Path }))
  t.strictSame(path('<sip:p.example;lr>'), { kind: 'refused', status: 439 })
  t.match(path('<sip:p.example;lr;ob>'), { kind: 'registered', outbound: true })
  t.match(path('<sip:q.example;lr>, <sip:p.example;lr;ob>'), { kind: 'registered' })
  t.strictSame(path('<sip:q.example;lr;ob>, <sip:p.example;lr>'), { kind: 'refused', status: 439 })
})

t.test('RFC 3327 §5.3: a Path is kept as it came, if the phone knows of it', async (t) => {
  const path = ['<sip:q.example;lr>', '"P" <sip:p.example;lr;x=1>;y=2']
  const { bindings } = registered(registering(`<${DESK}>`, { Supported: 'path', Path: path.join(', ') }))
  t.strictSame(bindings[0]?.path, path)
  t.strictSame(refused(registering(`<${DESK}>`, { Path: path })), { kind: 'refused', status: 420, unsupported: 'path' })
  t.strictSame(refused(registering(`<${DESK}>`, { Supported: 'path', Path: 'nonsense' })), {
    kind: 'refused',
    status: 400,
  })
})

t.test('RFC 5627 §5.4: an instance has one epoch under one Call-ID, whatever the flow', async (t) => {
  const epochs = (bindings: readonly Binding[]) => bindings.map(({ gruuEpoch }) => gruuEpoch)
  const [first] = epochs(registered(registering(flowOf(1), withFlows)).bindings)
  t.match(first, /^[\w-]{12}$/)
  const one = registered(registering(flowOf(1), withFlows)).bindings
  const two = registered(registering(flowOf(2, ROOM), withFlows), one, NOW + 5).bindings
  t.strictSame(epochs(two), [first, first])
  const moved = registered(registering(flowOf(1), { ...withFlows, 'Call-ID': 'b' }), one, NOW + 5).bindings
  t.notSame(epochs(moved), [first])
  t.notSame(epochs(registered(registering(flowOf(1), withFlows), [], NOW + 5).bindings), [first], 'nor once it ended')
  t.strictSame(epochs(registered(registering(`<${DESK}>`)).bindings), [null])
})
