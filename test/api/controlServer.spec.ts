import { existsSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { connectControl } from '../../src/api/controlClient.ts'
import { controlServer } from '../../src/api/controlServer.ts'
import { localOperations } from '../../src/api/localOperations.ts'
import type { Operations } from '../../src/api/operations.ts'
import { operationsContract } from '../contracts/operations.ts'
import { someUser } from '../store/rows.ts'
import { silentLog } from '../support/silentLog.ts'
import { contextBench, FakeLive, shortDirectory, stillClock } from './bench.ts'

/** A control server over a fake server, at a socket of its own. */
async function served(t: Test, change: (operations: Operations) => Operations = (operations) => operations) {
  const live = new FakeLive()
  const { store, context } = contextBench(live)
  const path = join(shortDirectory(t), 'control.sock')
  const errors: object[] = []
  const log = { ...silentLog, error: (facts: object) => void errors.push(facts) }
  const server = await controlServer({ path, operations: change(localOperations(context)), clock: stillClock, log })
  t.teardown(() => server.close())
  return { store, live, path, errors, server }
}

operationsContract('remoteOperations', async (t) => {
  const { store, live, path } = await served(t)
  const operations = await connectControl(path, stillClock)
  if (operations === null) throw new Error('nobody listens')
  t.teardown(() => operations.close())
  return { operations, store, live }
})

/** Sends `text`, ends, and gives the lines that come back. */
function exchange(path: string, text: string | Uint8Array): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(path, () => socket.end(text))
    socket.setEncoding('utf8')
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('error', reject)
    socket.on('close', () =>
      resolve(
        answer
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line)),
      ),
    )
  })
}

const bad = (id: number | null, message: string | RegExp) => ({ id, error: { code: 'BAD_REQUEST', message } })

t.test('the socket is for its owner alone; one that a dead server left is taken over', async (t) => {
  const path = join(shortDirectory(t), 'control.sock')
  writeFileSync(path, '')
  const { context } = contextBench()
  const mask = process.umask()
  const options = { path, operations: localOperations(context), clock: stillClock, log: silentLog }
  const server = await controlServer(options)
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.equal(process.umask(), mask)
  await server.close()
  t.notOk(existsSync(path))
})

t.test('a path that no socket can have is refused', async (t) => {
  const path = join(shortDirectory(t), 'x'.repeat(104))
  const { context } = contextBench()
  const options = { path, operations: localOperations(context), clock: stillClock, log: silentLog }
  await t.rejects(controlServer(options), { code: 'CONTROL_FAILED', message: /is too long for a socket/ })
})

t.test('where nobody listens there is no server', async (t) => {
  const directory = t.testdir({ left: '' })
  t.equal(await connectControl(join(directory, 'control.sock'), stillClock), null)
  t.equal(await connectControl(join(directory, 'left'), stillClock), null)
})

t.test('several requests on one connection, answered in order', async (t) => {
  const { path } = await served(t)
  const answers = await exchange(
    path,
    `{"id":7,"do":"hangUp","with":{"id":"c2"}}\n{"id":8,"do":"calls","with":{"active":true,"since":null,"user":null,"limit":5}}\n`,
  )
  t.match(answers, [
    { id: 7, result: null },
    { id: 8, page: [{ id: 'c1' }] },
    { id: 8, result: null },
  ])
})

t.test('bad lines are answered with what is wrong, and the next one counts again', async (t) => {
  const { path, errors } = await served(t)
  const lines: [string | Uint8Array, object][] = [
    ['', bad(null, 'a request is one line of JSON')],
    ['hello', bad(null, 'a request is one line of JSON')],
    [Uint8Array.of(0xff, 0x00, 0xfe), bad(null, 'a request is one line of JSON')],
    ['null', bad(null, /expected object/)],
    ['[]', bad(null, /expected object/)],
    ['{"do":"status"}', bad(null, /^id: /)],
    ['{"id":-1,"do":"status"}', bad(null, /^id: /)],
    ['{"id":3,"do":"reboot"}', bad(3, /^do: /)],
    ['{"id":4,"do":"user"}', bad(4, /^with: /)],
    ['{"id":5,"do":"user","with":{"name":7}}', bad(5, /^with\.name: .*expected string/)],
    ['{"id":6,"do":"user","with":{"name":"101","__proto__":{}}}', bad(6, /Unrecognized key: "__proto__"/)],
    ['{"id":7,"do":"user","with":{"name":"101"},"extra":1}', bad(7, /Unrecognized key: "extra"/)],
    [`{"id":8,"do":"user","with":{"name":"${'x'.repeat(2000)}"}}`, bad(8, /^with\.name: /)],
    [`{"id":9,"do":"status","with":${'['.repeat(50_000)}`, bad(null, 'a request is one line of JSON')],
    ['{"id":10,"rows":[]}', bad(10, /^do: /)],
  ]
  const sent = lines.flatMap(([line]) => [Buffer.from(line), Buffer.from('\n')])
  const answers = await exchange(path, Buffer.concat([...sent, Buffer.from('{"id":99,"do":"status"}\n')]))
  t.match(answers, [...lines.map(([, answer]) => answer), { id: 99, result: { running: true } }])
  t.equal(answers.length, lines.length + 1)
  t.same(errors, [])
})

