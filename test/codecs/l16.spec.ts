import t from 'tap'
import { l16 } from '../../src/codecs/l16.ts'
import { codecContract } from '../contracts/codec.ts'

for (const rate of [8000, 16_000, 48_000] as const) codecContract(l16(rate), { snr: 80 })

t.test('samples go with the higher octet first (RFC 3551 §4.5.11)', async (t) => {
  const out = new Uint8Array(8)
  t.equal(
    l16(8000)
      .encoder()
      .encode(Int16Array.of(0x1234, -1, -32_768, 1), out),
    8,
  )
  t.same([...out], [0x12, 0x34, 0xff, 0xff, 0x80, 0x00, 0x00, 0x01])
  const back = new Int16Array(4)
  t.equal(l16(8000).decoder().decode(out, back), 4)
  t.same([...back], [0x1234, -1, -32_768, 1])
})

t.test('half a sample at the end is left out', async (t) => {
  const out = Int16Array.of(7, 7)
  t.equal(
    l16(16_000)
      .decoder()
      .decode(Uint8Array.of(1, 2, 3), out),
    1,
  )
  t.same([...out], [0x0102, 7])
})
