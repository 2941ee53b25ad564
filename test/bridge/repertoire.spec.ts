import t from 'tap'
import { repertoires } from '../../src/bridge/repertoire.ts'

const pcma = { name: 'PCMA', clockRate: 8000, channels: 1, fmtp: null }
const opus = { name: 'opus', clockRate: 48_000, channels: 2, fmtp: 'useinbandfec=1' }

t.test('a repertoire is made once for each list, and is what the engine makes', async (t) => {
  const repertoire = repertoires([opus, pcma])
  t.same(repertoire(null, false), {
    made: [
      { ...opus, payloadType: 96 },
      { ...pcma, payloadType: 97 },
    ],
    only: null,
    preferred: null,
  })
  t.equal(repertoire(null, false), repertoire(null, false))
  const ordered = repertoire(['pcma', 'opus'], false)
  t.same(ordered.only, ['pcma', 'opus'])
  t.equal(ordered.made, repertoire(null, false).made)
  t.equal(repertoire(['pcma', 'opus'], false), ordered, 'for another user too')
  t.not(repertoire(['opus', 'pcma'], false), ordered, 'the order counts')
  t.same(repertoire(['opus', 'pcma'], false).only, ['opus', 'pcma'])
  t.equal(repertoire(null, true).preferred, 'opus', 'a browser speaks Opus')
  t.equal(repertoire(['pcma', 'opus'], true), ordered, 'unless the admin has said what')
})
