import t, { type Test } from 'tap'
import { EMPTY_NETWORK, type PhoneNetwork } from '../../src/api/plan/network.ts'
import { number } from '../../src/api/plan/number.ts'
import { route } from '../../src/api/plan/route.ts'
import { trunk } from '../../src/api/plan/trunk.ts'
import type { Endpoint, UdpSocket } from '../../src/platform/network.ts'
import { isRtcp } from '../../src/rtp/packet.ts'
import { SrtpSession } from '../../src/rtp/srtp/srtpSession.ts'
import { parseDescription } from '../../src/sdp/parse.ts'
import type { SipMessage } from '../../src/sip/message/message.ts'
import { rtp } from '../rtp/rtpBytes.ts'
import { bodyOf } from '../support/virtual/body.ts'
import type { VirtualPhone } from '../support/virtual/phone.ts'
import { type World, world } from '../support/virtual/world.ts'

// SRTP by keys in SDP (RFC 4568) on the legs of a trunk that is set to it.

const PROVIDER = '203.0.113.9'
const CALLED = '+4930555'

/** 101 is here; the provider is a phone at an address of its own, which needs no password. */
async function provided(t: Test, srtp = true): Promise<World & { alice: VirtualPhone; provider: VirtualPhone }> {
  const all = await world(t, { country: 'DE' })
  all.store.users.set('101', { allow: ['internal', 'national', 'international'] })
  all.pbx.outside.change(network(srtp))
  const alice = await all.phone('101')
  await alice.registers()
  const provider = await all.phone('provider', { address: PROVIDER })
  return Object.assign(all, { alice, provider })
}

function network(srtp: boolean): PhoneNetwork {
  const trunks = [trunk.schema().parse({ ...trunk.blank, name: 'city', host: PROVIDER, register: false, srtp })]
  const numbers = [number.schema().parse({ ...number.blank, number: '+4930111', to: 'user:101' })]
  const routes = [route.schema().parse({ ...route.blank, name: 'out', match: '\\+.*', to: ['trunk:city'] })]
  return { ...EMPTY_NETWORK, trunks, numbers, routes }
}

/** A provider's media at a port: what it seals and opens, and all that came as it was. */
class FarMedia {
  readonly came: Uint8Array[] = []
  readonly keySalt: Buffer
  readonly at: Endpoint
  #socket: UdpSocket | null = null
  #session: SrtpSession | null = null
  #to: Endpoint | null = null
  #sequence = 0

  constructor(port: number, fill: number) {
    this.at = { address: PROVIDER, port }
    this.keySalt = Buffer.alloc(30, fill)
  }

  async listens(t: Test, { network: wire }: World): Promise<this> {
    const socket = await wire.host(PROVIDER).bindUdp(this.at, (bytes) => void this.came.push(bytes))
    this.#socket = socket
    t.teardown(() => socket.close())
    return this
  }

  /** Its SDP; `tag`: of the line of ours that it takes. */
  sdp(tag = 1, lines: readonly string[] = []): string {
    const { address, port } = this.at
    return [
      ...['v=0', `o=- 9 ${++this.#sequence} IN IP4 ${address}`, 's=-', `c=IN IP4 ${address}`, 't=0 0'],
      `m=audio ${port} RTP/SAVP 0`,
      `a=crypto:${tag} AES_CM_128_HMAC_SHA1_80 inline:${this.keySalt.toString('base64')}`,
      ...lines,
      '',
    ].join('\r\n')
  }

  /** Takes the keys that this message of the server has. */
  hears(message: SipMessage): void {
    const description = parseDescription(message.body)
    const audio = description.kind === 'description' ? description.media[0] : undefined
    const [ours] = audio?.crypto ?? []
    if (!audio?.address || !ours) throw new Error(`no key in ${bodyOf(message)}`)
    this.#to = { address: audio.address, port: audio.port }
    const [local, remote] = [this.keySalt, ours.keySalt].map((keySalt) => {
      return { key: keySalt.subarray(0, 16), salt: keySalt.subarray(16) }
    })
    if (local && remote) this.#session = new SrtpSession({ profile: ours.suite, local, remote })
  }

