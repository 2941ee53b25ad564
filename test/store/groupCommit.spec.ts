import t from 'tap'
import { openDatabase } from '../../src/store/database.ts'
import { type GroupCommit, groupCommit } from '../../src/store/groupCommit.ts'
import { VirtualClock } from '../support/virtual/clock.ts'

/** A group over a table of words, with what the tests ask of both. */
function bench() {
  const database = openDatabase(':memory:', [{ name: '001', sql: 'CREATE TABLE words (word TEXT PRIMARY KEY)' }])
  const clock = new VirtualClock()
  const group = groupCommit(database, clock)
  const insert = database.prepare<[string]>('INSERT INTO words VALUES (?)')
  const words = () => database.prepare<[], string>('SELECT word FROM words ORDER BY rowid').pluck().all()
  const outcomes: string[] = []
  const write = (word: string) =>
    group.add({
      apply: () => insert.run(word),
      done: (error) => outcomes.push(error === undefined ? word : `${word}: ${error.message}`),
    })
  return { database, clock, group, words, outcomes, write }
}

t.test('writes wait for the end of the turn and commit together; callbacks come after the commit', async (t) => {
  const { database, clock, group, words, outcomes, write } = bench()
  const during: boolean[] = []
  write('ash')
  write('birch')
  group.add({ apply: () => during.push(database.inTransaction), done: () => during.push(database.inTransaction) })
  t.same([words(), outcomes], [[], []], 'nothing yet')
  await clock.advance(0)
  t.same(words(), ['ash', 'birch'])
  t.same(outcomes, ['ash', 'birch'])
  t.same(during, [true, false], 'applied inside the transaction, done outside')
})

t.test('a write that a callback makes goes with the next turn', async (t) => {
  const { clock, group, words, write } = bench()
  group.add({ apply() {}, done: () => write('cedar') })
  await clock.advance(0)
  t.same(words(), ['cedar'])
})

t.test('a write that fails takes no neighbour with it', async (t) => {
  const { clock, words, outcomes, write } = bench()
  for (const word of ['ash', 'birch', 'ash', 'cedar']) write(word)
  await clock.advance(0)
  t.same(words(), ['ash', 'birch', 'cedar'])
  t.same(outcomes, ['ash', 'birch', 'ash: UNIQUE constraint failed: words.word', 'cedar'])
})

t.test('when no transaction can begin, every write hears of it', async (t) => {
  const { database, clock, outcomes, write } = bench()
  write('ash')
  write('birch')
  database.exec('BEGIN')
  await clock.advance(0)
  t.same(
    outcomes,
    ['ash', 'birch'].map((word) => `${word}: cannot start a transaction within a transaction`),
  )
})

t.test('while held, writes queue; a release lets them through', async (t) => {
  const { clock, group, words, write } = bench()
  write('ash')
  group.hold()
  write('birch')
  await clock.advance(1000)
  t.same(words(), [])
  group.release()
  await clock.advance(0)
  t.same(words(), ['ash', 'birch'])
})

t.test('flush commits at once, held or not', async (t) => {
  const { group, words, outcomes, write } = bench()
  group.hold()
  write('ash')
  group.flush()
  t.same([words(), outcomes], [['ash'], ['ash']])
})

t.test('a long queue is committed in pieces, each in a turn of its own', async (t) => {
  const { database, group, words, outcomes, write } = turnByTurn()
  for (let word = 0; word < 1100; word++) write(String(word))
  const sizes: number[] = []
  for (let before = 0; sizes.length < 3; before = outcomes.length) {
    runTurn()
    sizes.push(outcomes.length - before)
  }
  t.same(sizes, [512, 512, 76])
  t.equal(words().length, 1100)
  group.flush()
  database.close()
})

let turns: (() => void)[] = []

function runTurn(): void {
  const due = turns
  turns = []
  for (const run of due) run()
}

/** As `bench`, with turns of the loop that the test runs one by one. */
function turnByTurn() {
  const made = bench()
  const clock = Object.assign(new VirtualClock(), { endOfTurn: (run: () => void) => void turns.push(run) })
  const group: GroupCommit = groupCommit(made.database, clock)
  const insert = made.database.prepare<[string]>('INSERT INTO words VALUES (?)')
  const write = (word: string) =>
    group.add({ apply: () => insert.run(word), done: () => void made.outcomes.push(word) })
  return { ...made, group, write }
}
