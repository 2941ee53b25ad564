import { once } from 'node:events'
import { getPriority } from 'node:os'
import { Worker } from 'node:worker_threads'
import t from 'tap'

const skip = process.platform === 'linux' ? false : 'threads have priorities of their own on Linux alone'

t.test('a thread that steps back is behind the others, which stay where they are', { skip }, async (t) => {
  const before = getPriority()
  const worker = new Worker(new URL('./steppingBack.ts', import.meta.url))
  const [{ first, last }] = await once(worker, 'message')
  t.equal(first, before, 'it began as all threads do')
  t.equal(last, Math.min(19, before + 5))
  t.equal(getPriority(), before)
})
