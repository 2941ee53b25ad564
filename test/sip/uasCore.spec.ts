import t from 'tap'
import { Authenticator } from '../../src/sip/auth/authenticator.ts'
import { Nonces } from '../../src/sip/auth/nonces.ts'
import { Penalties } from '../../src/sip/auth/penalties.ts'
import type { Params } from '../../src/sip/message/fields.ts'
import type { SipResponse } from '../../src/sip/message/message.ts'
import { TransactionLayer } from '../../src/sip/transaction/layer.ts'
import { UasCore } from '../../src/sip/uasCore.ts'
import { silentLog } from '../support/silentLog.ts'
import { VirtualClock } from '../support/virtual/clock.ts'
import { seededRandom } from '../support/virtual/random.ts'
import { account, authorization, challenges, REALM } from './auth/digestClient.ts'
import { type RequestChanges, request } from './messages.ts'
import { TestFlow } from './testFlow.ts'

const OURS = ['10.0.0.1', 'pbx.example', '2001:db8::1']

/** A UAS core whose one user is 101, with the password `secret`. */
function bench() {
  const clock = new VirtualClock()
  const random = seededRandom(1)
  const nonces = new Nonces(clock, random)
  /** Requests that passed every check, and whose they are. */
  const passed: string[] = []
  const core = new UasCore({
    ...{ clock, log: silentLog },
    authenticator: new Authenticator({
      ...{ realm: REALM, nonces, random },
      algorithms: ['MD5'],
      credentials: { credentials: (user) => (user === '101' ? account('101', 'secret') : null) },
      penalties: new Penalties(clock, () => false),
    }),
    handlers: {
      register: (transaction, user) => {
        passed.push(`REGISTER ${user}`)
        transaction.respond(200)
      },
      invite: (transaction, user) => {
        passed.push(`INVITE ${user}`)
        transaction.respond(486)
      },
    },
    ofTrunk: () => null,
    isOurs: (host) => OURS.includes(host),
  })
  const flow = new TestFlow(clock, 'udp', { address: '198.51.100.7', port: 40001 })
  const layer = new TransactionLayer(clock, random, {
    request: (transaction) => core.receive(transaction),
    ack() {},
    answeredAgain() {},
    reopen: () => Promise.reject(new Error('no way')),
  })
  let calls = 0
  // Each is a call of its own.
  const comes = (method: string, changes: RequestChanges = {}) => {
    const headers = { 'Call-ID': `call-${++calls}@10.0.0.20`, ...changes.headers }
    layer.receive(request(method, { ...changes, headers }), flow)
  }
  /** The answer to a request that is answered at once. */
  const answers = (method: string, changes: RequestChanges = {}): SipResponse => {
    comes(method, changes)
    const sent = flow.take().at(-1)?.message
    if (sent?.kind !== 'response') throw new Error(`${method} was not answered`)
    return sent
  }
  return {
    ...{ clock, flow, layer, passed, comes, answers },
    status: (method: string, changes?: RequestChanges): number => answers(method, changes).status,
    /** With credentials of `user`, right unless another password is given. */
    signed(method: string, changes: RequestChanges = {}, user = '101', password = 'secret'): RequestChanges {
      const nonce = nonces.issue(flow.remote.address)
      const Authorization = authorization({ user, password, nonce, method })
      return { ...changes, headers: { ...changes.headers, Authorization } }
    },
  }
}

function challengesOf(response: SipResponse): Params[] {
  return challenges([...response.headers].map(({ name, value }) => [name, value]))
}

t.test('RFC 3261 §8.2.1, §21.5.2: a method not ours is 405, one that nobody knows 501, both with Allow', async (t) => {
  const { answers } = bench()
  const elsewhere = ['PUBLISH', 'REFER']
  for (const method of [...elsewhere, 'invite', 'FOO']) {
    const answer = answers(method)
    t.equal(answer.status, elsewhere.includes(method) ? 405 : 501, method)
    t.equal(
      answer.headers.first('allow'),
      'INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, INFO, MESSAGE, NOTIFY, PRACK, SUBSCRIBE, UPDATE',
    )
  }
})

t.test('RFC 3261 §8.2.2.1: a scheme we don’t know is 416; tel is known', async (t) => {
  const { status } = bench()
  t.equal(status('INVITE', { uri: 'http://10.0.0.1/' }), 416)
  t.equal(status('OPTIONS', { uri: 'mailto:a@b' }), 416)
  t.equal(status('INVITE', { uri: 'tel:+15551234567' }), 401)
})

t.test(
  'RFC 3261 §8.2.2.1: another host is refused, never relayed; whether it is ours its port does not say',
  async (t) => {
    const { status } = bench()
    for (const uri of ['sip:102@198.51.100.1', 'sip:evil.example', 'sip:102@10.0.0.10', 'sip:10.0.0.1@evil.example']) {
      t.equal(status('OPTIONS', { uri }), 404, uri)
      t.equal(status('INVITE', { uri }), 404, uri)
    }
    for (const uri of [
      'sip:10.0.0.1',
      'sip:102@10.0.0.1:1730',
      'sip:102@PBX.Example;transport=tcp',
      'sips:102@pbx.example',
      'sip:102@[2001:DB8:0:0::1]:5070',
      'sip:102@[::ffff:10.0.0.1]',
    ]) {
      t.equal(status('OPTIONS', { uri }), 200, uri)
      t.equal(status('INVITE', { uri }), 401, uri)
    }
  },
)

