import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Inviter, UserAgent } from 'sip.js'
import t, { type Test } from 'tap'
import { loadOpus } from '../../src/codecs/opus/opusLibrary.ts'
import { dominantFrequency } from '../support/audio.ts'
import { until } from '../support/deadline.ts'
import { startSipJs } from '../support/phones/sipJs.ts'
import { endWebRtc, type WebRtcVoice, webrtcVoice } from '../support/phones/webrtcVoice.ts'
import { heard } from './conversation.ts'
import { scene } from './people.ts'

await loadOpus()

t.teardown(endWebRtc)

const BROWSER = 600
const DESK = 440

t.test('another WebRTC stack calls a desk phone: Opus over DTLS-SRTP here, PCMU over RTP there', async (t) => {
  const people = await scene(t)
  const desk = await people.baresip('102', { tone: DESK, codecs: 'PCMU' })
  const { phone, voices } = await browserPhone(t, people)
  await desk.registers()
  const target = UserAgent.makeURI('sip:102@127.0.0.1')
  if (!target) throw new Error('no URI')
  const call = new Inviter(phone.agent, target)
  await call.invite()
  await desk.rings()
  await desk.answers()
  const [voice] = voices
  if (!voice) throw new Error('nobody asked for an offer')
  await voice.connects()
  await until(10_000, 'three seconds of sound', () => (voice.seconds() > 3 ? true : undefined))
  t.equal(dominantFrequency(voice.heard()), DESK, 'it hears the desk phone')
  console.error(voice.way(), JSON.stringify((await people.lastCall()).legs, null, 1))
  await desk.listens(3)
  await call.bye()
  await desk.ends()
  heard(t, desk, BROWSER, 2)
})

async function browserPhone(t: Test, people: Awaited<ReturnType<typeof scene>>) {
  const { server, users } = people
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
