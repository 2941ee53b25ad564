import t, { type Test } from 'tap'
import { contacts } from '../../src/sip/message/fields.ts'
import type { TrunkEntry } from '../../src/trunks/trunk.ts'
import { mediaOf } from '../support/virtual/body.ts'
import {
  bringing,
  brings,
  challenges,
  MAIN,
  OTHER_PROVIDER,
  OUT_THERE,
  type Outside,
  outside,
  PROVIDER,
  provider,
  trunkAt,
} from '../support/virtual/outside.ts'
import { answers, challengesForEver, challengesThen, Provider, registrar, silent } from '../support/virtual/provider.ts'

const ACCOUNT: Partial<TrunkEntry> = { username: 'acme', password: 'secret', register: true }
const EXTERNAL = '198.51.100.7'
const NEW_EXTERNAL = '198.51.100.77'
const HOUR = 3_600_000
const AT = { address: PROVIDER, port: 5060 }

/** The whole server with a trunk that registers, as it does, behind a router that the provider sees. */
function registered(t: Test, trunk: Partial<TrunkEntry> = {}, how: Parameters<typeof outside>[1] = {}) {
  return outside(t, {
    external: EXTERNAL,
    itsp: { server: { address: EXTERNAL, port: 5060 } },
    trunk: { ...ACCOUNT, ...trunk },
    ...how,
  })
}

const stateOf = ({ pbx }: Pick<Outside, 'pbx'>, trunk = 0) => pbx.outside.trunks[trunk]?.registration?.state ?? null

t.test('from the start: challenged once, then registered, and again before it ends', async (t) => {
  const all = await registered(t)
  const { itsp, clock } = all
  t.equal(stateOf(all), 'registered')
  t.equal(itsp.registry.got.length, 2)
  const [first] = itsp.registry.got
  t.equal(first?.request.uri.text, `sip:${PROVIDER}`)
  t.equal(first?.request.to.uri.text, `sip:acme@${PROVIDER}`)
  t.match(itsp.registry.bound(), [/^sip:[0-9a-f]{32}@198\.51\.100\.7:5060$/])
  for (let hour = 0; hour < 24; hour++) {
    await clock.advance(HOUR)
    t.equal(itsp.registry.bound().length, 1)
  }
  t.ok(itsp.registry.got.length < 100)
  t.equal(new Set(itsp.registry.got.map(({ request }) => request.callId)).size, 1)
  await all.nothingIsLeft(t)
})

t.test('a call comes by the Contact, and one goes out to whoever has us registered', async (t) => {
  const all = await registered(t)
  const { itsp, alice, phone } = all
  const bob = await phone('102')
  await bob.registers()
  const [, user = ''] = /^sip:([^@]+)@/.exec(itsp.registry.bound()[0] ?? '') ?? []
  await brings(itsp, user, { to: MAIN })
  await bob.rings()
  bob.answers()
  const answer = await itsp.talks()
  t.match(answer.headers.first('contact'), new RegExp(`<sip:${user}@198\\.51\\.100\\.7:5060>`))
  await bob.sees('ACK')
  await itsp.hangsUp()
  await bob.isHungUpOn()
  await alice.calls(OUT_THERE)
  const invite = await itsp.rings()
  t.match(invite.headers.first('contact'), new RegExp(`<sip:${user}@198\\.51\\.100\\.7:5060>`))
  itsp.responds(486)
  await alice.sees('486 INVITE')
  await all.nothingIsLeft(t)
})

t.test(
  'behind a router nobody told it of, it learns its address from the provider, and tells it who is in a call',
  async (t) => {
    const all = await registered(t, {}, { learns: true })
    const { itsp, alice, clock, advertiser, network } = all
    t.equal(advertiser.external, EXTERNAL)
    t.match(itsp.registry.bound(), [/^sip:[0-9a-f]{32}@198\.51\.100\.7:5060$/])
    await alice.calls(OUT_THERE)
    const invite = await itsp.rings()
    t.equal(mediaOf(invite)?.address, EXTERNAL)
    itsp.answers()
    await alice.talks()
    await itsp.sees('ACK')
    // The line gets another address; the next answer to OPTIONS tells it.
    network.router = {
      ...(network.router ?? { inside: '', isLocal: () => false }),
      outside: NEW_EXTERNAL,
      former: EXTERNAL,
    }
    await clock.advance(40_000)
    t.equal(advertiser.external, NEW_EXTERNAL)
    t.match(itsp.registry.bound(), [/@198\.51\.100\.77:5060$/])
    const told = await itsp.seesRequest('INVITE')
    t.equal(mediaOf(told)?.address, NEW_EXTERNAL)
    itsp.answersTo(told, 200, { sdp: itsp.sdp() })
    await alice.hangsUp()
    await all.nothingIsLeft(t)
  },
)

