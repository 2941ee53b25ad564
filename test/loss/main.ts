import { parseArgs } from 'node:util'
import t from 'tap'
import { MOST_SEEDS, seedNames } from '../support/virtual/loss/names.ts'
import { playSeed } from '../support/virtual/loss/playSeed.ts'

// npm run test:loss -- [--seeds N] [--seed NAME]

const { values } = parseArgs({ options: { seeds: { type: 'string' }, seed: { type: 'string' } } })
const names = values.seed === undefined ? seedNames(Number(values.seeds ?? MOST_SEEDS)) : [values.seed]
if (names.length === 0) throw new Error(`usage: test:loss [--seeds 1–${MOST_SEEDS}] [--seed NAME]`)

t.setTimeout(0)
for (const name of names) t.test(name, (t) => playSeed(t, name))
