import type { Millis } from '../../../../src/platform/clock.ts'
import type { Sent } from './trace.ts'

/** After so long without any answer a phone counts as off, and its caller is told so. */
const OFFLINE_AFTER = 5_000
/** 64·T1 */
const GIVE_UP = 32_000

/**
 * Why a call may have failed through no one's fault: a request that was repeated as often as RFC 3261 says and each time
 * answered if it came through at all, and yet no answer got back; or a final answer to an INVITE likewise never
 * acknowledged. Null if there is no such thing in these messages: then whatever went wrong is a bug.
 */
export function excuse(sent: readonly Sent[], server: string): string | null {
  return unanswered(sent, server) ?? unacknowledged(sent)
}

function unanswered(sent: readonly Sent[], server: string): string | null {
  for (const requests of groups(sent, requestKey)) {
    const [first] = requests
    if (!first) continue
    const { method } = first.message.cSeq
    // RFC 3261 §17.1.1.2 and §17.1.2.2: INVITE at 0, 0.5, 1.5, 3.5 … 31.5 s, others every 4 s from 3.5 s on.
    const ringing = method === 'INVITE' && first.from === server && first.message.to.tag === null
    const [times, limit] = ringing ? [4, OFFLINE_AFTER] : [method === 'INVITE' ? 7 : 11, GIVE_UP]
    const answers = sent.filter((other) => isAnswer(other, first))
    if (requests.length < times || arrivals(answers, first.at + limit) > 0) continue
    if (answers.length < arrivals(requests, first.at + limit)) continue
    return `${method} ${first.from} → ${first.to} was sent ${requests.length} times, and no answer came through`
  }
  return null
}

// §13.3.1.4 and §17.2.1: at 0, 0.5, 1.5, 3.5, 7.5 … 31.5 s.
function unacknowledged(sent: readonly Sent[]): string | null {
  for (const answers of groups(sent, finalKey)) {
    const [first] = answers
    if (!first || answers.length < 11) continue
    const acks = sent.filter((other) => isAck(other, first))
    if (arrivals(acks, first.at + GIVE_UP) > 0 || acks.length < arrivals(answers, first.at + GIVE_UP)) continue
    return `a final answer ${first.from} → ${first.to} was sent ${answers.length} times, and no ACK came through`
  }
  return null
}

function groups(sent: readonly Sent[], key: (one: Sent) => string | null): Iterable<readonly Sent[]> {
  const found = new Map<string, Sent[]>()
  for (const one of sent) {
    const name = key(one)
    if (name !== null) found.set(name, [...(found.get(name) ?? []), one])
  }
  return found.values()
}

function requestKey({ message, from }: Sent): string | null {
  if (message.kind !== 'request' || message.method === 'ACK') return null
  return `${from} ${message.via.branch} ${message.method}`
}

function finalKey({ message, from }: Sent): string | null {
  if (message.kind !== 'response' || message.status < 200 || message.cSeq.method !== 'INVITE') return null
  return `${from} ${message.callId} ${message.cSeq.number} ${message.status}`
}

function isAnswer({ message, from }: Sent, to: Sent): boolean {
  const { branch } = to.message.via
  return (
    message.kind === 'response' &&
    from === to.to &&
    message.via.branch === branch &&
    message.cSeq.method === to.message.cSeq.method
  )
}

function isAck({ message, from }: Sent, to: Sent): boolean {
  const { callId, cSeq } = to.message
  if (message.kind !== 'request' || message.method !== 'ACK' || from !== to.to) return false
  return message.callId === callId && message.cSeq.number === cSeq.number
}

function arrivals(sent: readonly Sent[], before: Millis): number {
  return sent.reduce((count, one) => count + one.arrivals.filter((at) => at <= before).length, 0)
}
