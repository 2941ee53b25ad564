import { registrations } from './registrations.ts'
import { answer, audioPort, type Credentials, type SdpCodec, sdp } from './sipText.ts'

/** Phones that ring and answer at once. */
export interface Callees {
  /** Calls that came and were not hung up yet. */
  readonly up: number
  close(): void
}

/** Registers all of `users`, who speak `codec`; `media` gives the RTP port for each call, told the server's. */
export async function callees(
  server: number,
  users: readonly Credentials[],
  media: (serverPort: number) => number,
  codec?: SdpCodec,
): Promise<Callees> {
  let up = 0
  const { socket, register } = await registrations(server, (text) => {
    if (text.startsWith('INVITE ')) {
      up++
      const contact = `Contact: <sip:callee@${socket.address}>`
      socket.send(answer(text, '180 Ringing', [contact]))
      socket.send(answer(text, '200 OK', [contact], sdp(media(audioPort(text)), codec)))
    } else if (text.startsWith('BYE ')) {
      up--
      socket.send(answer(text, '200 OK'))
    } else if (text.startsWith('OPTIONS ')) {
      socket.send(answer(text, '200 OK'))
    }
  })
  await Promise.all(users.map((who) => new Promise<number>((done) => register(who, done))))
  return {
    get up() {
      return up
    },
    close: () => socket.close(),
  }
}