t.test('a wrong password is told in words, and the provider is not asked over and over', async (t) => {
  const all = await registered(t, { password: 'wrong' })
  const { itsp, clock, pbx } = all
  t.match(pbx.outside.trunks[0], {
    state: 'up',
    registration: { state: 'failed' },
    problem: /the provider refuses the password of account acme/,
  })
  await clock.advance(HOUR)
  t.ok(itsp.registry.got.length <= 20, `${itsp.registry.got.length} REGISTERs in an hour`)
  await all.nothingIsLeft(t)
})

t.test('who misbehaves is not asked for ever: challenges without end, 302, 403, garbage, silence', async (t) => {
  for (const manner of [
    challengesForEver(),
    challengesForEver(', qop="auth", stale=true'),
    challengesThen(403),
    answers(302, ['Contact', '<sip:198.51.100.66>']),
    answers(403),
    answers(200, ['Contact', '<sip:x@y>;expires=0']),
    answers(423, ['Min-Expires', '99999999']),
    answers(503, ['Retry-After', '1']),
    silent,
  ]) {
    const all = await registered(t, { password: 'secret' }, { phoneNetwork: { trunks: [] } })
    const { itsp, clock, changes, pbx } = all
    itsp.registry.manner = manner
    changes({ trunks: [trunkAt('one', PROVIDER, ACCOUNT)] })
    await clock.advance(HOUR)
    t.ok(itsp.registry.got.length <= 150, `${itsp.registry.got.length} REGISTERs in an hour`)
    t.ok(pbx.outside.trunks[0]?.problem, pbx.outside.trunks[0]?.problem ?? '')
    // It may come to its senses.
    itsp.registry.manner = registrar()
    await clock.advance(HOUR)
    t.equal(stateOf(all), 'registered')
    await all.nothingIsLeft(t)
  }
})

t.test('the provider restarts, and knows neither us nor its own nonces', async (t) => {
  const all = await registered(t, {}, { itsp: { server: { address: EXTERNAL, port: 5060 } } })
  const { itsp, clock } = all
  itsp.registry.stop()
  itsp.registry.manner = registrar()
  await clock.advance(HOUR)
  t.equal(itsp.registry.bound().length, 1)
  t.equal(stateOf(all), 'registered')
  await all.nothingIsLeft(t)
})

t.test('the provider is away for a while: registered again within minutes of its return', async (t) => {
  const all = await registered(t)
  const { itsp, clock, network, pbx } = all
  network.unreachable.add(PROVIDER)
  await clock.advance(60_000)
  let wasUp = 0
  for (let second = 0; second < 7_200; second += 5) {
    await clock.advance(5_000)
    if (pbx.outside.trunks[0]?.state !== 'down') wasUp++
  }
  t.equal(wasUp, 0, 'a REGISTER that nobody answers proves nothing')
  t.match(pbx.outside.trunks[0], { state: 'down', registration: { state: /failed|trying/ } })
  itsp.registry.bindings.clear()
  network.unreachable.delete(PROVIDER)
  await clock.advance(120_000)
  t.equal(pbx.outside.trunks[0]?.state, 'up')
  t.equal(stateOf(all), 'registered')
  await all.nothingIsLeft(t)
})