t.test('RFC 3261 §8.2.2.3: an extension that is required is 420 with Unsupported', async (t) => {
  const { answers, status } = bench()
  const answer = answers('INVITE', { headers: { Require: ['100rel, precondition', 'replaces'] } })
  t.equal(answer.status, 420)
  t.equal(answer.headers.first('unsupported'), 'precondition, replaces')
  t.equal(status('INVITE', { headers: { Require: '' } }), 401)
  t.equal(status('INVITE', { headers: { Supported: '100rel, outbound' } }), 401)
  t.equal(status('INVITE', { headers: { 'Proxy-Require': 'x' } }), 420, 'we stand where a proxy would')
})

t.test('RFC 3261 §8.2.3: an encoded body is 415 with Accept-Encoding', async (t) => {
  const { answers, status } = bench()
  const answer = answers('INVITE', { headers: { 'Content-Encoding': 'gzip' }, body: 'x' })
  t.equal(answer.status, 415)
  t.equal(answer.headers.first('accept-encoding'), 'identity')
  t.equal(status('INVITE', { headers: { 'Content-Encoding': 'Identity' }, body: 'x' }), 401)
  t.equal(status('INVITE', { headers: { 'Content-Encoding': 'gzip' } }), 401, 'there is no body')
})

t.test('RFC 3261 §21.4.7: an INVITE that may not be answered with SDP is 406', async (t) => {
  const { status } = bench()
  for (const Accept of ['text/plain', 'text/*, application/pidf+xml', '']) {
    t.equal(status('INVITE', { headers: { Accept } }), 406, Accept)
  }
  const sdp = [
    'text/plain;q=0.5, Application/SDP;level=1',
    'application/*',
    '*/*;q=0.1',
    ['text/plain', 'application/sdp'],
  ]
  for (const Accept of sdp) t.equal(status('INVITE', { headers: { Accept } }), 401, String(Accept))
  t.equal(status('OPTIONS', { headers: { Accept: 'text/plain' } }), 200, 'whose answer holds nothing')
})

t.test('RFC 3261 §11.2: OPTIONS is answered to whoever asks', async (t) => {
  const answer = bench().answers('OPTIONS', { headers: { From: '<sip:anonymous@anonymous.invalid>;tag=1' } })
  t.equal(answer.status, 200)
  t.match(answer.headers.first('allow'), /INVITE/)
  t.equal(answer.headers.first('accept'), 'application/sdp')
  t.ok(answer.to.tag)
})

t.test('NOTIFY that keeps a NAT open is 200, any other belongs to no subscription (RFC 6665 §4.1.3)', async (t) => {
  const { status } = bench()
  const of = (event: string | null) => status('NOTIFY', { headers: { Event: event } })
  t.equal(of('keep-alive'), 200)
  t.equal(of('Keep-Alive;id=1'), 200)
  for (const event of ['message-summary', 'dialog;id=keep-alive', null, '', ';']) t.equal(of(event), 481, `${event}`)
})

t.test('RFC 3261 §22.2: whoever wants anything else is asked who it is', async (t) => {
  const { answers, passed, layer, clock } = bench()
  for (const method of ['REGISTER', 'INVITE', 'SUBSCRIBE', 'BYE', 'INFO']) {
    const answer = answers(method)
    t.equal(answer.status, 401, method)
    t.equal(challengesOf(answer)[0]?.get('realm'), REALM)
  }
  t.strictSame(passed, [])
  t.equal(layer.size, 0, 'RFC 3261 §8.2.7: a stranger leaves nothing behind')
  t.equal(clock.timers, 0)
})

t.test('RFC 3261 §26.3.2.4: who has proven nothing leaves nothing behind, whatever the answer', async (t) => {
  const { status, layer, clock } = bench()
  t.equal(status('INVITE', { uri: 'sip:102@evil.example' }), 404)
  t.equal(status('INVITE', { uri: 'http://a' }), 416)
  t.equal(status('INVITE', { headers: { Require: 'x' } }), 420)
  t.equal(status('PUBLISH'), 405)
  t.equal(status('OPTIONS'), 200)
  t.equal(status('NOTIFY'), 481)
  t.equal(layer.size, 0)
  t.equal(clock.timers, 0)
})

t.test('a user that is known', async (t) => {
  const { status, signed, passed, answers } = bench()
  t.equal(status('INVITE', signed('INVITE')), 486)
  t.equal(status('REGISTER', signed('REGISTER', { headers: { To: '<sip:101@pbx.example>' } })), 200)
  t.strictSame(passed, ['INVITE 101', 'REGISTER 101'])
  const subscription = answers('SUBSCRIBE', signed('SUBSCRIBE', { headers: { Event: 'message-summary' } }))
  t.equal(subscription.status, 489, 'RFC 6665 §4.2.1.1')
  t.equal(subscription.headers.first('allow-events'), 'keep-alive')
  for (const method of ['BYE', 'INFO']) t.equal(status(method, signed(method)), 481, `${method} belongs to a dialog`)
})

