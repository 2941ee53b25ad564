import { constants } from 'node:buffer'
import t from 'tap'
import { WebSocketFrames } from '../../src/platform/webSocketFrames.ts'

const CONTINUATION = 0
const TEXT = 1
const PING = 9

/** A frame as a client sends it, masked with zeros (RFC 6455 §5.2). */
function frame(opcode: number, length: number, final = true): Buffer {
  const first = (final ? 0x80 : 0) | opcode
  const mask = Buffer.alloc(4)
  const payload = Buffer.alloc(Math.min(length, 70_000), 'x')
  if (length < 126) return Buffer.concat([Buffer.of(first, 0x80 | length), mask, payload])
  if (length < 65_536) return Buffer.concat([Buffer.of(first, 0xfe, length >> 8, length & 0xff), mask, payload])
  const eight = Buffer.alloc(8)
  eight.writeBigUInt64BE(BigInt(length))
  return Buffer.concat([Buffer.of(first, 0xff), eight, mask, payload])
}

/** Whether something is unfinished after each octet, and the messages that have ended at the end. */
function follow(stream: Buffer) {
  const frames = new WebSocketFrames()
  const unfinished = [...stream].map((octet) => {
    frames.push(Buffer.of(octet))
    return frames.unfinished
  })
  return { unfinished, finished: frames.finished }
}

t.test('a frame is unfinished from its first octet to its last, however long', async (t) => {
  for (const length of [0, 1, 125, 126, 65_535, 65_536]) {
    const { unfinished, finished } = follow(frame(TEXT, length))
    t.equal(unfinished.indexOf(false), unfinished.length - 1, `${length} octets`)
    t.equal(finished, 1)
  }
})

t.test('a message of several frames ends with the last; a ping between them ends nothing', async (t) => {
  const frames = new WebSocketFrames()
  const steps: [Buffer, boolean, number][] = [
    [frame(TEXT, 10, false), true, 0],
    [frame(CONTINUATION, 0, false), true, 0],
    [frame(PING, 4), true, 0],
    [frame(CONTINUATION, 300), false, 1],
    [frame(PING, 0), false, 2],
    [frame(TEXT, 5), false, 3],
  ]
  for (const [octets, unfinished, finished] of steps) {
    frames.push(octets)
    t.same([frames.unfinished, frames.finished], [unfinished, finished])
  }
})

t.test('chunks may hold many frames and end anywhere', async (t) => {
  const stream = Buffer.concat([frame(TEXT, 200), frame(PING, 3), frame(TEXT, 66_000), frame(TEXT, 7)])
  for (const size of [1, 2, 3, 7, 1000, stream.length]) {
    const frames = new WebSocketFrames()
    for (let at = 0; at < stream.length; at += size) frames.push(stream.subarray(at, at + size))
    t.same([frames.unfinished, frames.finished], [false, 4], `${size} at a time`)
    frames.push(stream.subarray(0, 100))
    t.ok(frames.unfinished)
  }
})

t.test('a length that nobody could send is just never reached', async (t) => {
  const frames = new WebSocketFrames()
  frames.push(frame(TEXT, constants.MAX_LENGTH))
  frames.push(Buffer.alloc(1000, 0x81))
  t.ok(frames.unfinished)
})
