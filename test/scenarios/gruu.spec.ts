import t from 'tap'
import { parseNameAddr } from '../../src/sip/message/fields.ts'
import type { SipResponse } from '../../src/sip/message/message.ts'
import type { VirtualPhone } from '../support/virtual/phone.ts'
import { world } from '../support/virtual/world.ts'

/** Registers a phone that is the instance `urn:uuid:…name`; gives its GRUUs. */
async function registers(phone: VirtualPhone, name: string, how: { callId?: string; expires?: number } = {}) {
  const contact = `${phone.contact};+sip.instance="<urn:uuid:${name}>"`
  const request = phone.registration({ contact, expires: how.expires ?? 3600, headers: [['Supported', 'gruu']] })
  if (how.callId) request.headers.set('Call-ID', how.callId)
  return gruusOf(await phone.authenticated(request, '200 REGISTER'), name)
}

function gruusOf(answer: SipResponse, name: string): { pub: string; temp: string } {
  const contacts = answer.headers.all('contact').map((value) => parseNameAddr(value))
  const own = contacts.find((contact) => contact?.params.get('+sip.instance') === `<urn:uuid:${name}>`)
  return { pub: own?.params.get('pub-gruu') ?? '', temp: own?.params.get('temp-gruu') ?? '' }
}

/** Calls a URI, and waits for this answer. */
async function calls(phone: VirtualPhone, uri: string, sees = '100 INVITE'): Promise<void> {
  const invite = phone.request('INVITE', uri, {
    ...{ to: `<${uri}>`, sdp: phone.sdp() },
    headers: [['Contact', phone.contact]],
  })
  await phone.authenticated(invite, sees)
}

async function rings(caller: VirtualPhone, phone: VirtualPhone): Promise<void> {
  await phone.rings()
  phone.responds(486)
  await caller.sees('486 INVITE')
}

t.test('each phone gets its own, and they reach that phone alone', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const desk = await phone('102')
  const kitchen = await phone('102')
  const ofDesk = await registers(desk, 'desk')
  const ofKitchen = await registers(kitchen, 'kitchen')
  t.match(ofDesk.pub, /^sip:102@10\.0\.0\.1;gr=[\w-]{20}$/)
  t.match(ofDesk.temp, /^sip:tgruu\.[\w-]{40,}@10\.0\.0\.1;gr$/)
  for (const [uri, wanted, other] of [
    [ofDesk.pub, desk, kitchen],
    [ofDesk.temp, desk, kitchen],
    [ofKitchen.pub, kitchen, desk],
    [ofKitchen.temp, kitchen, desk],
    [ofKitchen.pub.replace('102', '%310%32').replace('10.0.0.1', 'pbx.example'), kitchen, desk],
  ] as const) {
    await calls(alice, uri)
    await rings(alice, wanted)
    t.notOk(other.hasSeen('INVITE'), uri)
  }
  await calls(alice, 'sip:102@10.0.0.1')
  await desk.rings()
  await kitchen.rings()
  desk.responds(603)
  await alice.sees('603 INVITE')
  kitchen.answersTo(await kitchen.seesRequest('CANCEL'), 200)
  kitchen.responds(487)
  await nothingIsLeft(t)
})

t.test('a public one is the same for ever, and its phone offline meanwhile', async (t) => {
  const { phone, restart, nothingIsLeft } = await world(t, { file: `${t.testdir()}/offhook.db` })
  const alice = await phone('101')
  const desk = await phone('102')
  const kitchen = await phone('102')
  const { pub } = await registers(desk, 'desk')
  t.equal((await registers(desk, 'desk', { callId: 'another' })).pub, pub)
  await registers(kitchen, 'kitchen')
  await registers(desk, 'desk', { callId: 'another', expires: 0 })
  await calls(alice, pub, '480 INVITE')
  t.notOk(kitchen.hasSeen('INVITE'))
  await restart()
  t.equal((await registers(desk, 'desk')).pub, pub)
  await calls(alice, pub)
  await rings(alice, desk)
  await calls(alice, 'sip:102@10.0.0.1;gr=made-up', '480 INVITE')
  await calls(alice, 'sip:999@10.0.0.1;gr=made-up', '404 INVITE')
  await nothingIsLeft(t)
})

t.test('temporary ones are all different, and good as long as the registration lasts', async (t) => {
  const { phone, restart, nothingIsLeft } = await world(t, { file: `${t.testdir()}/offhook.db` })
  const alice = await phone('101')
  const desk = await phone('102')
  const first = await registers(desk, 'desk')
  const second = await registers(desk, 'desk')
  t.not(first.temp, second.temp)
  t.notMatch(Buffer.from(first.temp.slice(10), 'base64url').toString('latin1'), '102')
  await restart()
  for (const { temp } of [first, second]) {
    await calls(alice, temp)
    await rings(alice, desk)
  }
  const third = await registers(desk, 'desk', { callId: 'another' })
  for (const { temp } of [first, second]) await calls(alice, temp, '404 INVITE')
  await calls(alice, third.temp)
  await rings(alice, desk)
  await registers(desk, 'desk', { callId: 'another', expires: 0 })
  await calls(alice, third.temp, '404 INVITE')
  await registers(desk, 'desk', { callId: 'another' })
  await calls(alice, third.temp, '404 INVITE')
  await nothingIsLeft(t)
})

t.test('what somebody made up or changed is 404', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const desk = await phone('102')
  const { temp } = await registers(desk, 'desk')
  const [, token = ''] = /tgruu\.(.*)@/.exec(temp) ?? []
  const octets = Buffer.from(token, 'base64url')
  for (const at of [0, 12, octets.length - 1]) {
    const changed = Buffer.from(octets)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    await calls(alice, `sip:tgruu.${changed.toString('base64url')}@10.0.0.1;gr`, '404 INVITE')
  }
  for (const user of ['tgruu.', 'tgruu.AAAA', `tgruu.${'A'.repeat(60)}`, token, '102']) {
    await calls(alice, `sip:${user}@10.0.0.1;gr`, '404 INVITE')
  }
  t.notOk(desk.hasSeen('INVITE'))
  await nothingIsLeft(t)
})

t.test(
  'who does not ask for them, or is no instance, gets none; and what a phone sends back is not kept',
  async (t) => {
    const { phone, nothingIsLeft } = await world(t)
    const desk = await phone('102')
    const kitchen = await phone('102')
    const { pub } = await registers(desk, 'desk')
    const plain = await kitchen.registers()
    for (const contact of plain.headers.all('contact')) t.notMatch(contact, 'gruu')
    const own = `${desk.contact};+sip.instance="<urn:uuid:desk>";pub-gruu="sip:evil@elsewhere;gr=1";temp-gruu="sip:x@y;gr"`
    const answer = await desk.registers({ contact: own, headers: [['Supported', 'gruu']] })
    const [ofKitchen, ofDesk] = answer.headers.all('contact')
    t.notMatch(ofKitchen, 'gruu')
    t.notMatch(ofDesk, /evil|sip:x@y/)
    t.equal(gruusOf(answer, 'desk').pub, pub)
    await nothingIsLeft(t)
  },
)

t.test('a GRUU is no way around Max-Forwards or the password', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const desk = await phone('102')
  const { pub } = await registers(desk, 'desk')
  const invite = alice.request('INVITE', pub, {
    ...{ to: `<${pub}>`, sdp: alice.sdp() },
    headers: [
      ['Contact', alice.contact],
      ['Max-Forwards', '0'],
    ],
  })
  await alice.authenticated(invite, '483 INVITE')
  t.equal(pbx.calls.total, 0)
  await nothingIsLeft(t)
})