  says(words: string): void {
    const packet = rtp({ ssrc: 0xfa, sequence: ++this.#sequence, payload: Buffer.from(words) })
    this.saysPlainly(this.#session?.protect(packet) ?? packet)
  }

  saysPlainly(packet: Uint8Array): void {
    if (this.#to) this.#socket?.send(Buffer.from(packet), this.#to)
  }

  /** What came of words, opened; what is not sealed as it should be shows as `forged`. */
  get words(): string[] {
    return this.came.splice(0).flatMap((packet) => {
      if (isRtcp(packet)) return []
      const opened = this.#session?.unprotect(Uint8Array.from(packet)) ?? 'no key'
      if (typeof opened === 'string') return [opened]
      return opened.length > 12 ? [Buffer.from(opened.subarray(12)).toString()] : []
    })
  }
}

/** Nothing is left of the call; the trunk is asked by OPTIONS on and on. */
async function isOver(t: Test, { clock, pbx, engine }: World): Promise<void> {
  await clock.advance(1000)
  t.strictSame([pbx.calls.size, engine.legs], [0, 0], 'no call and no leg is left')
}

const keysIn = (message: SipMessage): string[] => bodyOf(message).match(/^a=crypto:.*$/gm) ?? []

t.test('out: we offer keys, and the audio goes sealed both ways', async (t) => {
  const all = await provided(t)
  const { alice, provider, clock } = all
  const wire: string[] = []
  all.network.onPacket = (_from, to, bytes) => {
    if (to.address === PROVIDER && to.port !== 5060) wire.push(Buffer.from(bytes).toString('latin1'))
  }
  const far = await new FarMedia(6000, 1).listens(t, all)
  await alice.calls(CALLED)
  const invite = await provider.rings()
  t.match(bodyOf(invite), /^m=audio \d+ RTP\/SAVP 0 8 101/m)
  const [first, second] = keysIn(invite)
  t.match(first, /^a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:[\w+/]{40}$/)
  t.match(second, /^a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:[\w+/]{40}$/)
  t.not(first?.slice(-40), second?.slice(-40))
  far.hears(invite)
  provider.answers({ sdp: far.sdp() })
  await alice.talks()
  t.notMatch(bodyOf(alice.received.at(-1) ?? invite), /SAVP|crypto/, 'nothing of it crosses')
  alice.says('from alice')
  far.says('from afar')
  await alice.hears('from afar')
  await clock.advance(100)
  t.strictSame(far.words, ['from alice'])
  far.saysPlainly(rtp({ ssrc: 0xfa, sequence: 99, payload: Buffer.from('in the clear') }))
  await clock.advance(20_000)
  t.notOk(alice.audio.heard.some(({ words }) => words === 'in the clear'))
  t.ok(wire.length > 5, 'words, RTCP and what keeps the way open')
  t.notOk(wire.some((packet) => packet.includes('from alice')))
  t.notOk(
    wire.some((packet) => packet.includes(PROVIDER) || packet.includes('10.0.0.1')),
    'no name in RTCP',
  )
  await alice.hangsUp()
  provider.answersTo(await provider.seesRequest('BYE'), 200)
  await isOver(t, all)
})

t.test('each call has keys of its own', async (t) => {
  const { alice, provider } = await provided(t)
  const seen = new Set<string>()
  for (let call = 0; call < 3; call++) {
    await alice.calls(CALLED)
    for (const line of keysIn(await provider.rings())) seen.add(line.slice(-40))
    provider.responds(486)
    await alice.sees('486 INVITE')
  }
  t.equal(seen.size, 6)
})

t.test('an answer in the clear, or with another line than ours, ends the call with words', async (t) => {
  const all = await provided(t)
  const { alice, provider } = all
  const far = new FarMedia(6000, 1)
  for (const [sdp, reason] of [
    [provider.sdp(), /has no encrypted audio/],
    [far.sdp(3), /no key of SRTP in common/],
    [far.sdp(1).replace(/a=crypto.*\r\n/, ''), /no a=crypto line/],
  ] as const) {
    await alice.calls(CALLED)
    await provider.rings()
    provider.answers({ sdp })
    await alice.sees('488 INVITE')
    provider.answersTo(await provider.seesRequest('BYE'), 200)
    t.match((await all.records())[0], { outcome: 'failed', status: 488, reason })
  }
  await isOver(t, all)
})

/** The provider calls a number of ours. */
function callsIn(provider: VirtualPhone, sdp: string): void {
  provider.outgoing = provider.invitation('+4930111', { sdp })
  provider.sends(provider.outgoing)
}

t.test('in: an offer of keys is answered so, one in the clear is a 488', async (t) => {
  const all = await provided(t)
  const { alice, provider, clock } = all
  callsIn(provider, provider.sdp())
  await provider.sees('488 INVITE')
  t.match((await all.records())[0], { outcome: 'failed', status: 488, reason: /has no encrypted audio/ })
  const far = await new FarMedia(6000, 1).listens(t, all)
  callsIn(provider, far.sdp(7))
  await alice.rings()
  alice.answers()
  const answer = await provider.talks()
  t.strictSame(keysIn(answer).length, 1)
  t.match(keysIn(answer)[0], /^a=crypto:7 AES_CM_128_HMAC_SHA1_80 /)
  far.hears(answer)
  far.says('hello')
  await alice.hears('hello')
  alice.says('hi')
  await clock.advance(100)
  t.strictSame(far.words, ['hi'])
  await alice.hangsUp()
  await provider.isHungUpOn()
  await isOver(t, all)
})

t.test('re-offers keep our key, take another of the peer’s, and give new ones to another place', async (t) => {
  const all = await provided(t)
  const { alice, provider, clock } = all
  const far = await new FarMedia(6000, 1).listens(t, all)
  callsIn(provider, far.sdp())
  await alice.rings()
  alice.answers()
  const answer = await provider.talks()
  far.hears(answer)
  await alice.sees('ACK')
  const [ours] = keysIn(answer)

  const reoffer = async (media: FarMedia, lines: readonly string[] = []): Promise<SipMessage> => {
    provider.asks('INVITE', { sdp: media.sdp(1, lines) })
    await alice.seesRequest('INVITE')
    alice.answers()
    const again = await provider.seesResponse('200 INVITE')
    provider.acknowledges(again)
    await alice.sees('ACK')
    return again
  }
  t.strictSame(keysIn(await reoffer(far, ['a=sendonly'])), [ours], 'held')

  const anew = new FarMedia(6000, 2)
  const renewed = await reoffer(anew)
  t.strictSame(keysIn(renewed), [ours], 'another key of the peer')
  const moved = await new FarMedia(7000, 3).listens(t, all)
  const elsewhere = await reoffer(moved)
  const [fresh] = keysIn(elsewhere)
  t.match(fresh, /^a=crypto:1 AES_CM_128_HMAC_SHA1_80 /)
  t.not(fresh, ours, 'another place')
  moved.hears(elsewhere)
  moved.says('from elsewhere')
  await alice.hears('from elsewhere')
  moved.came.splice(0)
  alice.says('to elsewhere')
  await clock.advance(100)
  t.strictSame(moved.words, ['to elsewhere'])

  alice.asks('INVITE', { sdp: alice.sdp({ lines: ['a=sendonly'] }) })
  const held = await provider.seesRequest('INVITE')
  t.strictSame(keysIn(held), [fresh], 'our own offer has what is in force')
  provider.answers({ sdp: moved.sdp(1, ['a=recvonly']) })
  await alice.talks()
  await alice.hangsUp()
  await provider.isHungUpOn()
  await isOver(t, all)
})

t.test('a trunk without it offers none, and takes none', async (t) => {
  const { alice, provider } = await provided(t, false)
  await alice.calls(CALLED)
  const invite = await provider.rings()
  t.match(bodyOf(invite), /RTP\/AVP/)
  t.strictSame(keysIn(invite), [])
  provider.responds(486)
  await alice.sees('486 INVITE')
})

t.test('a phone that wants it of itself gets it, unless its key came by UDP', async (t) => {
  const { alice, phone, pbx } = await provided(t)
  const far = new FarMedia(6000, 1)
  const sealed = (port: number) => far.sdp().replace('audio 6000', `audio ${port}`)
  await alice.calls('*43', { sdp: sealed(alice.audio.port), sees: '488 INVITE' })
  const desk = await phone('102', { transport: 'tcp' })
  await desk.calls('*43', { sdp: sealed(desk.audio.port) })
  const answer = await desk.talks()
  t.match(bodyOf(answer), /RTP\/SAVP 0\r\n/)
  t.strictSame(keysIn(answer).length, 1)
  await desk.hangsUp()
  t.equal(pbx.calls.size, 0)
})
