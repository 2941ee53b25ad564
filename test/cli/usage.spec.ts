import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { table } from '../../src/cli/table.ts'
import { clockTime, since, spanText } from '../../src/cli/text.ts'
import { openDatabase } from '../../src/store/database.ts'
import { commandLine } from './bench.ts'

t.test('wrong usage is one line and exit 2', async (t) => {
  const { offhook } = commandLine(t)
  const wrong: [string[], string | RegExp][] = [
    [['usr'], "unknown command 'usr' (Did you mean user?)\n"],
    [['user', 'lst'], "unknown command 'lst' (Did you mean list?)\n"],
    [['user', 'list', '--jsn'], "unknown option '--jsn' (Did you mean --json?)\n"],
    [['user', 'add'], "missing required argument 'user'\n"],
    [['user', 'list', 'all'], /too many arguments/],
    [['serve', '--tls-port', '5061'], /^unknown option '--tls-port'/],
    [['ivr', 'list'], /^unknown command 'ivr'/],
  ]
  for (const [argv, error] of wrong) {
    t.match(await offhook(...argv), { status: 2, out: '', error }, argv.join(' '))
  }
})

t.test('help says what there is', async (t) => {
  const { offhook } = commandLine(t)
  const { status, out } = await offhook('--help')
  t.equal(status, 0)
  for (const command of ['serve', 'status', 'user', 'device', 'call']) t.match(out, new RegExp(`^  ${command} `, 'm'))
  t.match((await offhook('user', 'set', '--help')).out, '--data <dir>')
  t.match(await offhook('user'), { status: 2, error: /^Usage: offhook user/ })
  t.match(await offhook('--version'), { status: 0, out: /^\d+\.\d+\.\d+\n$/ })
})

t.test('looking at a directory without data is refused, and makes nothing', async (t) => {
  const { offhook, data } = commandLine(t)
  const elsewhere = join(data, 'tpyo')
  for (const argv of [['user', 'list'], ['status'], ['call', 'list'], ['user', 'remove', '101']]) {
    t.same(await offhook(...argv, '--data', elsewhere), {
      status: 1,
      out: '',
      error: `${elsewhere} has no Offhook data; start a server once (offhook serve), or name another directory with --data\n`,
    })
  }
  t.notOk(existsSync(elsewhere))
  t.match(await offhook('--data', elsewhere, 'user', 'add', '101'), { status: 0 }, '--data stands anywhere')
  t.ok(existsSync(elsewhere))
})

t.test('a directory that cannot be used', async (t) => {
  const { offhook, data } = commandLine(t)
  writeFileSync(join(data, 'file'), '')
  t.match(await offhook('user', 'add', '101', '--data', join(data, 'file', 'x')), {
    status: 1,
    error: /^cannot write in .*file\/x \(ENOTDIR\); run as the user that owns it/,
  })
  t.match(await offhook('user', 'list', '--data', join(data, 'file', 'x')), { status: 1 })
})

t.test('a database from a newer version', async (t) => {
  const { offhook, data } = commandLine(t)
  const steps = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name) => ({ name, sql: `CREATE TABLE ${name} (x)` }))
  openDatabase(join(data, 'offhook.db'), steps).close()
  t.match(await offhook('user', 'list'), {
    status: 1,
    error: /offhook\.db was written by a newer Offhook \(its schema is 9, /,
  })
})

t.test('tables fit the terminal by cutting what may be cut', async (t) => {
  const columns = [{ heading: 'ID' }, { heading: 'LONG', shrinksTo: 4 }, { heading: 'N', align: 'right' as const }]
  const rows = [
    ['1', 'a long text indeed', '7'],
    ['2', 'köttbullar', '12'],
  ]
  t.equal(
    table(columns, rows, null),
    'ID  LONG                 N\n1   a long text indeed   7\n2   köttbullar          12\n',
  )
  t.equal(table(columns, rows, 16), 'ID  LONG       N\n1   a long …   7\n2   köttbul…  12\n')
  t.equal(table(columns, rows, 5), 'ID  LONG   N\n1   a l…   7\n2   köt…  12\n', 'no further than that')
})

t.test('spans and times', async (t) => {
  t.same([0, 7, 65, 3600, 3723, 90000].map(clockTime), ['0:00', '0:07', '1:05', '1:00:00', '1:02:03', '25:00:00'])
  t.same([0, 59.9, 60, 3725, 86400, 90061].map(spanText), ['0 s', '59 s', '1 min', '1 h 2 min', '1 d', '1 d 1 h'])
  const now = new Date('2026-01-05T09:00:00Z')
  t.same(
    ['30s', '30m', '2h', '7d'].map((text) => (now.getTime() - since(text, now)) / 1000),
    [30, 1800, 7200, 604800],
  )
  t.equal(since('2026-01-05', now), new Date(2026, 0, 5).getTime())
  t.equal(since('2026-01-05T08:30:00Z', now), Date.UTC(2026, 0, 5, 8, 30))
  for (const text of ['', 'yesterday', '5', '2026-13-01', '3w'])
    t.throws(() => since(text, now), { code: 'USAGE' }, text)
})
