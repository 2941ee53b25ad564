import { mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { nodeFiles } from '../../src/platform/nodeFiles.ts'

async function folder(t: Test): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'offhook-files-'))
  t.teardown(() => rm(path, { recursive: true }))
  return path
}

t.test('what is written anywhere in a file is read anywhere', async (t) => {
  const path = join(await folder(t), 'a')
  const file = await nodeFiles.create(path)
  await file.write(0, Uint8Array.of(1, 2, 3, 4))
  await file.write(4, new Uint8Array(1_000_000).fill(5))
  await file.write(1, Uint8Array.of(9))
  await file.sync()
  await file.close()
  const read = await nodeFiles.open(path)
  t.equal(read.size, 1_000_004)
  t.equal(read.modified, (await stat(path)).mtimeMs)
  const into = new Uint8Array(6)
  t.equal(await read.read(0, into), 6)
  t.same([...into], [1, 9, 3, 4, 5, 5])
  t.equal(await read.read(1_000_001, into.fill(0)), 3, 'fewer at the end')
  t.same([...into], [5, 5, 5, 0, 0, 0])
  t.equal(await read.read(2_000_000, into), 0)
  await truncate(path, 10)
  t.equal(await read.read(8, into), 2, 'a file that has become shorter')
  await read.close()
})

t.test('a recording is private, and never takes the place of another file', async (t) => {
  const path = join(await folder(t), 'a')
  await (await nodeFiles.create(path)).close()
  t.equal((await stat(path)).mode & 0o777, 0o600)
  await t.rejects(nodeFiles.create(path), { code: 'EEXIST' })
})

t.test('what cannot be opened says the system’s code', async (t) => {
  const path = await folder(t)
  await t.rejects(nodeFiles.open(join(path, 'none')), { code: 'ENOENT' })
  await t.rejects(nodeFiles.create(join(path, 'none', 'a')), { code: 'ENOENT' })
  await writeFile(join(path, 'a'), 'x')
  const file = await nodeFiles.open(join(path, 'a'))
  await file.close()
  await t.rejects(file.read(0, new Uint8Array(1)), { code: 'EBADF' })
})
