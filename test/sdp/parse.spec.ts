import t from 'tap'
import { parseDescription } from '../../src/sdp/parse.ts'
import { bytes, describe, described, glance, mediaAt } from './describe.ts'
import { baresip, chrome, cisco, head, lines, linphone, roomSystem, sipp, yealink } from './phones.ts'

function reason(...each: string[]): string | null {
  const read = parseDescription(bytes(lines(...each)))
  return read.kind === 'malformed' ? read.reason : null
}

const audio = 'm=audio 4000 RTP/AVP 0'

t.test('a description of one stream, every field', async (t) => {
  t.same(described(baresip), {
    kind: 'description',
    origin: { username: '-', sessionId: '3912345678', version: '1182343211', address: '192.168.1.10' },
    media: [
      {
        kind: 'audio',
        port: 10018,
        protocol: 'RTP/AVP',
        formats: [
          { payloadType: 96, name: 'opus', clockRate: 48000, channels: 2, fmtp: 'stereo=1;sprop-stereo=1' },
          { payloadType: 9, name: 'G722', clockRate: 8000, channels: 1, fmtp: null },
          { payloadType: 0, name: 'PCMU', clockRate: 8000, channels: 1, fmtp: null },
          { payloadType: 8, name: 'PCMA', clockRate: 8000, channels: 1, fmtp: null },
          { payloadType: 101, name: 'telephone-event', clockRate: 8000, channels: 1, fmtp: '0-15' },
        ],
        rawFormats: '96 9 0 8 101',
        address: '192.168.1.10',
        direction: 'sendrecv',
        ptime: 20,
        rtcp: { address: '192.168.1.10', port: 10019 },
        rtcpMux: false,
        secure: null,
        crypto: [],
      },
    ],
  })
})

t.test('what phones write is understood', async (t) => {
  const [audio, video] = described(linphone).media
  t.equal(
    glance(audio?.formats ?? []),
    'opus@96 speex@97 speex@98 PCMU@0 PCMA@8 G729@18 telephone-event@101 telephone-event@99',
  )
  t.equal(audio?.formats[5]?.fmtp, 'annexb=yes', 'an fmtp may stand without its rtpmap')
  t.equal(glance(video?.formats ?? []), 'VP8@96 H264@97', 'each m-line has its own numbers')
  t.equal(glance(mediaAt(described(sipp), 0).formats), 'PCMU@0')
  t.same(
    described(yealink).media.map((media) => [media.protocol, media.port]),
    [
      ['RTP/SAVP', 11780],
      ['RTP/AVP', 11782],
    ],
  )
  t.equal(
    glance(mediaAt(described(cisco), 0).formats),
    'PCMU@0 PCMA@8 G729@18 L16@102 telephone-event@101',
    'LF, NUL, c= of the m-line, and 18 is G729 whatever it is called',
  )
  const browser = mediaAt(described(chrome), 0)
  t.equal(browser.protocol, 'UDP/TLS/RTP/SAVPF')
  t.equal(browser.rtcpMux, true)
  t.same(browser.rtcp, { address: '0.0.0.0', port: 9 })
  t.same(
    described(roomSystem).media.map((media) => [media.kind, media.rawFormats, media.formats.length, media.address]),
    [
      ['audio', '101 102 9 97', 4, '2001:db8::5'],
      ['application', '*', 0, '2001:db8::5'],
      ['application', 'webrtc-datachannel', 0, '2001:db8::5'],
    ],
  )
})

t.test('static payload types mean what RFC 3551 says, with or without rtpmap', async (t) => {
  const media = mediaAt(describe(['m=audio 4000 RTP/AVP 0 3 4 8 9 10 11 13 15 18 99 19', 'a=rtpmap:9 G722/16000']), 0)
  t.same(
    media.formats.map(
      ({ payloadType, name, clockRate, channels }) => `${payloadType} ${name}/${clockRate}/${channels}`,
    ),
    [
      '0 PCMU/8000/1',
      '3 GSM/8000/1',
      '4 G723/8000/1',
      '8 PCMA/8000/1',
      '9 G722/8000/1',
      '10 L16/44100/2',
      '11 L16/44100/1',
      '13 CN/8000/1',
      '15 G728/8000/1',
      '18 G729/8000/1',
    ],
    '99 and 19 mean nothing without a=rtpmap',
  )
})

