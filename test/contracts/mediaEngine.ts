import t from 'tap'
import { type SrtpKeys, SrtpSession } from '../../src/rtp/srtp/srtpSession.ts'
import { block, bytes, receiverReport } from '../rtp/rtcpBytes.ts'
import { fields, RECEIVER_REPORT, rtp } from '../rtp/rtpBytes.ts'
import { given, type MakeBench, phone, scene, sequencesApart, talk } from './engineScene.ts'

/** What every media engine does. */
export function mediaEngineContract(name: string, make: MakeBench): void {
  t.test(`${name} keeps the media engine's contract`, async (t) => {
    t.test('legs listen on pairs of ports in the range', async (t) => {
      const { bench, open } = await scene(t, make)
      const media = await open('a', 'b')
      t.same(
        media.map(({ leg, address }) => [leg, address]),
        [
          ['a', bench.address],
          ['b', bench.address],
        ],
      )
      for (const { port, rtcpPort } of media) {
        t.ok(port >= bench.low && port <= bench.high && port % 2 === 0, `RTP on ${port}`)
        t.equal(rtcpPort, port + 1)
      }
      t.equal(bench.engine.legs, 2)
    })

    t.test('two linked phones hear each other', async (t) => {
      const { alice, bob, call, bench } = await talk(t, make)
      alice.says('hello', call.a)
      bob.says('hi', call.b)
      await bench.until(() => bob.heard.length > 0 && alice.heard.length > 0, 'a word each way')
      t.same([alice.words, bob.words], [['hi'], ['hello']])
    })

    t.test('payload types are mapped where the sides numbered a codec differently', async (t) => {
      const { alice, bob, call, bench, obeyed } = await talk(t, make)
      bench.engine.update('b', bob.sdp({ dtmf: 96 }))
      await obeyed()
      alice.says('*', call.a, { type: 101 })
      bob.says('#', call.b, { type: 101 })
      await bench.until(() => bob.heard.length > 0 && alice.heard.length > 0, 'an event each way')
      t.same(
        [bob, alice].map(({ heard }) => heard[0] && fields(heard[0]).type),
        [96, 101],
      )
    })

    t.test('the peer hears one stream of ours, with the source’s own gaps', async (t) => {
      const { alice, bob, call, bench } = await talk(t, make)
      for (const [sequence, timestamp] of [
        [65_535, 0],
        [0, 160],
        [3, 640],
      ]) {
        alice.says('.', call.a, { sequence, timestamp, ssrc: 0xabcd })
      }
      await bench.until(() => bob.heard.length === 3, 'three packets')
      const [first, second, third] = bob.heard.map(fields)
      t.not(first?.ssrc, 0xabcd)
      t.same([second?.ssrc, third?.ssrc], [first?.ssrc, first?.ssrc])
      t.same(
        [second, third].map((packet) => [
          ((packet?.sequence ?? 0) - (first?.sequence ?? 0)) & 0xffff,
          ((packet?.timestamp ?? 0) - (first?.timestamp ?? 0)) | 0,
        ]),
        [
          [1, 160],
          [4, 640],
        ],
      )
    })

    t.test('what was not negotiated on both sides is dropped and counted', async (t) => {
      const { alice, bob, call, bench, obeyed } = await talk(t, make)
      const g729 = { codec: 'g729/8000/1', receive: 18, send: 18, fmtp: null }
      bench.engine.update('a', alice.sdp({ formats: [...alice.sdp().formats, g729] }))
      await obeyed()
      alice.says('nobody', call.a, { type: 8 })
      alice.says('one side', call.a, { type: 18 })
      alice.says('both', call.a)
      await bench.until(() => bob.heard.length > 0, 'the one that may pass')
      t.same(bob.words, ['both'])
      t.match(await bench.engine.stats('a'), { dropped: { format: 2 }, codec: 'pcmu/8000/1' })
    })

    t.test('the direction that was negotiated is enforced', async (t) => {
      const { alice, bob, call, bench, obeyed } = await talk(t, make)
      bench.engine.update('a', alice.sdp({ receives: false }))
      await obeyed()
      alice.says('on hold', call.a)
      bob.says('music', call.b)
      await bench.until(() => alice.heard.length > 0, 'the music')
      t.match(await bench.engine.stats('a'), { dropped: { direction: 1 } })
      bench.engine.update('a', alice.sdp({ sends: false }))
      await obeyed()
      bob.says('unheard', call.b)
      alice.says('back', call.a)
      await bench.until(() => bob.heard.length > 0, 'the voice after the hold')
      t.match(await bench.engine.stats('b'), { dropped: { direction: 1 } })
      t.same([alice.words, bob.words], [['music'], ['back']])
      bench.engine.update('a', alice.sdp())
      await obeyed()
      bob.says('again', call.b)
      await bench.until(() => alice.heard.length > 1, 'a word after the hold')
      t.equal(sequencesApart(alice.heard), 1, 'what we held back is no loss')
    })

    t.test('a leg linked with itself is an echo', async (t) => {
      const { alice, call, bench, obeyed } = await talk(t, make)
      bench.engine.link('echo', 'a', 'a')
      await obeyed()
      alice.says('echo?', call.a)
      await bench.until(() => alice.heard.length > 0, 'the echo')
      t.same(alice.words, ['echo?'])
    })

    t.test('a leg is in one link at a time, the last one', async (t) => {
      const { alice, bob, call, bench, obeyed } = await talk(t, make)
      bench.engine.link('echo', 'a', 'a')
      bench.engine.unlink('link')
      await obeyed()
      bob.says('anyone?', call.b)
      alice.says('echo?', call.a)
      await bench.until(() => alice.heard.length > 0, 'the echo')
      t.same([alice.words, bob.words], [['echo?'], []])
      t.match(await bench.engine.stats('b'), { dropped: { unlinked: 1 } })
    })

    t.test('unlinked, a leg hears nothing, and nothing of it is a loss to the next link', async (t) => {
      const { alice, bob, call, bench, obeyed } = await talk(t, make)
      bob.says('hello', call.b)
      await bench.until(() => alice.heard.length > 0, 'a word')
      bench.engine.unlink('link')
      await obeyed()
      bob.says('anyone?', call.b)
      bench.engine.link('echo', 'a', 'a')
      await obeyed()
      alice.says('echo?', call.a)
      await bench.until(() => alice.heard.length > 1, 'the echo')
      t.match(await bench.engine.stats('b'), { dropped: { unlinked: 1 }, received: { packets: 2 } })
      bench.engine.link('again', 'a', 'b')
      await obeyed()
      bob.says('there you are', call.b)
      await bench.until(() => alice.heard.length > 2, 'a word over the new link')
      t.same(alice.words, ['hello', 'echo?', 'there you are'])
      t.equal(sequencesApart(alice.heard), 2)
    })

    t.test('the stream goes on without a gap over a new link', async (t) => {
      const { alice, bob, call, bench, obeyed } = await talk(t, make)
      bob.says('one', call.b)
      await bench.until(() => alice.heard.length === 1, 'the first word')
      bench.engine.link('echo', 'a', 'a')
      await obeyed()
      alice.says('two', call.a)
      await bench.until(() => alice.heard.length === 2, 'the echo')
      const [one, two] = alice.heard.map(fields)
      t.equal(one?.ssrc, two?.ssrc)
      t.equal(sequencesApart(alice.heard), 1)
      t.equal(two?.marker, true)
    })

    t.test('packets to the peer go where its own come from, and it is told', async (t) => {
      const { alice, bob, call, bench, events, obeyed } = await talk(t, make)
      const named = await phone(t, bench, 0xeeee)
      bench.engine.update('a', alice.sdp({ rtp: named.rtp, rtcp: named.rtcp }))
      await obeyed()
      bob.says('to the SDP', call.b)
      await bench.until(() => named.heard.length > 0, 'a word where the SDP says')
      alice.says('here I am', call.a)
      await bench.until(() => bob.heard.length > 0, 'a word through the NAT')
      bob.says('to the source', call.b)
      await bench.until(() => alice.heard.length > 0, 'a word where the packets come from')
      t.same([named.words, alice.words], [['to the SDP'], ['to the source']])
      await bench.until(() => events.some(({ leg }) => leg === 'a'), 'the event')
      t.match(events, [
        { type: 'connected', leg: 'b' },
        { type: 'connected', leg: 'a', source: alice.rtp },
      ])
      t.match(await bench.engine.stats('a'), { learnt: true, remote: alice.rtp })
    })

    t.test('a stranger is neither heard nor answered', async (t) => {
      const { alice, bob, call, bench } = await talk(t, make)
      const mallory = await phone(t, bench, 0x6666)
      alice.says('hello', call.a)
      await bench.until(() => bob.heard.length === 1, 'the first word')
      for (let packet = 0; packet < 20; packet++) mallory.says('inject', call.a)
      alice.says('still me', call.a)
      bob.says('to you', call.b)
      await bench.until(() => bob.heard.length > 1 && alice.heard.length > 0, 'the talk going on')
      t.same([bob.words, alice.words, mallory.words], [['hello', 'still me'], ['to you'], []])
      t.match(await bench.engine.stats('a'), { dropped: { source: 20 }, remote: alice.rtp })
    })

    t.test('one packet on each port opens the way to the peer', async (t) => {
      const { alice, bench } = await talk(t, make)
      await bench.until(() => alice.keepalives.length > 0 && alice.rtcpHeard.length > 0, 'keepalives')
      t.same([alice.keepalives.length, alice.rtcpHeard.length], [1, 1])
    })

    t.test('RTCP is counted and never forwarded', async (t) => {
      const { alice, bob, call, bench } = await talk(t, make)
      const { rtcpHeard } = bob
      await bench.until(() => rtcpHeard.length > 0, 'the keepalive')
      alice.sendsRtcp(RECEIVER_REPORT, { ...call.a, port: call.a.rtcpPort })
      alice.says('after it', call.a)
      await bench.until(() => bob.heard.length > 0, 'a word')
      t.match(await bench.engine.stats('a'), { rtcpReceived: 1 })
      t.equal(rtcpHeard.length, 1)
    })

    t.test('what the peer reports of our stream is told', async (t) => {
      const { alice, bob, call, bench } = await talk(t, make)
      bob.says('hello', call.b)
      await bench.until(() => alice.heard.length > 0, 'a word')
      const ours = alice.heard[0]?.subarray(8, 12) ?? Buffer.alloc(4)
      const about = block(Buffer.from(ours).toString('hex'), { lost: '80000003', jitter: '00000050' })
      alice.sendsRtcp(bytes(receiverReport('000a11ce', about)), { ...call.a, port: call.a.rtcpPort })
      alice.says('after it', call.a)
      await bench.until(() => bob.heard.length > 0, 'a word')
      t.match(await bench.engine.stats('a'), { peer: { lost: 0.5, lostTotal: 3, jitter: 10 }, mos: { told: Number } })
      t.match(await bench.engine.stats('b'), { peer: null, roundTrip: null, mos: { heard: Number, told: null } })
    })

    t.test('where it was agreed, RTCP comes and goes on the port of RTP', async (t) => {
      const { alice, bob, call, bench, obeyed } = await talk(t, make)
      const other = await phone(t, bench, 0xeeee)
      await bench.until(() => alice.rtcpHeard.length > 0, 'the first report')
      bench.engine.update('a', alice.sdp({ rtp: other.rtp, rtcp: alice.rtcp, rtcpMux: true }))
      await obeyed()
      await bench.until(() => other.rtcpHeard.length > 0, 'a report on the RTP port')
      other.sendsBytes(RECEIVER_REPORT, call.a)
      other.says('after it', call.a)
      await bench.until(() => bob.heard.length > 0, 'a word')
      t.match(await bench.engine.stats('a'), { rtcpReceived: 1, dropped: { source: 0 } })
      t.equal(alice.rtcpHeard.length, 1)
    })

    t.test('a leg of SRTP: sealed on its own side, plain on the other, both ways', async (t) => {
      const { bench, events } = await scene(t, make)
      const { engine, address } = bench
      const [alice, bob] = [await phone(t, bench, 0xa11ce), await phone(t, bench, 0xb0b)]
      const specs = [{ id: 'a', srtp: true }, { id: 'b' }].map((spec) => ({ ...spec, call: 'call', address }))
      const [a, b] = (await engine.open(specs)).map(given)
      if (!a || !b) throw new Error('two legs were to be opened')
      engine.update('b', bob.sdp())
      engine.link('link', 'a', 'b')
      await engine.stats('a')
      alice.says('before there are keys', a)
      bob.says('nobody can read this', b)
      await bench.until(() => events.some(({ leg }) => leg === 'b'), 'the first packet of bob')
      const [ours, theirs] = [srtpKey(1), srtpKey(2)]
      const keys = { profile: 'AES_CM_128_HMAC_SHA1_80', local: ours, remote: theirs } as const
      const far = new SrtpSession({ ...keys, local: theirs, remote: ours })
      engine.update('a', alice.sdp({ srtp: keys }))
      t.match(await engine.stats('a'), { transport: 'srtp', received: { packets: 0 }, sent: { packets: 0 } })
      await bench.until(() => alice.keepalives.length > 0 && alice.rtcpHeard.length > 0, 'what opens the way')
      const opener = far.unprotect(Uint8Array.from(alice.keepalives[0] ?? []))
      t.equal(typeof opener === 'string' ? opener : opener.length, 12, 'sealed, too')
      const report = far.unprotectRtcp(Uint8Array.from(alice.rtcpHeard[0] ?? []))
      t.ok(typeof report !== 'string' && report[1] === 201, 'and so is RTCP')

      const hello = Uint8Array.from(far.protect(rtp({ ssrc: 0xa11ce, sequence: 1, payload: Buffer.from('hello') })))
      alice.says('in the clear', a)
      alice.sendsBytes(hello, a)
      alice.sendsBytes(hello, a)
      alice.sendsRtcp(Uint8Array.from(far.protectRtcp(RECEIVER_REPORT)), { ...a, port: a.rtcpPort })
      alice.sendsRtcp(RECEIVER_REPORT, { ...a, port: a.rtcpPort })
      bob.says('hi', b)
      await bench.until(() => bob.heard.length > 0 && alice.heard.length > 0, 'a word each way')
      t.same(bob.words, ['hello'])
      const heard = alice.heard[0] ?? new Uint8Array()
      t.notMatch(Buffer.from(heard).toString('latin1'), /hi/)
      const opened = far.unprotect(Uint8Array.from(heard))
      t.equal(typeof opened === 'string' ? opened : Buffer.from(opened.subarray(12)).toString(), 'hi')

      const renewed = { ...keys, remote: srtpKey(3) }
      engine.update('a', alice.sdp({ srtp: renewed }))
      await engine.stats('a')
      const next = new SrtpSession({ ...renewed, local: renewed.remote, remote: ours })
      alice.sendsBytes(
        Uint8Array.from(next.protect(rtp({ ssrc: 0xa11ce, sequence: 2, payload: Buffer.from('anew') }))),
        a,
      )
      await bench.until(() => bob.heard.length > 1, 'a word under another key')
      bob.says('still', b)
      await bench.until(() => alice.heard.length > 1, 'a word under ours, which is the same')
      t.not(typeof far.unprotect(Uint8Array.from(alice.heard[1] ?? [])), 'string')
      t.match(await engine.stats('a'), {
        received: { packets: 2 },
        sent: { packets: 2 },
        rtcpReceived: 1,
        dropped: { forged: 2, malformed: 1, source: 0 },
      })
    })

    t.test('a leg of SRTP that has no keys yet takes nothing and sends nothing', async (t) => {
      const { bench, events } = await scene(t, make)
      const { engine, address } = bench
      const [alice, bob] = [await phone(t, bench, 0xa11ce), await phone(t, bench, 0xb0b)]
      const [a, b] = (await engine.open(['a', 'b'].map((id) => ({ id, call: 'call', address, srtp: id === 'a' })))).map(
        given,
      )
      if (!a || !b) throw new Error('two legs were to be opened')
      for (const [leg, peer] of [
        ['a', alice],
        ['b', bob],
      ] as const)
        engine.update(leg, peer.sdp())
      engine.link('link', 'a', 'b')
      await engine.stats('a')
      alice.says('in the clear', a)
      bob.says('unheard', b)
      await bench.until(() => events.some(({ leg }) => leg === 'b') && bob.rtcpHeard.length > 0, 'bob, on both ports')
      t.match(await engine.stats('a'), { transport: 'srtp', received: { packets: 0 }, learnt: false })
      t.same([alice.heard, alice.keepalives, alice.rtcpHeard, bob.heard], [[], [], [], []])
    })

    t.test('a leg that closes says goodbye to its peer alone', async (t) => {
      const { alice, bob, bench } = await talk(t, make)
      await bench.until(() => alice.rtcpHeard.length > 0 && bob.rtcpHeard.length > 0, 'the first reports')
      await bench.engine.close('a')
      await bench.until(() => alice.rtcpHeard.length > 1, 'the goodbye')
      const last = Buffer.from(alice.rtcpHeard[1] ?? []).toString('hex')
      t.match(last, /^80c9.*81cb0001.{8}$/)
      t.equal(bob.rtcpHeard.length, 1)
    })

    t.test('counters tell what a leg has seen', async (t) => {
      const { alice, bob, call, bench } = await talk(t, make)
      t.match(await bench.engine.stats('a'), {
        codec: null,
        jitter: null,
        silentFor: null,
        lost: 0,
        transport: 'rtp',
        learnt: false,
        mos: { heard: null, told: null },
      })
      for (const sequence of [1, 2, 4]) alice.says('four', call.a, { sequence })
      await bench.until(() => bob.heard.length === 3, 'three packets')
      const stats = await bench.engine.stats('a')
      t.match(stats, {
        leg: 'a',
        local: { address: call.a.address, port: call.a.port },
        received: { packets: 3, octets: 12 },
        sent: { packets: 0, octets: 0 },
        lost: 1,
        jitter: Number,
        silentFor: Number,
      })
      t.match(await bench.engine.stats('b'), { sent: { packets: 3, octets: 12 }, received: { packets: 0 } })
    })

    t.test('closing gives the last counters, once', async (t) => {
      const { alice, bob, call, bench, events } = await talk(t, make)
      alice.says('hello', call.a)
      await bench.until(() => bob.heard.length > 0, 'a word')
      t.match(await bench.engine.close('a'), { leg: 'a', received: { packets: 1 } })
      t.equal(await bench.engine.close('a'), null)
      t.equal(await bench.engine.stats('a'), null)
      t.equal(bench.engine.legs, 1)
      bob.says('anyone?', call.b)
      await bench.until(() => events.some(({ leg }) => leg === 'b'), 'the first packet')
      t.match(await bench.engine.stats('b'), { dropped: { unlinked: 1 } })
    })

    t.test('all legs are opened or none', async (t) => {
      const { bench, open } = await scene(t, make, 'alone')
      await open('a', 'b')
      await t.rejects(open('c', 'd'), { name: 'MediaError', code: 'NO_PORTS' })
      t.equal(bench.engine.legs, 2)
      t.equal(await bench.engine.stats('c'), null)
    })

    t.test('commands about what does not exist are ignored', async (t) => {
      const { engine } = (await scene(t, make)).bench
      engine.update('x', {
        rtp: null,
        rtcp: null,
        rtcpMux: false,
        formats: [],
        ptime: null,
        sends: true,
        receives: true,
        keysInMedia: true,
        secure: null,
      })
      engine.link('link', 'x', 'y')
      engine.unlink('link')
      t.same([await engine.stats('x'), await engine.close('x')], [null, null])
      t.same(await engine.open([]), [])
    })

    t.test('a leg is opened once', async (t) => {
      const { engine, address } = (await scene(t, make)).bench
      await engine.open([{ id: 'a', call: 'one', address }])
      await t.rejects(engine.open([{ id: 'a', call: 'one', address }]), /open already/)
    })

    t.test('nobody is told after he stopped listening', async (t) => {
      const { alice, bob, call, bench, events, unsubscribe } = await talk(t, make)
      unsubscribe()
      alice.says('hello', call.a)
      await bench.until(() => bob.heard.length > 0, 'a word')
      t.same(events, [])
    })

    t.test('after the shutdown nothing is left, and nothing opens', async (t) => {
      const { bench, open } = await scene(t, make, 'alone')
      await open('a', 'b')
      await bench.engine.shutdown()
      t.equal(bench.engine.legs, 0)
      await t.rejects(open('c'), { name: 'MediaError', code: 'CLOSED' })
    })
  })
}

function srtpKey(value: number): SrtpKeys['local'] {
  return { key: new Uint8Array(16).fill(value), salt: new Uint8Array(14).fill(value) }
}
