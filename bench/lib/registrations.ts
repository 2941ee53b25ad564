import { type PhoneSocket, phoneSocket } from './phoneSocket.ts'
import { authorization, type Credentials, header, request, statusOf } from './sipText.ts'

interface Registration {
  readonly who: Credentials
  readonly sentAt: number
  readonly done: (latency: number) => void
}

/** Many phones behind one socket that do nothing but register. */
export interface Registrations {
  /** REGISTER, 401, REGISTER, 200; `done` gets the time it took, ms. Never called if an answer is missing or another. */
  register(who: Credentials, done: (latency: number) => void): void
  readonly socket: PhoneSocket
}

/**
 * Phones that register with the server on UDP port `server`. Requests that are not answers to theirs go to `receive`: a
 * callee's socket is the one that it registered from.
 */
export async function registrations(server: number, receive = (_text: string) => {}): Promise<Registrations> {
  const uri = `sip:127.0.0.1:${server}`
  const pending = new Map<string, Registration>()
  let count = 0
  const message = (callId: string, cSeq: number, { user }: Credentials, extra: readonly string[]) =>
    request(`REGISTER ${uri}`, [
      `Via: SIP/2.0/UDP ${socket.address};branch=z9hG4bK${callId}${cSeq}`,
      `From: <sip:${user}@127.0.0.1>;tag=${callId}`,
      `To: <sip:${user}@127.0.0.1>`,
      `Call-ID: ${callId}`,
      `CSeq: ${cSeq} REGISTER`,
      `Contact: <sip:${user}@${socket.address}>`,
      'Max-Forwards: 70',
      'Expires: 3600',
      ...extra,
    ])
  const socket = await phoneSocket(server, (text) => {
    const callId = header(text, 'Call-ID')
    const registration = pending.get(callId)
    if (!registration) return receive(text)
    const status = statusOf(text)
    if (status === 401) {
      const proof = authorization(text, registration.who, 'REGISTER', uri)
      socket.send(message(callId, 2, registration.who, [proof]))
    } else if (status === 200) {
      pending.delete(callId)
      registration.done(performance.now() - registration.sentAt)
    }
  })
  return {
    socket,
    register(who, done) {
      const callId = `r${process.pid}-${++count}@${socket.address}`
      pending.set(callId, { who, sentAt: performance.now(), done })
      socket.send(message(callId, 1, who, []))
    },
  }
}
