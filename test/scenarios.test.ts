import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const HERE = dirname(fileURLToPath(import.meta.url))
const SCENARIOS = join(HERE, 'scenarios')

/** The scenario files there are, as the table names them: `rfc5407/mortal`. */
const files = readdirSync(SCENARIOS, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.spec.ts'))
  .map((path) => path.replace(/\.spec\.ts$/, ''))
  .sort()

/** The rows of the table in docs/architecture.md: the file, and what it shows. */
const rows = readFileSync(join(HERE, '..', 'docs', 'architecture.md'), 'utf8')
  .split('## What the scenarios show')[1]
  ?.split('\n## ')[0]
  ?.split('\n')
  .flatMap((line) => {
    const [, file, shows] = /^\| `([^`]+)` \| ([^|]+) \|/.exec(line) ?? []
    return file && shows ? [{ file, shows }] : []
  })

t.test('docs/architecture.md lists every scenario file, each once and in order', async (t) => {
  const listed = (rows ?? []).map(({ file }) => file)
  t.ok(files.length > 20)
  t.same(
    files.filter((file) => !listed.includes(file)),
    [],
    'no file is missing in the table',
  )
  t.same(listed, [...new Set(listed)].sort())
})

t.test('every scenario that docs/architecture.md lists is there', async (t) => {
  for (const { file, shows } of rows ?? []) {
    const toCome = shows.startsWith('not built yet')
    if (!toCome) t.ok(files.includes(file), file)
    else if (files.includes(file)) t.fail(`${file} is there: say what it shows`)
    else t.fail(file, { todo: shows })
  }
})

t.test('every scenario file is run', async (t) => {
  const run = [...readFileSync(join(SCENARIOS, 'index.test.ts'), 'utf8').matchAll(/^import '\.\/(.+)\.spec\.ts'$/gm)]
  t.same(run.map(([, file]) => file).sort(), files)
})
