import { type Invitation, Inviter, type UserAgent } from 'sip.js'
import { MicrophoneError, openMicrophone, stop } from '../media/microphone.ts'
import { microphoneProblem, type Problem } from '../problems.ts'
import { dialled } from './dialled.ts'
import { type Leg, leg } from './leg.ts'
import { type Call, type EndedCall, newCall, type Outcome, type Peer, type PhoneEvent } from './state.ts'
import { addressOf } from './userAgent.ts'

export interface CallsPorts {
  tell(event: PhoneEvent): void
  /** The calls as they are now. */
  current(): readonly Call[]
  /** The chosen microphone; null is the system's choice. */
  device(): string | null
  onHeard(id: string, stream: MediaStream): void
  onEnded(ended: EndedCall): void
  now(): number
}

/** The calls of this page, of which one at a time is talked in. */
export interface Calls {
  dial(userAgent: UserAgent, text: string): Promise<void>
  ring(invitation: Invitation): void
  answer(id: string): Promise<void>
  hold(id: string, on: boolean): void
  switchTo(id: string): void
  /** Sends another microphone in all calls. */
  useMicrophone(): Promise<void>
  /** For a call that SIP.js sets up: the microphone that was opened for it. */
  microphone(): Promise<MediaStream>
  get(id: string): Leg | undefined
  all(): readonly Leg[]
}

/** Begins calls and knows their legs until they end. */
export function calls(ports: CallsPorts): Calls {
  const legs = new Map<string, Leg>()
  const opened: MediaStream[] = []

  const ended = (id: string, outcome: Outcome, problem: Problem | null): void => {
    const call = ports.current().find((one) => one.id === id)
    if (!call) return
    const ending = { call, endedAt: ports.now(), outcome, problem }
    ports.tell({ type: 'ended', ended: ending })
    ports.onEnded(ending)
  }
  const begin = (session: Inviter | Invitation, peer: Peer): Leg => {
    const { tell, onHeard, now } = ports
    for (const [id, before] of legs) if (before.gone()) legs.delete(id)
    const begun = leg(session, peer, { tell, ended, heard: onHeard, now })
    legs.set(begun.id, begun)
    tell({ type: 'begun', call: newCall(begun.id, session instanceof Inviter ? 'out' : 'in', peer, now()) })
    return begun
  }
  const holdOthers = (id: string | null): void => {
    for (const call of ports.current()) {
      if (call.id !== id && call.state === 'talking' && !call.heldByMe) legs.get(call.id)?.hold(true)
    }
  }
  /** Whether the microphone is there and the call still is. */
  const prepared = async (id: string): Promise<boolean> => {
    const stream = await openMicrophone(ports.device())
    if (ports.current().some((call) => call.id === id)) opened.push(stream)
    else stop(stream)
    return ports.current().some((call) => call.id === id)
  }

  return {
    dial: async (userAgent, text) => {
      const peer = dialled(text)
      if (peer.kind === 'nothing') return
      const host = peer.kind === 'address' ? peer.host : userAgent.configuration.uri.host
      holdOthers(null)
      const target = addressOf(peer.user, host)
      const begun = begin(new Inviter(userAgent, target, { earlyMedia: true }), { user: text.trim(), name: null })
      try {
        if (await prepared(begun.id)) begun.call()
      } catch (error) {
        begun.end()
        ports.tell({ type: 'noticed', problem: problemOf(error) })
      }
    },
    ring: (invitation) => void begin(invitation, callerOf(invitation)),
    answer: async (id) => {
      holdOthers(id)
      ports.tell({ type: 'chosen', id })
      try {
        if (await prepared(id)) legs.get(id)?.answer()
      } catch (error) {
        // It rings on: who allows the microphone now can still answer.
        ports.tell({ type: 'noticed', problem: problemOf(error) })
      }
    },
    hold: (id, on) => {
      if (!on) holdOthers(id)
      legs.get(id)?.hold(on)
    },
    switchTo: (id) => {
      holdOthers(id)
      legs.get(id)?.hold(false)
      ports.tell({ type: 'chosen', id })
    },
    useMicrophone: async () => {
      for (const { sound } of legs.values()) await sound()?.replace(await openMicrophone(ports.device()))
    },
    microphone: async () => opened.shift() ?? openMicrophone(ports.device()),
    get: (id) => legs.get(id),
    all: () => [...legs.values()],
  }
}

function problemOf(error: unknown): Problem {
  return microphoneProblem(error instanceof MicrophoneError ? error.kind : 'unknown')
}

/** Who calls, as the server says (RFC 3325 §9.1), else as they say themselves. */
function callerOf(invitation: Invitation): Peer {
  const { displayName, uri } = invitation.assertedIdentity ?? invitation.remoteIdentity
  const user = uri.user ?? uri.host
  if (user.toLowerCase() === 'anonymous') return { user, name: 'Unknown caller' }
  return { user, name: displayName && displayName !== user ? displayName : null }
}