t.test('another address toward the internet: registered anew at once, the old binding gone, calls told', async (t) => {
  const all = await registered(t)
  const { itsp, alice, clock, readdresses } = all
  await alice.calls(OUT_THERE)
  await itsp.seesRequest('INVITE')
  challenges(itsp, 'n1')
  await itsp.rings()
  itsp.answers()
  await alice.talks()
  await itsp.sees('ACK')
  readdresses(NEW_EXTERNAL)
  const told = await itsp.seesRequest('INVITE')
  t.match(told.headers.first('contact'), /@198\.51\.100\.77:5060>/)
  t.equal(mediaOf(told)?.address, NEW_EXTERNAL)
  challenges(itsp, 'n2')
  await itsp.sees('ACK')
  const again = await itsp.seesRequest('INVITE')
  t.match(again.headers.first('authorization'), /nonce="n2"/)
  itsp.answersTo(again, 200, { headers: [['Contact', itsp.contact]], sdp: itsp.sdp() })
  await itsp.sees('ACK')
  await clock.advance(1_000)
  t.match(itsp.registry.bound(), [/@198\.51\.100\.77:5060$/])
  t.equal(itsp.registry.bound().length, 1)
  alice.says('still there')
  t.equal((await itsp.hears('still there')).from.address, NEW_EXTERNAL)
  itsp.says('I am')
  await alice.hears('I am')
  await alice.hangsUp()
  await itsp.isHungUpOn()
  await all.nothingIsLeft(t)
})

t.test('a call that the provider brought is told, too', async (t) => {
  const all = await registered(t)
  const { itsp, alice, phone, readdresses } = all
  const bob = await phone('102')
  await bob.registers()
  const [, user = ''] = /^sip:([^@]+)@/.exec(itsp.registry.bound()[0] ?? '') ?? []
  await brings(itsp, user, { to: MAIN })
  await bob.rings()
  bob.answers()
  await itsp.talks()
  await bob.sees('ACK')
  readdresses(NEW_EXTERNAL)
  const told = await itsp.seesRequest('INVITE')
  t.match(told.headers.first('contact'), new RegExp(`<sip:${user}@198\\.51\\.100\\.77:5060>`))
  itsp.answersTo(told, 200, { headers: [['Contact', itsp.contact]], sdp: itsp.sdp() })
  await itsp.sees('ACK')
  itsp.says('hello')
  await bob.hears('hello')
  await itsp.hangsUp()
  await bob.isHungUpOn()
  await alice.calls(OUT_THERE)
  t.match((await itsp.rings()).headers.first('contact'), new RegExp(`<sip:${user}@198\\.51\\.100\\.77:5060>`))
  itsp.responds(486)
  await alice.sees('486 INVITE')
  await all.nothingIsLeft(t)
})

t.test('the provider is busy with an offer of its own (491): it is told again', async (t) => {
  const all = await registered(t)
  const { itsp, alice, readdresses } = all
  await alice.calls(OUT_THERE)
  await itsp.rings()
  itsp.answers()
  await alice.talks()
  await itsp.sees('ACK')
  readdresses(NEW_EXTERNAL)
  itsp.answersTo(await itsp.seesRequest('INVITE'), 491)
  await itsp.sees('ACK')
  const again = await itsp.seesRequest('INVITE')
  itsp.answersTo(again, 200, { headers: [['Contact', itsp.contact]], sdp: itsp.sdp() })
  await itsp.sees('ACK')
  await alice.hangsUp()
  await itsp.isHungUpOn()
  await all.nothingIsLeft(t)
})

t.test('the server is stopped: the binding is taken back; started again it has the same Contact', async (t) => {
  const all = await registered(t, {}, { file: `${t.testdir()}/data.db` })
  const { itsp, clock, restart } = all
  const [before] = itsp.registry.bound()
  t.ok(before)
  await restart()
  t.ok(itsp.registry.got.some(({ request }) => request.headers.first('expires') === '0'))
  await clock.advance(1_000)
  t.same(itsp.registry.bound(), [before])
  await all.nothingIsLeft(t)
})

t.test('a trunk that is changed, or taken away: what is registered is what is wanted', async (t) => {
  const all = await registered(t)
  const { itsp, clock, changes } = all
  for (const change of [
    { codecs: ['PCMA'] },
    { callerId: '+4930123450' },
    { maxCalls: 5 },
    { codecs: null, emergency: true },
  ] satisfies Partial<TrunkEntry>[]) {
    changes({ trunks: [trunkAt('one', PROVIDER, { ...ACCOUNT, ...change })] })
    await clock.advance(5_000)
    t.equal(itsp.registry.bound().length, 1, JSON.stringify(change))
    t.equal(stateOf(all), 'registered')
  }
  changes({ trunks: [trunkAt('one', PROVIDER, { ...ACCOUNT, register: false })] })
  await clock.advance(5_000)
  t.same(itsp.registry.bound(), [])
  t.equal(stateOf(all), null)
  changes({ trunks: [trunkAt('one', PROVIDER, ACCOUNT)] })
  await clock.advance(5_000)
  t.equal(itsp.registry.bound().length, 1)
  changes({ trunks: [] })
  await clock.advance(5_000)
  t.same(itsp.registry.bound(), [])
  await all.nothingIsLeft(t)
})

