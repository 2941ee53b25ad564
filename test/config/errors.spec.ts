import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { errorCodes, OffhookError } from '../../src/errors.ts'

const rows = readFileSync('docs/errors.md', 'utf8').matchAll(/^\| `([A-Z_]+)` \| (\d) \| (.+) \| (.+) \|$/gm)
const documented = new Map([...rows].map(([, code = '', exit = '']) => [code, Number(exit)]))

t.test('every code stands in docs/errors.md with its exit status, and nothing else does', async (t) => {
  t.same([...documented].sort(), Object.entries(errorCodes).sort())
})

t.test('every code is used', async (t) => {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && name !== 'errors.ts')
    .map((name) => readFileSync(join('src', name), 'utf8'))
  for (const code of Object.keys(errorCodes))
    t.ok(
      sources.some((source) => source.includes(`'${code}'`)),
      code,
    )
})

t.test('an error knows its exit status', async (t) => {
  t.equal(new OffhookError('USAGE', 'wrong').exit, 2)
  t.equal(new OffhookError('USER_UNKNOWN', 'nobody').exit, 1)
})
