import t from 'tap'
import { canTranscode, codecNamed, transcodable } from '../../src/codecs/codecs.ts'
import { loadOpus } from '../../src/codecs/opus/opusLibrary.ts'
import { codecOf } from '../../src/sdp/match.ts'

const support = await loadOpus()

t.test('codecs by the names of SDP', async (t) => {
  const specs = ['pcmu/8000/1', 'pcma/8000/1', 'g722/8000/1', 'l16/8000/1', 'l16/16000/1', 'l16/48000/1', 'cn/8000/1']
  for (const name of specs) {
    const codec = codecNamed(name)
    t.ok(canTranscode(name))
    if (codec === null) t.fail(name)
    else t.equal(`${codec.spec.name.toLowerCase()}/${codec.spec.clockRate}/${codec.spec.channels}`, name)
  }
  t.equal(codecNamed('g722/8000/1')?.spec.sampleRate, 16_000)
  t.equal(codecNamed('cn/8000/1', null, 16_000)?.spec.sampleRate, 16_000)
  for (const name of ['g729/8000/1', 'pcmu/16000/1', 'l16/44100/2', 'telephone-event/8000/1', '', 'PCMU/8000/1']) {
    t.equal(codecNamed(name), null, name)
    t.notOk(canTranscode(name))
  }
  t.ok(transcodable().includes('pcmu/8000/1'))
})

t.test(
  'Opus comes at the rate that is wanted, if it can',
  { skip: 'missing' in support && support.missing },
  async (t) => {
    const name = codecOf({ name: 'opus', clockRate: 48_000, channels: 2, fmtp: 'useinbandfec=1' })
    t.ok(canTranscode(name))
    t.ok(transcodable().includes(name))
    for (const rate of [8000, 12_000, 16_000, 24_000, 48_000])
      t.equal(codecNamed(name, null, rate)?.spec.sampleRate, rate)
    t.equal(codecNamed(name, null, 44_100)?.spec.sampleRate, 48_000)
    t.equal(codecNamed(name)?.spec.clockRate, 48_000)
  },
)
