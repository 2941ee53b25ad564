import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Inviter, SessionState, UserAgent } from 'sip.js'
import t, { type Test } from 'tap'
import { loadOpus } from '../../src/codecs/opus/opusLibrary.ts'
import { connect } from '../interop/conversation.ts'
import { gaps } from '../support/audio.ts'
import { NEAR } from '../support/browser/link.ts'
import { pathOf } from '../support/browser/path.ts'
import { until } from '../support/deadline.ts'
import { startSipJs } from '../support/phones/sipJs.ts'
import { endWebRtc, webrtcVoice } from '../support/phones/webrtcVoice.ts'
import { seededRandom } from '../support/virtual/random.ts'
import { BROWSER, type BrowserScene, DESK, hears, sharedChromium, sharedScene, skip, TORN } from './people.ts'

await loadOpus()
t.teardown(endWebRtc)

const scene = sharedScene(t)
const chromium = sharedChromium(t, BROWSER)

t.test('noise at the port of a call is dropped, and the call goes on', { skip }, async (t) => {
  const people = await scene(t)
  const web = await people.web('101', await chromium())
  const desk = await people.baresip('102', { tone: DESK, codecs: 'PCMU' })
  await connect(web, desk, '102')
  await web.listens(1)
  const { remote } = pathOf(await web.stats())
  const before = await web.hearsAnew(1)
  t.ok(hears(before, DESK))
  const heard = web.hearsAnew(8)
  await shout(Number(remote?.port))
  const sound = await heard
  t.ok(hears(sound, DESK), 'the tone was heard all the while')
  t.strictSame(
    gaps(sound, DESK).filter(({ length }) => length > TORN),
    [],
    'without a gap',
  )
  const { state, legs } = await people.lastCall()
  t.equal(state, 'up')
  const dropped = Object.values(legs[0]?.stats?.dropped ?? {}).reduce((sum, count) => sum + count, 0)
  t.comment(`dropped: ${JSON.stringify(legs[0]?.stats?.dropped)}`)
  t.ok(dropped > 1000, `${dropped} packets were counted as dropped`)
  await web.hangsUp()
  await desk.ends()
})

for (const [what, changed, told] of [
  ['SDP that is none', (sdp: string) => sdp.replace(/^m=audio \d+/m, 'm=audio x'), /m= is malformed.*400/],
  [
    'another’s fingerprint',
    (sdp: string) => sdp.replace(/(a=fingerprint:\S+ )\S\S/, '$100'),
    /certificate does not have the fingerprint of its SDP/,
  ],
] as const) {
  t.test(`${what} ends that call with its reason`, { skip }, async (t) => {
    const people = await scene(t)
    const desk = await people.baresip('102', { tone: DESK, codecs: 'PCMU' })
    await desk.registers()
    const ended = await callsWith(t, people, changed, async () => {
      await desk.rings()
      await desk.answers()
    })
    await until(30_000, 'the call to be over', () => ended() || undefined)
    const { id } = await people.lastCall()
    const explained = await people.server.cli('call', 'explain', id)
    t.comment(explained)
    t.match(explained, told)
    t.strictSame(await people.activeCalls(), [])
  })
}

/** A phone of libdatachannel calls 102 with its SDP `changed`; gives whether the call is over. */
async function callsWith(
  t: Test,
  { server, users }: BrowserScene,
  changed: (sdp: string) => string,
  rings: () => Promise<void>,
): Promise<() => boolean> {
  const phone = await startSipJs({
    ...users['101'],
    url: `wss://${NEAR}:${server.https}/sip`,
    authority: readFileSync(join(server.data, 'certificates', 'authority.crt'), 'utf8'),
    voice: () => {
      const { handler } = webrtcVoice(BROWSER, NEAR)
      return {
        ...handler,
        async getDescription() {
          const { body, contentType } = await handler.getDescription()
          return { body: changed(body), contentType }
        },
      }
    },
  })
  t.teardown(() => phone.stop())
  await phone.registers()
  const target = UserAgent.makeURI(`sip:102@${NEAR}`)
  if (!target) throw new Error('no URI')
  const call = new Inviter(phone.agent, target)
  await call.invite()
  const over = () => call.state === SessionState.Terminated
  await Promise.race([rings().catch(() => {}), until(10_000, 'an end', () => over() || undefined).catch(() => {})])
  return over
}

const DATAGRAMS = 20_000
const TOGETHER = 50
/** Between two bursts, ms: faster, the system drops the browser's packets with the rest, and that is no one's mistake. */
const PAUSE = 12

/** How what ICE, DTLS, SRTP and SRTCP send begins (RFC 7983): a binding request, a ClientHello, PCMU, a receiver report. */
const BEGINNINGS = ['000100582112a442', '16feff0000000000000000', '80000001', '81c90007'].map((hex) =>
  Buffer.from(hex, 'hex'),
)

/** Sends a call's port what begins as it should and goes on anyhow, from an address that ICE knows nothing of. */
async function shout(port: number): Promise<void> {
  const socket = createSocket('udp4')
  socket.on('error', () => {})
  socket.bind(0, NEAR)
  await once(socket, 'listening')
  const random = seededRandom(20)
  for (let sent = 0; sent < DATAGRAMS; sent++) {
    const beginning = BEGINNINGS[sent % BEGINNINGS.length] ?? Buffer.alloc(0)
    socket.send(Buffer.concat([beginning, random.bytes(random.integer(600))]), port, NEAR)
    if (sent % TOGETHER === 0) await pause(PAUSE)
  }
  socket.close()
}
