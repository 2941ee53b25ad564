import t from 'tap'
import { type Difference, differences, oddVersion, type Pair } from './differences.ts'
import { Generator } from './generate.ts'
import { kirmsReading, ourReading, type Reading } from './reading.ts'

/** Named in what fails: with it the same messages come again. */
const SEED = 20_261_120
const MESSAGES = 3_000

t.test(
  `${MESSAGES} legal messages are read as the package sip reads them, or it is known why not, seed ${SEED}`,
  async (t) => {
    const generator = new Generator(SEED)
    const seen = new Set<Difference>()
    let versions = 0
    let alike = 0
    for (let count = 0; count < MESSAGES; count++) {
      const bytes = generator.message()
      const text = bytes.toString('latin1')
      const ours = ourReading(bytes)
      if (ours === null)
        return t.fail(`message ${count} of seed ${SEED} is legal, and we take it for malformed`, { text })
      const pair: Pair = { text, ours, theirs: kirmsReading(bytes) }
      if (pair.theirs === null && oddVersion(pair)) versions++
      else if (same(pair)) alike++
      else if (!explained(pair, seen))
        return t.fail(`message ${count} of seed ${SEED}: a difference that nobody explained`, left(pair))
    }
    for (const one of differences) t.ok(seen.has(one), one.says)
    t.ok(versions > 0, 'RFC 3261 §7.1: SIP-Version is compared without regard to case; they take it for no message')
    t.ok(alike > MESSAGES / 10, `${alike} were read alike`)
  },
)

/** Notes which differences show in this pair; false if some part of it is none of them. */
function explained(pair: Pair, seen: Set<Difference>): boolean {
  if (!same(without(pair, differences))) return false
  for (const one of differences) {
    const others = differences.filter((other) => other !== one)
    if (!seen.has(one) && !same(without(pair, others))) seen.add(one)
  }
  return true
}

function without(pair: Pair, known: readonly Difference[]): Pair {
  const { text, ours, theirs } = pair
  return theirs === null ? pair : known.reduce((now, one) => one.without(now), { text, ours, theirs })
}

function same({ ours, theirs }: Pair): boolean {
  return JSON.stringify(ours) === JSON.stringify(theirs)
}

/** What is left of the difference, field by field. */
function left(pair: Pair): object {
  const { text, ours, theirs } = without(pair, differences)
  const fields = Object.keys(ours) as (keyof Reading)[]
  const differing = fields.filter((field) => JSON.stringify(ours[field]) !== JSON.stringify(theirs?.[field]))
  return { text, differing: differing.map((field) => ({ field, ours: ours[field], theirs: theirs?.[field] })) }
}