t.test('half a line is not answered', async (t) => {
  const { path } = await served(t)
  t.same(await exchange(path, '{"id":1,"do":"status"}'), [])
})

t.test('too long a line ends the connection, with a word why', async (t) => {
  const { path } = await served(t)
  const answers = await exchange(path, Buffer.alloc(1_200_000, 'x'))
  t.match(answers, [bad(null, 'a line is longer than 1048576 characters; send less in one')])
})

t.test('an import that breaks off brings nobody', async (t) => {
  const { path, store } = await served(t)
  const row = {
    user: '101',
    password: null,
    name: null,
    callerId: null,
    allow: null,
    digest: null,
    codecs: null,
    media: null,
    line: 2,
  }
  const answers = await exchange(path, `{"id":1,"do":"importUsers"}\n${JSON.stringify({ id: 1, rows: [row] })}\n`)
  t.match(answers, [bad(1, 'the import broke off before its end; nothing was imported')])
  t.equal(store.users.count(), 0)
})

t.test('after a row that is none, the rest of the import is skipped', async (t) => {
  const { path, store } = await served(t)
  const lines = ['{"id":1,"do":"importUsers"}', '{"id":1,"rows":[{"user":"101"}]}', 'rubbish', '{"id":1,"end":true}']
  const answers = await exchange(path, `${lines.join('\n')}\n{"id":2,"do":"status"}\n`)
  t.match(answers, [
    { id: 1, error: { code: 'BAD_REQUEST' } },
    { id: 2, result: { users: 0 } },
  ])
  t.equal(store.users.count(), 0)
})

t.test('a mistake of ours is logged, not shown', async (t) => {
  const { path, errors } = await served(t, (operations) => ({
    ...operations,
    status: () => Promise.reject(new TypeError('undefined is not a function')),
  }))
  const [answer] = await exchange(path, '{"id":1,"do":"status"}\n')
  t.same(answer, { id: 1, error: { code: 'INTERNAL', message: 'the server failed at this; its log says why' } })
  t.match(errors, [{ cause: /^TypeError: undefined is not a function\n/ }])
})

t.test('a client that goes in the middle of a list disturbs nobody', async (t) => {
  const { path, store } = await served(t)
  for (let name = 1000; name < 3000; name++) {
    store.users.add(someUser(String(name), { displayName: 'x'.repeat(100) }))
  }
  const leaver = await connectControl(path, stillClock)
  for await (const page of leaver?.users() ?? []) {
    t.ok(page.length > 0)
    leaver?.close()
    break
  }
  const stayer = await connectControl(path, stillClock)
  t.match(await stayer?.status(), { users: 2000 })
  stayer?.close()
})

t.test('a list that was not read to its end does not mix with the next answer', async (t) => {
  const { path, store } = await served(t)
  for (let name = 1000; name < 3000; name++) {
    store.users.add(someUser(String(name)))
  }
  const operations = await connectControl(path, stillClock)
  t.teardown(() => operations?.close())
  for await (const page of operations?.users() ?? []) {
    t.ok(page.length < 2000)
    break
  }
  t.match(await operations?.status(), { running: true, users: 2000 })
})

t.test('a server that goes before it has answered', async (t) => {
  const { path, server } = await served(t, (operations) => ({ ...operations, status: () => new Promise(() => {}) }))
  const operations = await connectControl(path, stillClock)
  const answer = t.rejects(Promise.resolve(operations?.status()), {
    code: 'SERVER_SILENT',
    message: `the server at ${path} does not answer; look at its log, or restart it`,
  })
  await server.close()
  await answer
})

t.test('a server that never answers is given up', async (t) => {
  const { path } = await served(t, (operations) => ({ ...operations, status: () => new Promise(() => {}) }))
  const waits: number[] = []
  const hasty = { ...stillClock, after: (ms: number, run: () => void) => stillClock.after(waits.push(ms) && 1, run) }
  const operations = await connectControl(path, hasty)
  await t.rejects(Promise.resolve(operations?.status()), { code: 'SERVER_SILENT' })
  t.same(waits, [10_000])
})
