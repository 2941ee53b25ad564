import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openDatabase } from '../../src/store/database.ts'
import { dataDirectory, defaultDataPath, prepareDataDirectory } from '../../src/store/dataDirectory.ts'
import { migrations } from '../../src/store/migrations/index.ts'
import { openSqlite } from '../../src/store/sqlite.ts'

const notes = [{ name: '001-notes', sql: 'CREATE TABLE notes (text TEXT)' }]
const tagged = [...notes, { name: '002-tags', sql: "ALTER TABLE notes ADD COLUMN tag TEXT DEFAULT 'none'" }]

t.test('a new database gets every migration and is readable by its owner alone', async (t) => {
  const file = join(t.testdir(), 'offhook.db')
  const database = openDatabase(file)
  t.equal(database.pragma('user_version', { simple: true }), migrations.length)
  t.equal(database.pragma('journal_mode', { simple: true }), 'wal')
  t.equal(database.pragma('foreign_keys', { simple: true }), 1)
  for (const name of [file, `${file}-wal`, `${file}-shm`]) t.equal(statSync(name).mode & 0o777, 0o600, name)
  database.close()
})

t.test('an older database gets the migrations it lacks, and keeps its rows', async (t) => {
  const file = join(t.testdir(), 'offhook.db')
  const old = openDatabase(file, notes)
  old.exec("INSERT INTO notes VALUES ('kept')")
  old.close()
  const database = openDatabase(file, tagged)
  t.same(database.prepare('SELECT * FROM notes').all(), [{ text: 'kept', tag: 'none' }])
  t.equal(database.pragma('user_version', { simple: true }), 2)
  database.close()
})

t.test('calls recorded before events were kept have none', async (t) => {
  const file = join(t.testdir(), 'offhook.db')
  const old = openDatabase(file, migrations.slice(0, 1))
  old.exec(`INSERT INTO calls (id, started_at, ended_at, from_user, dialled, outcome, ended_by, status, reason, legs)
    VALUES ('old', 1, 2, '101', '102', 'busy', 'callee', 486, 'busy', '[]')`)
  old.close()
  const database = openDatabase(file)
  t.same(database.prepare('SELECT id, events FROM calls').all(), [{ id: 'old', events: '[]' }])
  database.close()
})

t.test('users from before codecs and media could be set speak any codec, through the server', async (t) => {
  const file = join(t.testdir(), 'offhook.db')
  const old = openDatabase(file, migrations.slice(0, 3))
  old.exec("INSERT INTO users VALUES ('101', NULL, NULL, 'internal', 'MD5', 'a', 'b', 1)")
  old.close()
  const database = openDatabase(file)
  t.same(database.prepare('SELECT name, digest, codecs, media FROM users').all(), [
    { name: '101', digest: 'MD5', codecs: null, media: 'relay' },
  ])
  database.close()
})

t.test('a migration that fails leaves the database as it was', async (t) => {
  const file = join(t.testdir(), 'offhook.db')
  openDatabase(file, notes).close()
  const broken = { name: '002-broken', sql: 'CREATE TABLE half (x); CREATE TABLE notes (y)' }
  t.throws(() => openDatabase(file, [...notes, broken]))
  const database = openDatabase(file, notes)
  t.same(database.prepare("SELECT name FROM sqlite_schema WHERE name = 'half'").all(), [])
  database.close()
})

t.test('a database from a newer version is refused, and not touched', async (t) => {
  const file = join(t.testdir(), 'offhook.db')
  openDatabase(file, tagged).close()
  const before = readFileSync(file)
  t.throws(() => openDatabase(file, notes), {
    code: 'DATABASE_NEWER',
    message: `${file} was written by a newer Offhook (its schema is 2, this one knows up to 1); upgrade Offhook, or name another directory with --data`,
  })
  t.same(readFileSync(file), before)
})

t.test('a file that is no database of ours is refused, and not touched', async (t) => {
  const directory = t.testdir({
    'text.db': 'Dear diary, this is long enough to be taken for a database header, and more.',
  })
  const text = join(directory, 'text.db')
  t.throws(() => openDatabase(text), { code: 'DATABASE_UNREADABLE' })
  const other = join(directory, 'other.db')
  const theirs = openSqlite(other)
  theirs.exec('CREATE TABLE photos (name)')
  theirs.close()
  const before = readFileSync(other)
  t.throws(() => openDatabase(other), {
    code: 'DATABASE_UNREADABLE',
    message: /^.*other\.db is not an Offhook database/,
  })
  t.same(readFileSync(other), before)
})

t.test('a damaged database is refused', async (t) => {
  const file = join(t.testdir(), 'offhook.db')
  openDatabase(file).close()
  const bytes = readFileSync(file)
  bytes.fill(0xff, 100)
  writeFileSync(file, bytes)
  t.throws(() => openDatabase(file), { code: 'DATABASE_UNREADABLE', message: /is damaged; put a backup in its place$/ })
})

t.test('a data directory is made for its owner alone; one that exists keeps its mode', async (t) => {
  const made = dataDirectory(join(t.testdir({ shared: {} }), 'a', 'b'))
  prepareDataDirectory(made)
  t.equal(statSync(made.path).mode & 0o777, 0o700)
  const shared = dataDirectory(join(t.testdirName, 'shared'))
  chmodSync(shared.path, 0o755)
  prepareDataDirectory(shared)
  t.equal(statSync(shared.path).mode & 0o777, 0o755)
})

t.test('a data directory that cannot be made is refused by name', async (t) => {
  const path = join(t.testdir({ file: 'in the way' }), 'file', 'data')
  t.throws(() => prepareDataDirectory(dataDirectory(path)), {
    code: 'DATA_UNWRITABLE',
    message: `cannot write in ${path} (ENOTDIR); run as the user that owns it, or name another directory with --data`,
  })
})

t.test('the default data directory', async (t) => {
  t.equal(defaultDataPath({ OFFHOOK_DATA: '/srv/phones', XDG_DATA_HOME: '/x', HOME: '/home/a' }), '/srv/phones')
  t.equal(defaultDataPath({ XDG_DATA_HOME: '/x', HOME: '/home/a' }), '/x/offhook')
  t.equal(defaultDataPath({ HOME: '/home/a' }), '/home/a/.local/share/offhook')
})
