import t from 'tap'
import { RtpPhone } from '../contracts/rtpPhone.ts'
import { event } from '../rtp/eventStream.ts'
import { SERVER, virtualEngine } from './virtualEngine.ts'

t.test(
  'of a phone that presses keys without end no more wait for the other side than somebody could press',
  async (t) => {
    const { engine, clock, network, end } = virtualEngine()
    t.teardown(end)
    const [alice, bob] = [
      await RtpPhone.at(network, '10.0.0.5', 1, () => {}),
      await RtpPhone.at(network, '10.0.0.6', 2, () => {}),
    ]
    const [media] = await engine.open(['a', 'b'].map((id) => ({ id, call: 'call', address: SERVER })))
    const keys = { codec: 'telephone-event/8000/1', receive: 101, send: 101, fmtp: null }
    // Events do not pass beside sound that is made anew: they are pressed again.
    engine.update('a', alice.sdp({ formats: [{ codec: 'g722/8000/1', receive: 9, send: 9, fmtp: null }, keys] }))
    engine.update('b', bob.sdp({ formats: [{ codec: 'pcmu/8000/1', receive: 0, send: 0, fmtp: null }, keys] }))
    engine.link('link', 'a', 'b')
    if (!media) throw new Error('no leg')
    for (let packet = 0; packet < 500; packet++) {
      alice.says('v'.repeat(160), media, { type: 9 })
      alice.says('', media, { type: 101, timestamp: 1000 * packet, payload: event(packet % 10, 160, true) })
      await clock.advance(1)
    }
    await clock.advance(60_000)
    const pressed = bob.heard.filter((packet) => ((packet[1] ?? 0) & 0xff) === 0x80 + 101).length
    t.ok(pressed > 60 && pressed < 75, `${pressed} keys`)
  },
)
