import type { Test } from 'tap'
import type { Endpoint } from '../../src/platform/network.ts'
import { parseNameAddr, topVia } from '../../src/sip/message/fields.ts'
import { type Corpus, corpusMessage, corpusNames } from '../support/corpus.ts'
import { type Outcome, type TortureMessage, tortureMessages } from './messages.ts'
import { type Peer, tcpPeer, udpPeer } from './peers.ts'
import type { Scene } from './scene.ts'
import { type Seen, see } from './seen.ts'

/** Every message of both RFCs from someone whom the server does not know. */
export async function strangers(t: Test, { v4, v6 }: Scene): Promise<void> {
  for (const corpus of ['rfc4475', 'rfc5118'] as const) {
    const named = tortureMessages.filter((message) => message.corpus === corpus).map(({ name }) => name)
    t.strictSame(named.sort(), corpusNames(corpus), `${corpus}: the table is complete`)
  }
  await t.test('RFC 4475 over UDP', (t) => overUdp(t, 'rfc4475', v4))
  await t.test('RFC 4475 over TCP', (t) => overTcp(t, 'rfc4475', v4))
  await t.test('RFC 5118 over UDP and IPv6', (t) => overUdp(t, 'rfc5118', v6))
  await t.test('RFC 5118 over TCP and IPv6', (t) => overTcp(t, 'rfc5118', v6))
}

async function overUdp(t: Test, corpus: Corpus, server: Endpoint): Promise<void> {
  const peer = await udpPeer(server)
  t.teardown(peer.close)
  for (const message of of(corpus)) {
    const bytes = corpusMessage(corpus, message.name)
    const answers = await peer.exchange(bytes)
    judge(t, message, message.udp, bytes, answers, [])
  }
}

async function overTcp(t: Test, corpus: Corpus, server: Endpoint): Promise<void> {
  for (const message of of(corpus)) {
    const peer = await tcpPeer(server)
    const bytes = streamed(corpusMessage(corpus, message.name))
    const waits = message.tcp[0] === 'waits'
    if (waits) await sendSlowly(t, message, peer, server, bytes)
    else peer.send(bytes)
    const answers = await peer.exchange(waits ? missing(bytes) : Buffer.of())
    judge(t, message, message.tcp, bytes, answers, [...(waits ? ['waits'] : []), ...(peer.open ? [] : ['closed'])])
    peer.close()
  }
}

function of(corpus: Corpus): TortureMessage[] {
  return tortureMessages.filter((message) => message.corpus === corpus)
}

// Three files of the archives end before the empty line, which only a datagram may.
function streamed(bytes: Buffer): Buffer {
  return bytes.includes('\r\n\r\n') ? bytes : Buffer.concat([bytes, Buffer.from('\r\n')])
}

async function sendSlowly(t: Test, message: TortureMessage, peer: Peer, server: Endpoint, bytes: Buffer) {
  peer.send(bytes)
  const other = await udpPeer(server)
  await other.exchange(Buffer.of())
  other.close()
  t.strictSame(peer.taken(), [], `§${message.section} ${message.name}: nothing before the rest`)
}

function missing(bytes: Buffer): Buffer {
  const body = bytes.length - bytes.indexOf('\r\n\r\n') - 4
  return Buffer.alloc(Number(see(bytes).headers.first('content-length')) - body, 'x')
}

function judge(
  t: Test,
  { section, name, says }: TortureMessage,
  outcome: Outcome,
  request: Buffer,
  answers: Seen[],
  fate: string[],
) {
  const found = [
    ...fate.filter((what) => what === 'waits'),
    ...answers.map(({ status }) => status),
    ...fate.filter((what) => what === 'closed'),
  ]
  t.strictSame(found, outcome, `§${section} ${name}: ${says}`)
  const [answer] = answers
  if (answer) answersRequest(t, `§${section} ${name}`, see(request), answer)
}

// RFC 3261 §8.2.6.2, for whatever of it the request has.
function answersRequest(t: Test, what: string, request: Seen, { headers }: Seen): void {
  for (const key of ['from', 'call-id', 'cseq']) {
    t.strictSame(headers.all(key), request.headers.all(key), `${what}: ${key} as it came`)
  }
  const top = topVia(request.headers)
  if (top) t.ok(topVia(headers)?.received, `${what}: where it came from`)
  t.equal(headers.list('via').length, request.headers.list('via').length, `${what}: every Via`)
  if (parseNameAddr(request.headers.first('to') ?? '') === null) {
    t.strictSame(headers.all('to'), request.headers.all('to'), `${what}: a To that cannot be read as it came`)
  } else {
    for (const to of headers.all('to')) t.ok(parseNameAddr(to)?.tag, `${what}: a To tag`)
  }
}
