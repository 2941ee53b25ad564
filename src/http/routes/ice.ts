import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { plainAddress } from '../../platform/address.ts'
import type { Clock, Millis } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import type { Authenticator, Verdict } from '../../sip/auth/authenticator.ts'
import { iceServers } from '../iceServers.ts'
import type { TurnOptions } from '../turnCredentials.ts'

export interface IceOptions {
  readonly clock: Clock
  readonly log: Log
  readonly authenticator: Pick<Authenticator, 'judge'>
  /** Whether to hear this address at all. */
  readonly admits: (address: string) => boolean
  /** The port of our STUN server, as it is now; null: there is none. */
  readonly stunPort: () => number | null
  /** The address to give to a peer at `remote` that reached us at `local`. */
  readonly addressFor: (local: string, remote: string) => string
  readonly turn: TurnOptions | null
}

/**
 * `GET /api/ice`: whom a browser asks for its own address, and who relays for it, with credentials that expire. For users
 * alone: they prove themselves by HTTP Digest (RFC 7616) with their SIP password, and wrong guesses count as SIP's do.
 */
export function ice(options: IceOptions): FastifyPluginAsync {
  return async (app) => {
    app.get('/api/ice', (request, reply) => answer(options, request, reply))
  }
}

async function answer(options: IceOptions, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  reply.header('Cache-Control', 'no-store')
  const remote = plainAddress(request.socket.remoteAddress ?? '')
  if (!options.admits(remote)) {
    return refuse(reply, 429, 'too many wrong passwords came from this address; wait some minutes')
  }
  const verdict = judge(options, request, remote)
  if (verdict.kind === 'challenge') return challenge(options, verdict, reply, remote)
  const local = plainAddress(request.socket.localAddress ?? '')
  return iceServers({
    user: verdict.user,
    now: options.clock.wall(),
    host: request.headers.host ?? null,
    address: options.addressFor(local, remote),
    stunPort: options.stunPort(),
    turn: options.turn,
  })
}

function judge({ authenticator }: IceOptions, request: FastifyRequest, remote: string): Verdict {
  const { authorization } = request.headers
  const claim = {
    method: request.method,
    authorization: authorization === undefined ? [] : [authorization],
    uri: request.url,
  }
  // Without credentials nobody is claimed: the challenge is the server's, whoever asks.
  return authenticator.judge(claim, remote, '')
}

async function challenge(
  { clock, log }: IceOptions,
  verdict: Extract<Verdict, { kind: 'challenge' }>,
  reply: FastifyReply,
  address: string,
): Promise<FastifyReply> {
  if (verdict.failed) log.warn({ address, path: '/api/ice' }, 'wrong password or unknown user')
  await held(clock, verdict.delay)
  for (const [name, value] of verdict.headers) reply.header(name, value)
  return refuse(reply, 401, 'log in with the name and password of a user')
}

function refuse(reply: FastifyReply, status: number, error: string): FastifyReply {
  return reply.code(status).send({ error })
}

function held(clock: Clock, delay: Millis): Promise<void> {
  return delay === 0 ? Promise.resolve() : new Promise((resolve) => void clock.after(delay, resolve))
}
