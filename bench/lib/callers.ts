import { type PhoneSocket, phoneSocket } from './phoneSocket.ts'
import {
  answer,
  audioPort,
  authorization,
  type Credentials,
  header,
  request,
  type SdpCodec,
  sdp,
  statusOf,
  uriIn,
} from './sipText.ts'

/** One call to place. Times are ms since the first INVITE, or since the BYE. */
export interface Call {
  readonly who: Credentials
  readonly to: string
  readonly rtpPort: number
  /** The one in its SDP; PCMU where none is given. */
  readonly codec?: SdpCodec
  /** Its SDP; made of `rtpPort` and `codec` where none is given. */
  readonly offer?: string
  /** `answer`: the 200 OK. */
  answered(latency: number, serverPort: number, hangUp: () => void, answer: string): void
  ended(latency: number): void
}

interface Dialog {
  readonly call: Call
  readonly callId: string
  sentAt: number
  cSeq: number
  remoteTag: string
  target: string
}

/** Many phones behind one socket that place calls: INVITE, 401, ACK, INVITE, 180, 200, ACK; later BYE, 200. */
export interface Callers {
  place(call: Call): void
  close(): void
}

export async function callers(server: number): Promise<Callers> {
  const dialogs = new Map<string, Dialog>()
  const socket = await phoneSocket(server, (text) => {
    const dialog = dialogs.get(header(text, 'Call-ID'))
    if (!dialog) return
    if (!text.startsWith('SIP/2.0 ')) socket.send(answer(text, '200 OK'))
    else if (header(text, 'CSeq').endsWith('INVITE')) onInviteAnswer(socket, dialog, text)
    else if (statusOf(text) === 200) {
      dialogs.delete(dialog.callId)
      dialog.call.ended(performance.now() - dialog.sentAt)
    }
  })
  let count = 0
  return {
    close: () => socket.close(),
    place(call) {
      const callId = `c${process.pid}-${++count}`
      const target = `sip:${call.to}@127.0.0.1:${server}`
      const dialog = { call, callId, target, sentAt: performance.now(), cSeq: 1, remoteTag: '' }
      dialogs.set(callId, dialog)
      socket.send(message(socket, dialog, 'INVITE', 'INVITE', [], offerOf(call)))
    },
  }
}

function onInviteAnswer(socket: PhoneSocket, dialog: Dialog, text: string): void {
  const { call } = dialog
  const status = statusOf(text)
  if (status < 200) return
  const tag = /;tag=([^;\r]+)/.exec(header(text, 'To'))?.[1] ?? ''
  if (status === 401) {
    // RFC 3261 §17.1.1.3: an ACK to a failure has the INVITE's branch.
    socket.send(message(socket, { ...dialog, remoteTag: tag }, 'ACK', 'INVITE'))
    dialog.cSeq++
    const proof = authorization(text, call.who, 'INVITE', dialog.target)
    return socket.send(message(socket, dialog, 'INVITE', 'INVITE', [proof], offerOf(call)))
  }
  if (status >= 300) throw new Error(`a call was refused: ${text.slice(0, text.indexOf('\r\n'))}`)
  const again = dialog.remoteTag !== ''
  dialog.remoteTag = tag
  dialog.target = uriIn(header(text, 'Contact'))
  socket.send(message(socket, dialog, 'ACK', 'ACK'))
  if (again) return
  const hangUp = () => {
    dialog.cSeq++
    dialog.sentAt = performance.now()
    socket.send(message(socket, dialog, 'BYE', 'BYE'))
  }
  call.answered(performance.now() - dialog.sentAt, audioPort(text), hangUp, text)
}

function offerOf({ rtpPort, codec, offer }: Call): string {
  return offer ?? sdp(rtpPort, codec)
}

function message(
  socket: PhoneSocket,
  { call, callId, cSeq, remoteTag, target }: Dialog,
  method: string,
  branch: string,
  extra: readonly string[] = [],
  body = '',
): string {
  const headers = [
    `Via: SIP/2.0/UDP ${socket.address};branch=z9hG4bK${callId}${branch}${cSeq}`,
    `From: <sip:${call.who.user}@127.0.0.1>;tag=${callId}`,
    `To: <sip:${call.to}@127.0.0.1>${remoteTag && `;tag=${remoteTag}`}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cSeq} ${method}`,
    `Contact: <sip:${call.who.user}@${socket.address}>`,
    'Max-Forwards: 70',
    ...extra,
  ]
  return request(`${method} ${target}`, headers, body)
}
