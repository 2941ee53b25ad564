import fc from 'fast-check'
import t from 'tap'
import { readCertificate } from '../../../src/webrtc/dtls/certificate.ts'
import { readClientHello, readServerHello } from '../../../src/webrtc/dtls/hello.ts'
import { readFragments, wholeMessage } from '../../../src/webrtc/dtls/message.ts'
import { MAX_AHEAD, MAX_MESSAGE, Reassembly } from '../../../src/webrtc/dtls/reassembly.ts'
import { readRecords, writeRecord } from '../../../src/webrtc/dtls/record.ts'

const fragment = (sequence: number, length: number, offset: number, text: string, type = 1) => ({
  type,
  length,
  sequence,
  offset,
  body: Buffer.from(text),
})

t.test('records are read as they are written, up to what is none', async (t) => {
  const one = writeRecord(22, 0, 2 ** 40 + 7, Buffer.from('one'))
  const two = writeRecord(23, 1, 9, Buffer.from('two'))
  const read = (...parts: Buffer[]) => readRecords(Buffer.concat(parts))
  t.match(read(one, two), [
    { type: 22, epoch: 0, sequence: 2 ** 40 + 7, fragment: Buffer.from('one') },
    { type: 23, epoch: 1, sequence: 9, octets: two },
  ])
  t.equal(read(one, two.subarray(0, -1)).length, 1)
  t.equal(read(one, Buffer.from('garbage, no version of ours'), two).length, 1)
  t.equal(read(...Array<Buffer>(100).fill(one)).length, 24, 'no datagram makes endless work')
  t.strictSame(readRecords(new Uint8Array(0)), [])
})

t.test('messages come out whole, in their order, once', async (t) => {
  const reassembly = new Reassembly()
  reassembly.take(fragment(1, 2, 0, 'hi', 2))
  t.equal(reassembly.shift(), null)
  reassembly.take(fragment(0, 6, 3, 'def'))
  reassembly.take(fragment(0, 6, 2, 'XX'))
  t.equal(reassembly.shift(), null)
  reassembly.take(fragment(0, 6, 0, 'abYY'))
  t.match(reassembly.shift(), { type: 1, sequence: 0, body: Buffer.from('abXdef') }, 'what came first stays')
  t.match(reassembly.shift(), { type: 2, octets: Buffer.from('02000002000100000000000268 69'.replace(' ', ''), 'hex') })
  reassembly.take(fragment(0, 6, 0, 'abcdef'))
  t.equal(reassembly.shift(), null)
  reassembly.take(fragment(2, 0, 0, '', 14))
  t.match(reassembly.shift(), { type: 14, body: Buffer.alloc(0) }, 'one that is empty')
})

t.test('what is too long, too far ahead or contradicts is dropped', async (t) => {
  const reassembly = new Reassembly()
  reassembly.take(fragment(0, MAX_MESSAGE + 1, 0, 'a'.repeat(MAX_MESSAGE + 1)))
  t.equal(reassembly.shift(), null)
  reassembly.take(fragment(MAX_AHEAD, 1, 0, 'a'))
  reassembly.take(fragment(0, 4, 0, 'ab'))
  reassembly.take(fragment(0, 4, 2, 'cd', 2))
  reassembly.take(fragment(0, 5, 2, 'cde'))
  t.equal(reassembly.shift(), null)
  reassembly.take(fragment(0, 4, 2, 'cd'))
  t.match(reassembly.shift(), { body: Buffer.from('abcd') })
  for (let sequence = 1; sequence < MAX_AHEAD; sequence++) {
    reassembly.take(fragment(sequence, 1, 0, 'b'))
    t.match(reassembly.shift(), { sequence })
  }
  t.equal(reassembly.shift(), null, 'what was too far ahead was not kept')
})

t.test('fragments that do not fit are none', async (t) => {
  const whole = wholeMessage(11, 3, Buffer.from('body')).octets
  t.match(readFragments(whole), [{ type: 11, length: 4, sequence: 3, offset: 0, body: Buffer.from('body') }])
  t.equal(readFragments(whole.subarray(0, -1)), null, 'longer than the record')
  t.equal(readFragments(Buffer.concat([whole, Buffer.from('more')])), null, 'less than a header behind it')
  const beyond = Buffer.from(whole)
  beyond.writeUIntBE(1, 6, 3)
  t.equal(readFragments(beyond), null, 'beyond the end of its message')
})

t.test('hellos and certificates of any octets are read or refused, never thrown at', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (octets) => {
      const body = Buffer.from(octets)
      for (const read of [readClientHello, readServerHello, readCertificate, readFragments, readRecords]) read(body)
      return readRecords(body).length * 13 <= body.length
    }),
    { seed: 5, numRuns: 3000 },
  )
  t.equal(readCertificate(Buffer.from('000000', 'hex')), null)
  t.equal(readCertificate(Buffer.from('000003000000', 'hex')), null)
  t.same(readCertificate(Buffer.from('0000040000 01aa'.replace(' ', ''), 'hex')), Buffer.from('aa', 'hex'))
})
