import t from 'tap'
import { type Plan, route } from '../../src/dialplan/route.ts'

const plan: Plan = {
  isUser: (name) => ['101', '102', '*44'].includes(name),
  app: (dialled) => (dialled === '*43' || dialled === '102' ? dialled : null),
}

t.test('a user of ours rings', async (t) => {
  t.strictSame(route({ from: '102', dialled: '101' }, plan), {
    rule: 'users',
    action: 'ring',
    targets: [{ kind: 'user', user: '101' }],
  })
  t.strictSame(
    route({ from: '101', dialled: '101' }, plan),
    { rule: 'users', action: 'ring', targets: [{ kind: 'user', user: '101' }] },
    'one’s own other phones too',
  )
})

t.test('a built-in number is an app, before any user', async (t) => {
  t.strictSame(route({ from: '101', dialled: '*43' }, plan), { rule: 'built-in numbers', action: 'run', app: '*43' })
  t.strictSame(route({ from: '101', dialled: '102' }, plan), { rule: 'built-in numbers', action: 'run', app: '102' })
  t.match(route({ from: '101', dialled: '*44' }, plan), { action: 'ring' })
})

t.test('anything else is nowhere', async (t) => {
  for (const dialled of ['999', '', '101 ', 'Alice', '%2A43', '__proto__']) {
    const reason = `nobody here has the number ${dialled}`
    t.strictSame(
      route({ from: '101', dialled }, plan),
      { rule: 'end of the plan', action: 'reject', status: 404, reason },
      dialled,
    )
  }
})
