import t, { type Test } from 'tap'
import { mosOf, quality } from '../../src/rtp/quality.ts'

const G711 = { codec: 'pcmu/8000', loss: 0, delay: 0 }

function near(t: Test, found: number, expected: number, within: number, what: string): void {
  t.ok(Math.abs(found - expected) <= within, `${what}: ${found.toFixed(2)}, published ${expected}`)
}

t.test('with all defaults R is 93.2 and MOS 4.41 (G.107 §7.7)', async (t) => {
  const { r, mos } = quality(G711)
  near(t, r, 93.2, 0.05, 'R')
  near(t, mos, 4.41, 0.005, 'MOS')
})

t.test('MOS from R: the limits of the classes of G.107 table B.1', async (t) => {
  for (const [r, mos] of [
    [90, 4.34],
    [80, 4.03],
    [70, 3.6],
    [60, 3.1],
    [50, 2.58],
  ] as const) {
    near(t, mosOf(r), mos, 0.01, `R ${r}`)
  }
  t.same([mosOf(-5), mosOf(0), mosOf(100), mosOf(120)], [1, 1, 4.5, 4.5])
  t.equal(mosOf(3), 1, 'never under 1')
})

// The measured Ie of G.113 Appendix I (2002), which the formula of G.107 only fits: Bpl is what fits best.
t.test('random loss takes from R what G.113 Appendix I measured', async (t) => {
  const tables = [
    { codec: 'pcma/8000/1', within: 3, ie: { 1: 5, 2: 7, 3: 10, 5: 15, 7: 20, 10: 25, 15: 35, 20: 45 } },
    { codec: 'G729/8000', within: 1, ie: { 0: 11, 2: 19, 3: 23, 4: 26, 8: 36, 16: 49 } },
  ]
  const best = quality(G711).r
  for (const { codec, within, ie } of tables) {
    for (const [percent, expected] of Object.entries(ie)) {
      near(
        t,
        best - quality({ ...G711, codec, loss: Number(percent) / 100 }).r,
        expected,
        within,
        `${codec} ${percent} %`,
      )
    }
  }
  const bare = quality({ ...G711, loss: 0.05, conceals: false })
  near(t, best - bare.r, 55, 4, 'G.711 at 5 %, not concealed')
})

// R. G. Cole and J. H. Rosenbluth, Voice over IP performance monitoring (2001): Id = 0.024 d + 0.11 (d − 177.3) H(d − 177.3).
t.test('delay takes what Cole and Rosenbluth read from G.107', async (t) => {
  for (const delay of [20, 50, 100, 150, 200, 250, 300]) {
    const expected = 0.024 * delay + Math.max(0, 0.11 * (delay - 177.3))
    near(t, 93.2 - quality({ ...G711, delay }).r, expected, 0.6, `${delay} ms`)
  }
})

t.test('loss in bursts is worse than as much at random', async (t) => {
  const random = quality({ ...G711, loss: 0.05 }).r
  t.ok(quality({ ...G711, loss: 0.05, burstRatio: 2 }).r < random)
  t.equal(quality({ ...G711, loss: 0.05, burstRatio: 1 }).r, random)
})

t.test('codecs without values on this scale count as G.711 with concealment', async (t) => {
  const concealed = quality({ ...G711, loss: 0.03 })
  for (const codec of ['G722/8000', 'opus/48000/2', 'constructor', '']) {
    t.same(quality({ ...G711, codec, loss: 0.03 }), concealed, codec)
  }
})

t.test('whatever a peer claims, the numbers stay on their scales', async (t) => {
  for (const delay of [-10, 0, 1, 1e9]) {
    for (const loss of [0, 0.5, 1]) {
      const { r, mos } = quality({ codec: 'pcmu/8000', loss, delay })
      t.ok(r >= 0 && r <= 100 && mos >= 1 && mos <= 4.5, `${delay} ms, ${loss}`)
    }
  }
})
