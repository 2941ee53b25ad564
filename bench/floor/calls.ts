import { createSocket, type Socket } from 'node:dgram'

// A call at the very least: the bare packets of both legs, passed on as they are, and its RTP and RTCP sockets. No
// transactions, no dialogs, no hashes. The last phone that registered is called.
type Done = (error: null, address: string, family: number) => void
const open = () => createSocket({ type: 'udp4', lookup: (host: string, _: unknown, done: Done) => done(null, host, 4) })
const sip = open()
const media = new Map<string, Socket[]>()
let [caller, callee] = [0, 0]
sip.on('message', (bytes, { port }) => {
  const text = bytes.toString('latin1')
  const rest = text.slice(text.indexOf('\r\n'))
  const reply = (status: string) => pass(Buffer.from(`SIP/2.0 ${status}${rest}`, 'latin1'), port)
  const id = rest.slice(rest.indexOf('\r\nCall-ID: '), rest.indexOf('\r\nCSeq'))
  if (text.startsWith('SIP/2.0 ')) return pass(bytes, caller)
  if (text.startsWith('ACK ') && rest.includes('\r\nCSeq: 1 ')) return
  if (rest.includes('\r\nCSeq: 1 ')) return reply('401 No\r\nWWW-Authenticate: Digest realm="r", nonce="n"')
  if (text.startsWith('REGISTER ')) callee = port
  if (text.startsWith('REGISTER ')) return reply('200 OK')
  if (text.startsWith('BYE ')) for (const socket of media.get(id) ?? []) socket.close()
  pass(bytes, callee)
  if (!text.startsWith('INVITE ')) return
  caller = port
  reply('100 Trying')
  media.set(id, Array.from({ length: 4 }, open))
  for (const socket of media.get(id) ?? []) socket.bind(0, '127.0.0.1')
})
const pass = (bytes: Uint8Array, port: number) => sip.send(bytes, port, '127.0.0.1')
sip.bind(0, '127.0.0.1', () => console.log(JSON.stringify({ port: sip.address().port })))
