import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Invitation, Inviter, type Session, UserAgent } from 'sip.js'
import t, { type Test } from 'tap'
import { loadOpus } from '../../src/codecs/opus/opusLibrary.ts'
import { dominantFrequency, gaps } from '../support/audio.ts'
import { until } from '../support/deadline.ts'
import { type SipJsPhone, startSipJs } from '../support/phones/sipJs.ts'
import { endWebRtc, type WebRtcVoice, webrtcVoice } from '../support/phones/webrtcVoice.ts'
import { unless } from '../support/tools.ts'
import { heard } from './conversation.ts'
import { type Scene, scene } from './people.ts'

await loadOpus()
t.teardown(endWebRtc)

const skip = unless('baresip')
const BROWSER = 600
const DESK = 440

t.test('another WebRTC stack offers: Opus over DTLS-SRTP here, PCMU over RTP at the desk', { skip }, async (t) => {
  const people = await scene(t)
  const desk = await people.baresip('102', { tone: DESK, codecs: 'PCMU' })
  const { phone, voices } = await webPhone(t, people)
  await desk.registers()
  const call = new Inviter(phone.agent, uriOf('102'))
  await call.invite()
  await desk.rings()
  await desk.answers()
  const voice = await theVoice(voices)
  await desk.listens(4)
  const chain = /^webrtc .* OPUS → rtp .* PCMU$/
  const legs = [{ chain, codec: 'opus/48000/2', stats: { remote: { address: '127.0.0.1' }, dropped: { forged: 0 } } }]
  t.match(await people.lastCall(), { state: 'up', legs })
  // Our check may come before our answer does; what it has learnt then is the same port.
  t.match(voice.way(), /^127\.0\.0\.1:3\d{4} (host|prflx)$/, 'by a port of the range for WebRTC')
  await call.bye()
  await desk.ends()
  heard(t, desk, BROWSER, 3, CONNECTING)
  heardBack(t, voice)
})

t.test('it answers: the desk phone calls', { skip }, async (t) => {
  const people = await scene(t)
  const desk = await people.baresip('102', { tone: DESK, codecs: 'PCMU' })
  const { phone, voices } = await webPhone(t, people)
  await desk.registers()
  const ringing = invitation(phone)
  await desk.calls('101')
  const call = await ringing
  await call.accept()
  await desk.talks()
  const voice = await theVoice(voices)
  await desk.listens(4)
  await desk.hangsUp()
  await until(5000, 'the BYE', () => (ended(call) ? true : undefined))
  heard(t, desk, BROWSER, 3, CONNECTING)
  heardBack(t, voice)
})

/** Until ICE and DTLS are through there is nothing to hear, ms: the answer comes first. */
const CONNECTING = 1000

async function webPhone(t: Test, { server, users }: Scene): Promise<{ phone: SipJsPhone; voices: WebRtcVoice[] }> {
  const voices: WebRtcVoice[] = []
  const phone = await startSipJs({
    ...users['101'],
    url: `wss://127.0.0.1:${server.https}/sip`,
    authority: readFileSync(join(server.data, 'certificates', 'authority.crt'), 'utf8'),
    voice: () => {
      const voice = webrtcVoice(BROWSER)
      voices.push(voice)
      return voice.handler
    },
  })
  t.teardown(() => phone.stop())
  await phone.registers()
  return { phone, voices }
}

async function theVoice(voices: readonly WebRtcVoice[]): Promise<WebRtcVoice> {
  const voice = await until(5000, 'somebody to need a voice', () => voices[0])
  await voice.connects()
  return voice
}

function heardBack(t: Test, voice: WebRtcVoice): void {
  const sound = voice.heard()
  t.equal(dominantFrequency(sound), DESK, `heard ${DESK} Hz back`)
  t.ok(voice.seconds() > 3, `for ${voice.seconds()} s`)
  t.strictSame(
    gaps(sound, DESK).filter(({ length }) => length > 100),
    [],
    'without a gap',
  )
}

function invitation({ agent }: SipJsPhone): Promise<Invitation> {
  return new Promise((resolve) => {
    agent.delegate = { onInvite: resolve }
  })
}

function ended({ state }: Session): boolean {
  return state === 'Terminated'
}

function uriOf(user: string) {
  const uri = UserAgent.makeURI(`sip:${user}@127.0.0.1`)
  if (!uri) throw new Error(`no URI of ${user}`)
  return uri
}