t.test('defaults: RTCP one port up at the same address, direction and address from the session', async (t) => {
  const [first, second] = described(
    lines(...head(), 'a=sendonly', audio, 'm=audio 5000 RTP/AVP 8', 'c=IN IP4 192.0.2.9', 'a=inactive', 'a=rtcp:7001'),
  ).media
  t.same(
    [first?.direction, first?.address, first?.rtcp],
    ['sendonly', '192.0.2.1', { address: '192.0.2.1', port: 4001 }],
  )
  t.same(
    [second?.direction, second?.address, second?.rtcp],
    ['inactive', '192.0.2.9', { address: '192.0.2.9', port: 7001 }],
  )
  const elsewhere = mediaAt(describe([audio, 'a=rtcp:53020 IN IP6 2001:db8::9']), 0)
  t.same(elsewhere.rtcp, { address: '2001:db8::9', port: 53020 })
  t.equal(mediaAt(describe(['m=audio 65535 RTP/AVP 0']), 0).rtcp.port, 0, 'there is no port 65536')
  t.equal(mediaAt(describe([audio]), 0).direction, 'sendrecv')
})

t.test('addresses come in one spelling', async (t) => {
  const at = (connection: string) => mediaAt(described(lines(...head(), audio, `c=${connection}`)), 0).address
  t.equal(at('IN IP6 2001:DB8:0:0:0:0:0:1'), '2001:db8::1')
  t.equal(at('IN IP6 ::ffff:192.0.2.7'), '192.0.2.7')
  t.equal(at('IN IP6 0:0:0:0:0:0:0:0'), '::')
  t.equal(at('IN IP4 224.2.1.1/127/3'), '224.2.1.1')
  t.equal(at('IN IP4 phone.example.com'), 'phone.example.com', 'a host name is the caller’s to judge')
  t.equal(at('IN IP6 phone.example.com'), 'phone.example.com')
})

