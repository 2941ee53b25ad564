import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import t from 'tap'
import { within } from '../support/deadline.ts'
import { unlessBuilt } from '../support/offhook.ts'
import { unless } from '../support/tools.ts'
import { FAR, FAR_TONE, NEAR_TONE, trunkScene } from './trunks.ts'

const skip = unless('kamailio', 'kamcmd', 'baresip') || unlessBuilt('trunk')

/** What the provider behind each preset must find in the INVITE of a call from +493099011 to +4930555; null: no such header. */
const WANTED = [
  {
    preset: 'generic',
    host: 'sip.provider.example',
    requestUri: /^sip:\+4930555@sip\.provider\.example$/,
    From: /<sip:\+493099011@sip\.provider\.example>/,
    'P-Asserted-Identity': /<sip:\+493099011@sip\.provider\.example>/,
    'Remote-Party-ID': null,
  },
  {
    preset: 'twilio',
    host: 'office.pstn.twilio.com',
    requestUri: /^sip:\+4930555@office\.pstn\.twilio\.com$/,
    From: /<sip:\+493099011@office\.pstn\.twilio\.com>/,
    'P-Asserted-Identity': /<sip:\+493099011@office\.pstn\.twilio\.com>/,
    'Remote-Party-ID': null,
  },
  {
    preset: 'telnyx',
    host: 'sip.telnyx.com',
    requestUri: /^sip:\+4930555@sip\.telnyx\.com$/,
    From: /<sip:\+493099011@sip\.telnyx\.com>/,
    'P-Asserted-Identity': /<sip:\+493099011@sip\.telnyx\.com>/,
    'Remote-Party-ID': null,
  },
  {
    preset: 'voipms',
    host: 'atlanta.voip.ms',
    requestUri: /^sip:4930555@atlanta\.voip\.ms$/,
    From: /<sip:4930990@atlanta\.voip\.ms>/,
    'P-Asserted-Identity': null,
    'Remote-Party-ID': /<sip:493099011@atlanta\.voip\.ms>;.*party=calling/,
  },
  {
    preset: 'sipgate',
    host: 'sipgate.de',
    requestUri: /^sip:4930555@sipgate\.de$/,
    From: /<sip:4930990@sipgate\.de>/,
    'P-Preferred-Identity': /<sip:493099011@sipgate\.de>/,
    'P-Asserted-Identity': null,
  },
  {
    preset: 'telekom',
    host: 'tel.t-online.de',
    requestUri: /^sip:\+4930555@tel\.t-online\.de;user=phone$/,
    From: /<sip:4930990@tel\.t-online\.de/,
    'P-Preferred-Identity': /<sip:\+493099011@tel\.t-online\.de;user=phone>/,
    'P-Asserted-Identity': null,
  },
  {
    preset: 'fritzbox',
    host: 'fritz.box',
    requestUri: /^sip:\+4930555@fritz\.box$/,
    From: /<sip:4930990@fritz\.box>/,
    'P-Asserted-Identity': null,
    'Remote-Party-ID': null,
  },
] as const

t.test('who calls, as the provider of each preset wants it', { skip }, async (t) => {
  const people = await trunkScene(t)
  const { itsp, names } = people
  const near = await people.baresip('101', { tone: NEAR_TONE })
  // Deutsche Telekom's calls are never PCMU.
  const far = await itsp.network.phone(FAR, { tone: FAR_TONE, codecs: 'PCMU,PCMA' })
  await near.registers()
  for (const { preset, host, requestUri, ...headers } of WANTED) {
    await t.test(preset, async (t) => {
      const server = preset === 'twilio' ? itsp.trunk : itsp.registrar
      names.set(host, { type: 'A', address: server.host })
      await people.trunk(preset, server, '--preset', preset, '--host', host)
      if (preset === WANTED[0].preset) await people.goesOut(preset)
      else await people.server.cli('route', 'set', 'out', '--to', `trunk:${preset}`)
      await near.calls(FAR)
      await far.rings()
      const invite = server.captured('INVITE').at(-1)
      t.match(invite?.requestUri, requestUri, 'the number called')
      for (const [name, value] of Object.entries(headers)) {
        t.match(invite?.header(name), value, name)
      }
      await near.hangsUp()
      await far.ends()
    })
  }
})

t.test('strangers reach no trunk', { skip }, async (t) => {
  const people = await trunkScene(t)
  const { itsp } = people
  await people.trunk('city', itsp.registrar)
  await people.trunk('lan', itsp.trunk)
  await people.goesOut('city', 'lan')
  await people.server.cli('number', 'add', itsp.numbers.account, '--to', 'user:101')
  await people.registered(itsp.registrar)
  const near = await people.baresip('101', { tone: NEAR_TONE })
  await near.registers()
  const [contact = ''] = await itsp.registrar.contacts(itsp.account.username)
  const calls = async (uri: string) => stranger(uri, people.server.sip.udp)
  const here = people.server.address('udp')
  t.match(await calls(`sip:${FAR}@${here}`), /^SIP\/2.0 4\d\d /, 'a call to the phone network')
  t.match(await calls(contact), /^SIP\/2.0 4\d\d /, 'a call to the contact that only the provider knows')
  t.match(await calls(`sip:${itsp.numbers.account}@${here}`), /^SIP\/2.0 4\d\d /, 'a call as if by the provider')
  t.equal(itsp.registrar.captured('INVITE').length + itsp.trunk.captured('INVITE').length, 0)
  t.notMatch(near.output(), 'INVITE sip:', 'and no phone rang')
})

/** The status line of the final answer to an INVITE from an address that is nobody's, and pretends to be the provider's. */
async function stranger(uri: string, port: number): Promise<string> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.77')
  await once(socket, 'listening')
  const lines = [
    ...[
      `INVITE ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.77:${socket.address().port};rport;branch=z9hG4bK${uri.length}`,
    ],
    ...['From: <sip:+4930555@itsp.test>;tag=1', `To: <${uri}>`, `Call-ID: ${uri.length}@stranger`, 'CSeq: 1 INVITE'],
    ...['P-Asserted-Identity: <sip:+4930555@itsp.test>', 'Contact: <sip:127.0.0.77>', 'Max-Forwards: 70'],
  ]
  socket.send([...lines, 'Content-Length: 0', '', ''].join('\r\n'), port, '127.0.0.1')
  const answer = new Promise<string>((resolve) => {
    socket.on('message', (bytes) => {
      const [line = ''] = bytes.toString().split('\r\n')
      if (!line.startsWith('SIP/2.0 1')) resolve(line)
    })
  })
  return within(8000, 'an answer to a stranger', answer).finally(() => socket.close())
}