t.test(
  'RFC 3261 §8.2.2.2: what comes again by another path is 482, for as long as copies may be under way',
  async (t) => {
    const { status, signed, passed, layer, clock } = bench()
    const same = { 'Call-ID': 'forked', CSeq: '7 INVITE' }
    t.equal(status('INVITE', { headers: same }), 401)
    t.equal(status('INVITE', { headers: same }), 401, 'what was challenged is not being answered')
    t.equal(status('INVITE', signed('INVITE', { headers: same })), 486)
    t.equal(status('INVITE', { headers: same }), 482)
    t.equal(status('INVITE', signed('INVITE', { headers: same })), 482)
    t.equal(layer.size, 1, 'nothing is kept of the copies')
    for (const [name, value] of [
      ['Call-ID', 'another'],
      ['CSeq', '8 INVITE'],
      ['From', '<sip:101@10.0.0.1>;tag=another'],
    ] as const) {
      t.equal(status('INVITE', signed('INVITE', { headers: { ...same, [name]: value } })), 486, name)
    }
    t.equal(status('INVITE', signed('INVITE', { uri: 'sip:103@10.0.0.1', headers: same })), 486, 'a spiral')
    await clock.advance(40_000)
    t.equal(layer.size, 0)
    t.equal(status('INVITE', signed('INVITE', { headers: same })), 486, 'the first is over')
    t.strictSame(passed, Array(6).fill('INVITE 101'))
  },
)

t.test('From must be the user’s own, under any host and in any writing', async (t) => {
  const { answers, status, signed, passed } = bench()
  const from = (value: string) => signed('INVITE', { headers: { From: `${value};tag=1` } })
  for (const other of ['<sip:102@10.0.0.1>', '<sip:10.0.0.1>', '<tel:101>', '<sip:anonymous@anonymous.invalid>']) {
    const answer = answers('INVITE', from(other))
    t.equal(answer.status, 403, other)
    t.equal(answer.reason, 'From Is Not Yours')
  }
  t.strictSame(passed, [])
  for (const own of ['"Boss" <sip:101@evil.example>', '<sips:%3101@10.0.0.1>', 'sip:101@10.0.0.1']) {
    t.equal(status('INVITE', from(own)), 486, own)
  }
})

t.test('RFC 3261 §10.3: a REGISTER is for its To, which must be the user’s own and have a host of ours', async (t) => {
  const { status, signed, passed } = bench()
  const to = (value: string) =>
    signed('REGISTER', { uri: 'sip:10.0.0.1', headers: { To: value, From: '<sip:102@10.0.0.1>;tag=1' } })
  t.equal(status('REGISTER', to('<sip:102@10.0.0.1>')), 403)
  t.equal(status('REGISTER', to('<sip:101@evil.example>')), 404)
  t.equal(status('REGISTER', to('<tel:101>')), 400, 'RFC 4475 §3.3.4')
  t.strictSame(passed, [])
  t.equal(status('REGISTER', to('<sip:101@[2001:db8:0::1]>')), 200, 'whoever sends it')
})

t.test('a user we don’t know and a wrong password cannot be told apart', async (t) => {
  const { answers, signed } = bench()
  const shown = (answer: SipResponse) => ({
    status: answer.status,
    names: [...answer.headers].map(({ name }) => name),
    challenges: challengesOf(answer).map((params) =>
      [...params].map(([name, value]) => (name === 'nonce' ? name : value)),
    ),
  })
  const wrong = answers('INVITE', signed('INVITE', {}, '101', 'guess'))
  const headers = { From: '<sip:nobody@10.0.0.1>;tag=1' }
  const unknown = answers('INVITE', signed('INVITE', { headers }, 'nobody', 'guess'))
  t.strictSame(shown(unknown), shown(wrong))
  t.equal(wrong.status, 401)
  t.strictSame(shown(answers('INVITE', { headers })), shown(answers('INVITE')), 'nor before a password was tried')
})

t.test('who keeps guessing is answered late, with 100 Trying meanwhile, and repeats change nothing', async (t) => {
  const { comes, signed, flow, clock, layer, status } = bench()
  for (let i = 0; i < 3; i++) t.equal(status('INVITE', signed('INVITE', {}, '101', 'guess')), 401)
  const guess = signed('INVITE', { branch: 'z9hG4bK-guess' }, '101', 'guess')
  comes('INVITE', guess)
  await clock.advance(500)
  comes('INVITE', guess)
  await clock.advance(1499)
  t.strictSame(flow.told(), ['100 INVITE', '100 INVITE'])
  await clock.advance(1)
  t.strictSame(flow.told(), ['401 INVITE'])
  t.equal(layer.size, 0)
  t.equal(clock.timers, 0)
})
