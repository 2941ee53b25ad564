import t from 'tap'
import { findSdp } from '../../src/sdp/body.ts'
import { cpuTime } from '../support/cpuTime.ts'
import { bytes, text } from './describe.ts'
import { lines, sipp } from './phones.ts'

/** What is found, as text. */
function found(contentType: string | undefined, body: string): string | null {
  const sdp = findSdp(contentType, bytes(body))
  return sdp === null || sdp === 'unsupported' ? sdp : text(sdp)
}

t.test('no multipart', async (t) => {
  t.equal(found('application/sdp', sipp), sipp)
  t.equal(found('Application / SDP ; charset=utf-8', sipp), sipp)
  t.equal(found('application/sdp', ''), null)
  t.equal(found(undefined, ''), null)
  t.equal(found('text/plain', ''), null, 'there is nothing that we would have to support')
  t.equal(found('text/plain', 'hello'), 'unsupported')
  t.equal(found('application/sdpx', sipp), 'unsupported')
  t.equal(found(undefined, sipp), 'unsupported')
})

t.test('multipart/mixed, RFC 2046 §5.1.1', async (t) => {
  const body = lines(
    'This is the preamble.',
    '--boundary1',
    'Content-Type: message/sip',
    '',
    'INVITE sip:a SIP/2.0',
    '--boundary1 \t',
    'content-disposition: session;',
    '\thandling=required',
    'CONTENT-TYPE : application/sdp',
    '',
    `${sipp}--boundary1--`,
    'The epilogue.',
  )
  // The line end before a delimiter is the delimiter's own: a description keeps all but its last.
  t.equal(found('multipart/mixed; boundary="boundary1"', body), sipp.slice(0, -2))
  t.equal(found('Multipart/Related;type="x" ; Boundary = boundary1; start=a', body), sipp.slice(0, -2))
  t.equal(
    found('multipart/mixed;boundary=boundary1', body.replaceAll('\r\n', '\n')),
    sipp.replaceAll('\r\n', '\n').slice(0, -1),
  )
  t.equal(found('multipart/mixed;boundary=boundary', body), 'unsupported', 'a delimiter is a whole line')
  t.equal(found('multipart/mixed', body), 'unsupported')
  t.equal(found('multipart/mixed;boundary=', body), 'unsupported')
})

t.test('odd but readable', async (t) => {
  const type = 'multipart/mixed;boundary=b'
  t.equal(found(type, '--b\r\nContent-Type: application/sdp\r\n\r\nv=0'), 'v=0', 'never closed')
  t.equal(found(type, '--b\r\n\r\nplain text\r\n--b\r\nContent-Type:application/sdp\r\n\r\nv=0\r\n--b--'), 'v=0')
  t.equal(found(type, '--b\r\nContent-Type: application/sdp\r\n\r\n--b--'), 'unsupported', 'an empty part')
  t.equal(
    found(type, '\n--b\nContent-Type: application/sdp\n\nv=0\nx--b\n--b--'),
    'v=0\nx--b',
    'not at the start of a line',
  )
  t.equal(found(type, '--b--\r\n--b\r\nContent-Type: application/sdp\r\n\r\nv=0'), 'unsupported', 'after the end')
  t.equal(found(type, '--b\r\nContent-Type: application/sdp'), 'unsupported', 'no empty line')
  t.equal(found(type, '--b'), 'unsupported')
})

t.test('a transfer encoding is taken as identity or not at all', async (t) => {
  const encoded = (encoding: string) =>
    `--b\r\nContent-Type: application/sdp\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\nv=0\r\n--b--`
  t.equal(found('multipart/mixed;boundary=b', encoded('binary')), 'v=0')
  t.equal(found('multipart/mixed;boundary=b', encoded('8BIT')), 'v=0')
  t.equal(found('multipart/mixed;boundary=b', encoded('base64')), 'unsupported')
})

t.test('nested, to a depth', async (t) => {
  const wrap = (type: string, body: string, boundary: string) =>
    `--${boundary}\r\nContent-Type: ${type}\r\n\r\n${body}\r\n--${boundary}--`
  let [type, body] = ['application/sdp', 'v=0']
  for (const boundary of ['a', 'ab', 'abc']) {
    body = wrap(type, body, boundary)
    type = `multipart/mixed;boundary=${boundary}`
    t.equal(found(type, body), 'v=0', type)
  }
  t.equal(found('multipart/mixed;boundary=abcd', wrap(type, body, 'abcd')), 'unsupported')
})

t.test('as many parts as there are, up to a limit', async (t) => {
  const parts = (count: number) => `${'--b\r\n\r\n'.repeat(count)}--b\r\nContent-Type: application/sdp\r\n\r\nv=0`
  t.equal(found('multipart/mixed;boundary=b', parts(15)), 'v=0')
  t.equal(found('multipart/mixed;boundary=b', parts(16)), 'unsupported')
})

t.test('hostile bodies take no time', async (t) => {
  const size = 65_536
  const hostile: readonly (readonly [type: string, body: string])[] = [
    ['multipart/mixed;boundary=-', '-'.repeat(size)],
    ['multipart/mixed;boundary=b', '--b\r\n'.repeat(size / 5)],
    ['multipart/mixed;boundary=b', `--b${' '.repeat(size)}`],
    ['multipart/mixed;boundary=b', '--b '.repeat(size / 4)],
    ['multipart/mixed;boundary=b', `--b\r\n${'\r\n '.repeat(size / 3)}`],
    [`multipart/mixed${'; boundary'.repeat(800)}`, 'x'],
    [`multipart/mixed;${' '.repeat(8000)}`, 'x'],
  ]
  for (const [type, body] of hostile) {
    t.equal(found(type, body), 'unsupported')
    t.ok(cpuTime(() => found(type, body)) < 50, body.slice(0, 8))
  }
})
