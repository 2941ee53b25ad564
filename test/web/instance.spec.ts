import t from 'tap'
import { instanceId, type Locks } from '../../web/src/store/instance.ts'
import { memoryBox } from '../../web/src/store/stored.ts'

/** Locks of a browser whose open pages are `held`. */
function locks(held: Set<string>): Locks {
  return {
    take: async (name) => {
      if (held.has(name)) return false
      held.add(name)
      return true
    },
  }
}

function ids(): () => string {
  let next = 0
  return () => `00000000-0000-4000-8000-${`${next++}`.padStart(12, '0')}`
}

t.test('a reload has its id again', async (t) => {
  const [tab, device, fresh] = [memoryBox(), memoryBox(), ids()]
  const first = await instanceId(tab, device, locks(new Set()), fresh)
  t.equal(await instanceId(tab, device, locks(new Set()), fresh), first)
})

t.test('tabs that are open together differ; one that is closed leaves its id to the next', async (t) => {
  const [device, fresh, held] = [memoryBox(), ids(), new Set<string>()]
  const first = await instanceId(memoryBox(), device, locks(held), fresh)
  const second = await instanceId(memoryBox(), device, locks(held), fresh)
  t.not(second, first)
  held.delete(`offhook.instance.${first}`)
  t.equal(await instanceId(memoryBox(), device, locks(held), fresh), first)
})

t.test('a duplicated tab gets another than its original', async (t) => {
  const [tab, device, fresh, held] = [memoryBox(), memoryBox(), ids(), new Set<string>()]
  const original = await instanceId(tab, device, locks(held), fresh)
  t.not(await instanceId(tab, device, locks(held), fresh), original)
})

t.test('what is no id is not taken', async (t) => {
  const tab = memoryBox()
  tab.setItem('offhook.instance', '"<script>"')
  t.match(await instanceId(tab, memoryBox(), locks(new Set()), ids()), /^[0-9a-f-]{36}$/)
})