t.test('liberties that phones take', async (t) => {
  t.equal(
    described(lines('v=0', 'o=- 1 1 IN IP4 192.0.2.1', 'c=IN IP4 192.0.2.1', '', audio, '')).media.length,
    1,
    'no s=, no t=, blank lines',
  )
  t.equal(described(lines(...head(), audio).replaceAll('\r\n', '\r')).media.length, 1)
  t.equal(described(lines(...head(), audio).trimEnd()).media.length, 1, 'no line end at the end')
  t.equal(
    glance(mediaAt(describe(['m=audio 4000/1 RTP/AVP 0  8 0']), 0).formats),
    'PCMU@0 PCMA@8',
    'port count, two spaces, a type twice',
  )
  t.equal(mediaAt(describe([audio, 'a=sendrecv', 'a=sendrecv']), 0).direction, 'sendrecv')
  t.equal(mediaAt(describe([audio, 'a=ptime:']), 0).ptime, null)
  t.equal(mediaAt(describe([audio, 'a=ptime:0']), 0).ptime, null)
  t.equal(
    described(lines('v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 't=0 0', 'm=video 0 RTP/AVP 31')).media[0]?.address,
    null,
    'a refused m-line needs no c=',
  )
  t.equal(described(lines(...head())).media.length, 0)
  t.same(described(lines('v=0', 'o=01 0099 18446744073709551615 IN IP4 h', ...head().slice(3))).origin, {
    username: '01',
    sessionId: '0099',
    version: '18446744073709551615',
    address: 'h',
  })
})

t.test('attributes of codecs we know nothing of stay as they are', async (t) => {
  const fmtp = 'x-mode=“a b”;\xe9;;y= 1 '
  const octets = Buffer.from(fmtp, 'utf8').toString('latin1').trimEnd()
  const media = mediaAt(
    describe([
      'm=audio 4000 RTP/AVP 97 98 99',
      'a=rtpmap:97 x.New-Codec_2/44100/6',
      `a=fmtp:97 ${octets}`,
      'a=rtpmap:98 AMR-WB+/72000',
      'a=rtpmap:99 1016/8000',
      'a=fmtp:99 0',
    ]),
    0,
  )
  t.same(media.formats, [
    { payloadType: 97, name: 'x.New-Codec_2', clockRate: 44100, channels: 6, fmtp: octets },
    { payloadType: 99, name: '1016', clockRate: 8000, channels: 1, fmtp: '0' },
  ])
})

t.test('RFC 4475 §3.1.1.1: an a=rtpmap without a clock rate maps to nothing', async (t) => {
  const { media } = describe([
    'm=audio 4000 RTP/AVP 0 96',
    'a=rtpmap:96 opus',
    'm=video 5000 RTP/AVP 31',
    'a=rtpmap:31 LPC',
  ])
  t.same(
    media.map(({ formats }) => formats.map(({ name }) => name)),
    [['PCMU'], []],
  )
})

t.test('words that look like numbers stay words', async (t) => {
  const [media] = describe(['m=1 4000 2 3']).media
  t.same([media?.kind, media?.protocol, media?.rawFormats], ['1', '2', '3'])
  t.equal(describe(['m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 1016/8000']).media[0]?.formats[0]?.name, '1016')
})

t.test('malformed', async (t) => {
  const origin = 'o=- 1 1 IN IP4 192.0.2.1'
  const cases: readonly (readonly [why: string, body: readonly string[]])[] = [
    ['does not begin with v=0', [origin, 'v=0', audio]],
    ['does not begin with v=0', ['v=1', origin]],
    ['there is no o=', ['v=0', 's=-']],
    ['o= is malformed or out of place', ['v=0', 'o=- 1 IN IP4 192.0.2.1']],
    ['o= is malformed or out of place', ['v=0', 'o=- one 1 IN IP4 192.0.2.1']],
    ['o= is malformed or out of place', ['v=0', origin, origin]],
    ['o= is malformed or out of place', ['v=0', 'm=audio 0 RTP/AVP 0', origin]],
    ['o= has no address of its type', ['v=0', 'o=- 1 1 IN IP6 192.0.2.1']],
    ['a line that is no type=value', [...head(), 'hello']],
    ['a line that is no type=value', [...head(), 'M=audio 4000 RTP/AVP 0']],
    ['a line that is no type=value', [...head(), 'a=tool:\x01']],
    ['an m-line without c=', ['v=0', origin, audio]],
    ['c= is malformed or there twice', [...head(), 'c=IN IP4 192.0.2.2', audio]],
    ['c= is malformed or there twice', [...head(), audio, 'c=ATM NSAP 47.0091']],
    ['c= has no address of its type', [...head(), audio, 'c=IN IP4 2001:db8::1']],
    ['c= has no address of its type', [...head(), audio, 'c=IN IP4 256.1.1.1']],
    ['c= has no address of its type', [...head(), audio, 'c=IN IP6 fe80::1%eth0']],
    ['c= has no address of its type', [...head(), audio, 'c=IN IP4 -;drop']],
    ['c= has no address of its type', [...head(), audio, `c=IN IP4 ${'label.'.repeat(50)}org`]],
    ['m= is malformed', [...head(), 'm=audio']],
    ['m= is malformed', [...head(), 'm=audio 4000 RTP/AVP']],
    ['m= is malformed', [...head(), 'm=audio -1 RTP/AVP 0']],
    ['m= is malformed', [...head(), 'm=audio 04000 RTP/AVP 0']],
    ['a port beyond 65535', [...head(), 'm=audio 65536 RTP/AVP 0']],
    ['a payload type that is not 0 to 127', [...head(), 'm=audio 4000 RTP/AVP 128']],
    ['a payload type that is not 0 to 127', [...head(), 'm=audio 4000 RTP/AVP 0 x']],
    ['a payload type that is not 0 to 127', [...head(), 'm=audio 4000 RTP/AVP 1e1']],
    ['a=rtpmap is malformed', [...head(), audio, 'a=rtpmap:96 opus/0']],
    ['a=rtpmap is malformed', [...head(), audio, 'a=rtpmap:96 opus/48000/stereo']],
    ['a=rtpmap is malformed', [...head(), audio, 'a=rtpmap:x opus/48000']],
    ['an a=rtpmap for a payload type beyond 127', [...head(), audio, 'a=rtpmap:128 opus/48000/2']],
    ['a payload type mapped twice', [...head(), audio, 'a=rtpmap:96 opus/48000/2', 'a=rtpmap:96 speex/8000']],
    ['a=fmtp is malformed or too long', [...head(), audio, 'a=fmtp:0']],
    ['a=fmtp is malformed or too long', [...head(), audio, `a=fmtp:0 ${'x'.repeat(600)}`]],
    ['a=rtcp is malformed', [...head(), audio, 'a=rtcp:no']],
    ['a=rtcp has no address of its type, or a port beyond 65535', [...head(), audio, 'a=rtcp:65536']],
    ['a=rtcp has no address of its type, or a port beyond 65535', [...head(), audio, 'a=rtcp:1 IN IP4 ::1']],
    ['two directions that contradict each other', [...head(), audio, 'a=sendonly', 'a=sendrecv']],
    ['more than 32 m-lines', [...head(), ...new Array<string>(33).fill(audio)]],
    ['more than 32768 octets', [...head(), `i=${'x'.repeat(32_768)}`]],
  ]
  for (const [why, body] of cases) t.equal(reason(...body), why, body.slice(-2).join(' | ').slice(0, 80))
  t.equal(parseDescription(new Uint8Array(0)).kind, 'malformed')
  t.equal(
    reason(...head(), 'm=audio 4000 RTP/AVP 0', 'm=video', 'm=audio 4002 RTP/AVP 8'),
    'm= is malformed',
    'no m-line is lost silently',
  )
})
