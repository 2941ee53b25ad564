import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const WEB = join(dirname(fileURLToPath(import.meta.url)), '../../web')

t.test('each id that end-to-end tests may use stands in web/README.md', async (t) => {
  const readme = readFileSync(join(WEB, 'README.md'), 'utf8')
  const sources = readdirSync(join(WEB, 'src/ui')).filter((name) => name.endsWith('.tsx'))
  const ids = sources.flatMap((name) =>
    [...readFileSync(join(WEB, 'src/ui', name), 'utf8').matchAll(/\s(?:data-testid|id)="([\w-]+)"/g)].map(
      ([, id = '']) => id,
    ),
  )
  for (const id of new Set(ids)) if (!readme.includes(`\`${id}\``)) t.fail(id)
  t.ok(ids.length > 40)
})

t.test('and each kind of problem', async (t) => {
  const readme = readFileSync(join(WEB, 'README.md'), 'utf8')
  const problems = readFileSync(join(WEB, 'src/problems.ts'), 'utf8')
  const kinds = [...problems.matchAll(/kind: '([\w-]+)'/g)].map(([, kind = '']) => kind)
  for (const kind of new Set(kinds)) if (!readme.includes(`\`${kind}\``)) t.fail(kind)
  t.ok(kinds.length > 15)
})
