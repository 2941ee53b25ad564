import t from 'tap'
import { seedNames } from '../support/virtual/loss/names.ts'
import { playSeed } from '../support/virtual/loss/playSeed.ts'

// The first of the two hundred that `npm run test:loss` plays.
for (const name of seedNames(20)) t.test(name, (t) => playSeed(t, name))
