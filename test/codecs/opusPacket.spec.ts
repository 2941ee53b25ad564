import t from 'tap'
import { carriesPrevious, lostFrame, packetLength } from '../../src/codecs/opus/opusPacket.ts'
import { opusSettings } from '../../src/codecs/opus/opusSettings.ts'
import { packetsOf } from './packets.ts'

const toc = (configuration: number, code = 0, stereo = 0) => (configuration << 3) | (stereo << 2) | code

t.test('how long a packet lasts (RFC 6716 §3.1, §3.2)', async (t) => {
  const ms = (...octets: number[]) => packetLength(Uint8Array.from(octets)) / 48
  t.same(
    [0, 1, 2, 3].map((configuration) => ms(toc(configuration), 1)),
    [10, 20, 40, 60],
  )
  t.same(
    [12, 13, 14, 15].map((configuration) => ms(toc(configuration), 1)),
    [10, 20, 10, 20],
  )
  t.same(
    [16, 17, 18, 31].map((configuration) => ms(toc(configuration), 1)),
    [2.5, 5, 10, 20],
  )
  t.same([ms(toc(1, 1), 1, 2), ms(toc(1, 2), 1, 2, 3), ms(toc(1, 3), 3, 1, 2, 3)], [40, 40, 60])
  t.equal(ms(toc(1, 3), 6), 120)
  t.equal(ms(toc(1, 3), 7), 0, 'more than 120 ms')
  t.equal(ms(toc(1, 3), 0), 0, 'no frames')
  t.equal(ms(toc(1, 3)), 0, 'and not said how many')
  t.equal(ms(), 0)
})

t.test('whether a packet repeats what was said before (RFC 6716 §4.2.4)', async (t) => {
  const repeats = (...octets: number[]) => carriesPrevious(Uint8Array.from(octets))
  t.ok(repeats(toc(9), 0b0100_0000, 1), '20 ms: a flag of voice, then ours')
  t.notOk(repeats(toc(9), 0b1011_1111, 1))
  t.ok(repeats(toc(10), 0b0010_0000, 1), '40 ms: two flags of voice')
  t.ok(repeats(toc(11), 0b0001_0000, 1), '60 ms: three')
  t.ok(repeats(toc(8), 0b0100_0000, 1), '10 ms: one')
  t.ok(repeats(toc(9, 0, 1), 0b0001_0000, 1), 'that of the side channel')
  t.notOk(repeats(toc(9, 0, 0), 0b0001_0000, 1), 'which mono has not')
  t.notOk(repeats(toc(20), 0b0100_0000, 1), 'CELT never')
  t.ok(repeats(toc(9, 2), 2, 0b0100_0000, 1, 1), 'behind the length of the first')
  t.ok(repeats(toc(9, 2), 252, 0, 0b0100_0000, 1, 1), 'in two octets')
  t.ok(repeats(toc(9, 3), 0b1100_0010, 255, 1, 3, 0b0100_0000, 1, 1), 'behind padding and lengths')
  for (const octets of [[], [toc(9)], [toc(9, 3)], [toc(9, 3), 0xff, 255, 255], [toc(9, 2), 252]]) {
    t.notOk(repeats(...octets), 'broken')
  }
  const voiced = packetsOf('voice.opus').filter(carriesPrevious)
  t.ok(voiced.length > 30 && voiced.length < 50, `${voiced.length} of FFmpeg's`)
})

t.test('a lost frame is like what was before, of 10 or 20 ms', async (t) => {
  for (let configuration = 0; configuration < 32; configuration++) {
    for (const length of [10, 20] as const) {
      const octet = lostFrame(toc(configuration, 3, 1), length)
      t.equal(packetLength(Uint8Array.of(octet)), 48 * length, `configuration ${configuration}`)
      t.equal(octet & 7, 4, 'stereo stays, one frame')
      const kind = (of: number) => (of >= 16 ? of >> 2 : of >= 12 ? 10 + (of >> 1) : of >> 2)
      t.equal(kind(octet >> 3), kind(configuration), 'mode and bandwidth')
    }
  }
})

t.test('what the peer says of itself (RFC 7587 §6.1)', async (t) => {
  const byDefault = { maxPlaybackRate: 48_000, maxAverageBitrate: null, fec: false, dtx: false, cbr: false }
  t.same(opusSettings(null), byDefault)
  t.same(opusSettings(''), byDefault)
  t.same(
    opusSettings(
      'maxplaybackrate=16000; sprop-maxcapturerate=16000; maxaveragebitrate=20000; stereo=1;useinbandfec=1;usedtx=1; CBR=1',
    ),
    {
      ...{ maxPlaybackRate: 16_000, maxAverageBitrate: 20_000, fec: true, dtx: true, cbr: true },
    },
  )
  t.same(opusSettings('maxplaybackrate=1;maxaveragebitrate=1'), {
    ...byDefault,
    ...{ maxPlaybackRate: 8000, maxAverageBitrate: 6000 },
  })
  t.equal(opusSettings('maxaveragebitrate=999999').maxAverageBitrate, 510_000)
  t.same(opusSettings('useinbandfec=yes;maxaveragebitrate=-1;;=;usedtx;cbr=1e9;maxplaybackrate=0x20'), byDefault)
})
