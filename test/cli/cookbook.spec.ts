import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { commandLineOf, type Outcome } from './bench.ts'
import { type Recipe, recipesOf, type Step } from './recipes.ts'

const DOCUMENT = new URL('../../docs/dialplan.md', import.meta.url)
const recipes = recipesOf(readFileSync(DOCUMENT, 'utf8'))

t.test('the document has its recipes, and each proves itself', async (t) => {
  const numbered = recipes.filter(({ title }) => /^\d+\. /.test(title))
  t.ok(numbered.length >= 12, `${numbered.length} recipes`)
  for (const { title, steps } of numbered) {
    const tests = steps.filter(isTest)
    t.ok(tests.length > 0, `${title}: has a test`)
    for (const { line, says } of tests) t.ok(says.length > 0, `line ${line} says what comes of the test`)
  }
})

for (const recipe of recipes) t.test(recipe.title, (t) => cook(recipe, t))

/** Runs a recipe on a server of its own, and holds it to what it says. */
async function cook({ country, steps }: Recipe, t: Test): Promise<void> {
  const { fed } = await commandLineOf(t, null, { country, tz: 'Europe/Berlin' })
  for (const step of steps) {
    const outcome = await fed(step.stdin, ...step.argv)
    const name = `line ${step.line}: ${step.argv.join(' ')}`
    t.equal(outcome.error.trim(), step.refused ?? '', `${name}: is ${step.refused === null ? 'done' : 'refused'}`)
    t.equal(outcome.status === 0, step.refused === null, `${name}: status ${outcome.status}`)
    const missing = step.says.filter((said) => !printed(outcome).includes(spaced(said)))
    t.same(missing, [], `${name}: prints it`, { printed: outcome.out.split('\n') })
  }
  const { out, error } = await fed('', 'dialplan', 'check')
  t.equal(error, '', 'the plan has no errors')
  t.notMatch(out, /^[✗!]/m, 'nor anything that does not do what it says')
}

function isTest({ argv: [noun, verb] }: Step): boolean {
  return noun === 'dialplan' && verb === 'test'
}

/** Each line, and where it ends in the name of what decided, also without it. */
function printed({ out }: Outcome): readonly string[] {
  const lines = out.split('\n').map((line) => spaced(line.replace(/^→ /, '')))
  return lines.flatMap((line) => [line, line.replace(/ \([^()]*\)$/, '')])
}

function spaced(text: string): string {
  return text.trim().replace(/\s+/g, ' ')
}