t.test(
  'a trunk that is changed while the provider forgets its nonces, or packets are lost, stays registered',
  async (t) => {
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const all = await registered(t, {}, { seed })
      const { itsp, clock, changes, network } = all
      // As after a restart: each nonce is stale.
      itsp.registry.manner = registrar()
      network.impairment = { delay: 5, jitter: 30, loss: 0.3, duplicate: 0.1 }
      changes({ trunks: [trunkAt('one', PROVIDER, { ...ACCOUNT, codecs: ['PCMA'] })] })
      await clock.advance(30_000)
      network.impairment = { delay: 1, jitter: 0, loss: 0, duplicate: 0 }
      await clock.advance(60_000)
      t.equal(stateOf(all), 'registered')
      t.equal(itsp.registry.bound().length, 1, `seed ${seed}`)
      await all.nothingIsLeft(t)
    }
  },
)

t.test('the second server of the trunk where the first is silent; calls go there, by the way it wants', async (t) => {
  const all = await outside(t, { trunk: { ...ACCOUNT, servers: [OTHER_PROVIDER] }, phoneNetwork: { trunks: [] } })
  const { itsp, alice, clock, changes } = all
  const second = await provider(all, { address: OTHER_PROVIDER })
  second.registry.manner = registrar({ headers: [['Service-Route', `<sip:${OTHER_PROVIDER};lr;x=1>`]] })
  itsp.automatic = () => null
  changes({ trunks: [trunkAt('one', PROVIDER, { ...ACCOUNT, servers: [OTHER_PROVIDER] })] })
  await clock.advance(60_000)
  t.equal(stateOf(all), 'registered')
  t.equal(second.registry.bound().length, 1)
  changes({ routes: all.store.plan.load().routes.map((route) => ({ ...route, to: ['trunk:one'] })) })
  await alice.calls(OUT_THERE)
  const invite = await second.rings()
  t.equal(invite.headers.first('route'), `<sip:${OTHER_PROVIDER};lr;x=1>`)
  second.responds(486)
  await alice.sees('486 INVITE')
  await all.nothingIsLeft(t)
})

t.test(
  'over TCP: calls come by the connection of the registration; where it breaks, there is soon another',
  async (t) => {
    const all = await outside(t, { phoneNetwork: { trunks: [] } })
    const { clock, network, changes, itsp } = all
    itsp.close()
    const registry = await new Provider(network, clock, AT).start()
    t.teardown(() => registry.stop())
    changes({ trunks: [trunkAt('one', PROVIDER, { ...ACCOUNT, transport: 'tcp' })] })
    await clock.advance(5_000)
    t.equal(stateOf(all), 'registered')
    const [bound] = registry.got.slice(-1).map(({ request }) => contacts(request.headers))
    t.match(typeof bound === 'object' && bound[0]?.uri.text, /;transport=tcp$/)
    await clock.advance(120_000)
    const before = registry.got.filter(({ request }) => request.method === 'REGISTER').length
    registry.dropConnections()
    await clock.advance(20_000)
    t.ok(registry.got.filter(({ request }) => request.method === 'REGISTER').length > before)
    t.equal(stateOf(all), 'registered')
    await all.nothingIsLeft(t)
  },
)

t.test('who is not the provider reaches nobody, though it knows the account and the Contact', async (t) => {
  const all = await registered(t)
  const { itsp, phone } = all
  const [, user = ''] = /^sip:([^@]+)@/.exec(itsp.registry.bound()[0] ?? '') ?? []
  const stranger = await phone('acme', { address: '198.51.100.66', server: { address: EXTERNAL, port: 5060 } })
  for (const called of [user, 'acme', MAIN]) {
    stranger.sends(bringing(stranger, called, { to: MAIN, caller: 'acme' }))
    await stranger.sees('401 INVITE')
  }
  await all.nothingIsLeft(t)
})
