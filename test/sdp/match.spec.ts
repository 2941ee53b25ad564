import t from 'tap'
import type { CodecFormat } from '../../src/sdp/description.ts'
import { carriesVoice, codecOf, crossing, shared } from '../../src/sdp/match.ts'
import { staticFormat, staticPayloadType } from '../../src/sdp/staticFormats.ts'
import { Leg } from './leg.ts'

function codec(name: string, clockRate = 8000, channels = 1, fmtp: string | null = null): CodecFormat {
  return { name, clockRate, channels, fmtp }
}

t.test('the same codec: name in any case, clock rate, channels', async (t) => {
  t.equal(codecOf(codec('OPUS', 48000, 2)), 'opus/48000/2')
  t.not(codecOf(codec('L16', 44100, 2)), codecOf(codec('L16', 44100, 1)))
  t.not(codecOf(codec('telephone-event')), codecOf(codec('telephone-event', 48000)))
})

t.test('parameters are the ends’ own matter, but for configurations that RFCs make part of the codec', async (t) => {
  const same = (name: string, a: string | null, b: string | null) =>
    codecOf(codec(name, 16000, 1, a)) === codecOf(codec(name, 16000, 1, b))
  t.ok(same('G729', 'annexb=no', 'annexb=yes'))
  t.ok(same('iLBC', 'mode=20', 'mode=30'))
  t.ok(same('opus', 'useinbandfec=1', null))
  t.ok(same('AMR-WB', 'octet-align=0; mode-set=0,1', null), '0 is the default')
  t.ok(same('AMR-WB', 'mode-set=2 ; OCTET-ALIGN = 1', 'octet-align=1'))
  t.notOk(same('AMR-WB', 'octet-align=1', null))
  t.notOk(same('AMR', 'octet-align=1; interleaving=30', 'octet-align=1'))
  t.notOk(same('G7221', 'bitrate=24000', 'bitrate=32000'))
  t.equal(codecOf(codec('AMR-WB', 16000, 1, 'octet-align=1')), 'amr-wb;octet-align=1/16000/1')
  t.ok(same('amr', 'constructor;__proto__=1', null))
  for (const name of ['__proto__', 'constructor']) t.ok(same(name, 'vbr=on', null), `a codec that calls itself ${name}`)
})

t.test('both bit rates of one name cross, and the chosen one comes back', async (t) => {
  const [a, b] = [new Leg(1), new Leg(2)]
  const wish = a.hears([
    'm=audio 4000 RTP/AVP 101 102',
    'a=rtpmap:101 G7221/16000',
    'a=fmtp:101 bitrate=24000',
    'a=rtpmap:102 G7221/16000',
    'a=fmtp:102 bitrate=32000',
  ])
  b.offers(wish)
  const { answer } = b.getsAnswer(['m=audio 5000 RTP/AVP 97', 'a=rtpmap:97 G7221/16000', 'a=fmtp:97 bitrate=32000'])
  t.same(a.answers(answer).media, ['audio 20002 RTP/AVP 102 sendrecv'])
})

t.test('shared: in the order of the first', async (t) => {
  const both = shared([codec('PCMA'), codec('GSM'), codec('pcmu')], [codec('PCMU'), codec('PCMA')])
  t.same(
    both.map((format) => format.name),
    ['PCMA', 'pcmu'],
  )
})

t.test('what crosses: each codec once, nothing that carries payload types inside', async (t) => {
  const crossed = crossing([
    codec('opus', 48000, 2, '1'),
    codec('red', 48000, 2, '111/111'),
    codec('OPUS', 48000, 2, '2'),
    codec('CN'),
  ])
  t.same(crossed, [codec('opus', 48000, 2, '1'), codec('CN')])
})

t.test('DTMF and comfort noise alone are no conversation', async (t) => {
  t.notOk(carriesVoice([codec('telephone-event'), codec('CN')]))
  t.ok(carriesVoice([codec('telephone-event'), codec('x-unknown')]))
  t.notOk(carriesVoice([]))
})

t.test('the static table, both ways', async (t) => {
  t.equal(staticPayloadType(codecOf(codec('g722'))), 9)
  t.equal(staticPayloadType('opus/48000/2'), null)
  t.equal(staticFormat(1), null, 'reserved')
  for (let payloadType = 0; payloadType < 128; payloadType++) {
    const format = staticFormat(payloadType)
    if (format !== null) t.equal(staticPayloadType(codecOf(format)), payloadType)
  }
})
