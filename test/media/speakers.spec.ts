import t from 'tap'
import { pcmu } from '../../src/codecs/g711.ts'
import { DtmfDetector } from '../../src/codecs/tones/dtmfDetector.ts'
import { RtpPhone } from '../contracts/rtpPhone.ts'
import { fields } from '../rtp/rtpBytes.ts'
import { SERVER, virtualEngine } from './virtualEngine.ts'

t.test('keys as tones are heard in the place of what is played, which goes on behind them in one stream', async (t) => {
  const { engine, clock, network, end } = virtualEngine()
  t.teardown(end)
  const phone = await RtpPhone.at(network, '10.0.0.5', 1, () => {})
  await engine.open([{ id: 'a', call: 'call', address: SERVER }])
  engine.update('a', phone.sdp({ formats: [{ codec: 'pcmu/8000/1', receive: 0, send: 0, fmtp: null }] }))
  engine.play('tone', 'a', { kind: 'tone', hz: 440, level: -10, duration: 2000 })
  await clock.advance(500)
  engine.sendDtmf('a', '12')
  await clock.advance(200)
  const early = phone.heard.length
  await clock.advance(1500)
  const packets = phone.heard.map(fields)
  t.ok(early <= 36, 'one speaks at a time')
  t.ok(packets.length >= 97 && packets.length <= 101, `${packets.length} packets for 2 s`)
  const first = packets[0]?.sequence ?? 0
  t.same(
    packets.map(({ sequence }) => (sequence - first) & 0xffff),
    packets.map((_, at) => at),
    'no number twice, none left out',
  )
  t.equal(keysIn(packets.map(({ payload }) => payload)), '12')
})

t.test('what is played may end while keys sound, and these go on', async (t) => {
  const { engine, clock, network, end } = virtualEngine()
  t.teardown(end)
  const phone = await RtpPhone.at(network, '10.0.0.5', 1, () => {})
  const [media] = await engine.open([{ id: 'a', call: 'call', address: SERVER }])
  engine.update('a', phone.sdp({ formats: [{ codec: 'pcmu/8000/1', receive: 0, send: 0, fmtp: null }] }))
  engine.link('echo', 'a', 'a')
  engine.play('tone', 'a', { kind: 'tone', hz: 440, level: -10, duration: 100 })
  engine.sendDtmf('a', '1', 1000)
  await clock.advance(500)
  if (media) phone.says('not beside the key', media)
  await clock.advance(200)
  t.notOk(phone.words.includes('not beside the key'))
  await clock.advance(1000)
  if (media) phone.says('behind it', media)
  await clock.advance(10)
  t.ok(phone.words.includes('behind it'))
})

/** The keys that sound in packets of PCMU. */
function keysIn(payloads: readonly Uint8Array[]): string {
  const [detector, decoder, pcm] = [new DtmfDetector(8000), pcmu.decoder(), new Int16Array(160)]
  let [keys, count] = ['', 0]
  for (const payload of payloads) {
    const digit = detector.take(pcm.subarray(0, decoder.decode(payload, pcm)))
    if (digit !== null && detector.count !== count) keys += digit
    count = detector.count
  }
  return keys
}
