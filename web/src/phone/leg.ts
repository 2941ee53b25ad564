import { type Cancel, Invitation, Inviter, type Session, SessionState } from 'sip.js'
import { CONNECTION_LOST, callProblem, ownFailure, type Problem } from '../problems.ts'
import type { Sample } from '../quality/sample.ts'
import { causesOf } from './reason.ts'
import { renegotiate } from './renegotiate.ts'
import { type CallSound, callSound } from './sound.ts'
import type { Outcome, Peer, PhoneEvent } from './state.ts'

/** What a leg tells: changes of its call, and its end. */
export interface LegEvents {
  tell(event: PhoneEvent): void
  ended(id: string, outcome: Outcome, problem: Problem | null): void
  heard(id: string, stream: MediaStream): void
  now(): number
}

/** One call of this page: a SIP session and its sound. */
export interface Leg {
  readonly id: string
  readonly sound: () => CallSound | null
  /** Sends the INVITE. */
  call(): void
  answer(): void
  /** Declines, gives up or hangs up, as the case may be. */
  end(): void
  mute(on: boolean): void
  hold(on: boolean): void
  key(key: string): void
  sample(): Promise<Sample | null>
  /** The connection to the server is gone: what is not up cannot come up any more. */
  lost(): void
  /** There is a connection again, by another way perhaps. */
  reconnected(): void
  /** Nothing more will be heard of it, nor need be said. */
  gone(): boolean
}

/** The leg of `session`, which has just been made or has just come in. `peer` is for sentences. */
export function leg(session: Session, peer: Peer, events: LegEvents): Leg {
  const { id } = session
  const name = peer.name ?? peer.user
  const wanted = { muted: false, held: false }
  let sound: CallSound | null = null
  let over = false
  /** How it ends unless somebody says otherwise before. */
  let ending: { outcome: Outcome; problem: Problem | null } = {
    outcome: session instanceof Invitation ? 'missed' : 'cancelled',
    problem: null,
  }

  const finish = (outcome: Outcome, problem: Problem | null): void => {
    if (over) return
    over = true
    events.ended(id, outcome, problem)
  }
  const fail = (what: string): void => finish('failed', ownFailure(name, what))
  const sendOrNot = (): void => sound?.send(!wanted.muted && !wanted.held)

  const restart = async (): Promise<void> => {
    const options = { hold: wanted.held, offerOptions: { iceRestart: true } }
    const agreement = await renegotiate(session, session instanceof Inviter, options)
    if (agreement === 'gone') hangUp(session)
  }

  session.delegate = {
    onSessionDescriptionHandler: (handler) => {
      sound = callSound(handler, {
        sound: (now) => events.tell({ type: 'sound', id, sound: now }),
        heldByPeer: (on) => events.tell({ type: 'held', id, by: 'peer', on }),
        heard: (stream) => events.heard(id, stream),
        failed: () => void restart(),
      })
    },
    onBye: (bye) => void bye.accept(),
    onCancel: (cancel) => {
      ending = { outcome: answeredElsewhere(cancel) ? 'elsewhere' : 'missed', problem: null }
    },
  }
  session.stateChange.addListener((state) => {
    if (state === SessionState.Established) {
      ending = { outcome: 'talked', problem: null }
      sendOrNot()
      nameAgain(session, peer, (named) => events.tell({ type: 'named', id, peer: named }))
      events.tell({ type: 'answered', id, at: events.now() })
    }
    // SIP.js changes the state before it tells why.
    if (state === SessionState.Terminated) queueMicrotask(() => finish(ending.outcome, ending.problem))
  })

  return {
    id,
    sound: () => sound,
    call: () => {
      if (!(session instanceof Inviter)) return
      const progress = ({ statusCode = 100, body }: { statusCode?: number | undefined; body: string }): void => {
        if (statusCode > 100) events.tell({ type: 'ringing', id, early: statusCode === 183 && body !== '' })
      }
      const reject = (status: number, reasons: readonly string[]): void => {
        const problem = callProblem(status, name, causesOf(reasons).q850)
        ending = { outcome: problem ? 'failed' : 'cancelled', problem }
      }
      session
        .invite({
          requestDelegate: {
            onProgress: ({ message }) => progress(message),
            onReject: ({ message }) => reject(message.statusCode ?? 500, message.getHeaders('reason')),
            onRedirect: ({ message }) => reject(message.statusCode ?? 300, []),
          },
        })
        .catch(() => fail('the browser could not set the sound up'))
    },
    answer: () => {
      if (!(session instanceof Invitation)) return
      events.tell({ type: 'answering', id })
      session.accept().catch(() => fail('the browser could not set the sound up'))
    },
    end: () => {
      const talked = session.state === SessionState.Established
      hangUp(session)
      finish(talked ? 'talked' : session instanceof Invitation ? 'rejected' : 'cancelled', null)
    },
    mute: (on) => {
      wanted.muted = on
      sendOrNot()
      events.tell({ type: 'muted', id, on })
    },
    hold: (on) => {
      if (wanted.held === on || session.state !== SessionState.Established) return
      wanted.held = on
      sendOrNot()
      events.tell({ type: 'held', id, by: 'me', on })
      void renegotiate(session, session instanceof Inviter, { hold: on }).then((agreement) => {
        if (agreement === 'gone') hangUp(session)
        if (agreement !== 'refused' || wanted.held !== on) return
        wanted.held = !on
        sendOrNot()
        events.tell({ type: 'held', id, by: 'me', on: !on })
      })
    },
    key: (key) => {
      if (!sound?.key(key)) sendInfo(session, key)
    },
    sample: async () => (await sound?.sample(events.now())) ?? null,
    lost: () => {
      if (session.state === SessionState.Established) return
      if (session instanceof Inviter) finish('failed', CONNECTION_LOST)
      else finish('missed', null)
    },
    reconnected: () => {
      if (session.state === SessionState.Established) void restart()
      // What the connection took with it the server may still keep alive.
      else if (over) hangUp(session)
    },
    gone: () => session.state === SessionState.Terminated,
  }
}

/** Ends `session` in the way of the state that it is in; what cannot be sent any more is not missed. */
function hangUp(session: Session): void {
  const sent = sendEnd(session)
  sent?.catch(() => {})
}

function sendEnd(session: Session): Promise<unknown> | undefined {
  switch (session.state) {
    case SessionState.Initial:
    case SessionState.Establishing:
      if (session instanceof Inviter) return session.cancel()
      // RFC 3261 §21.6.2: this person, not this phone alone.
      return session instanceof Invitation ? session.reject({ statusCode: 603 }) : undefined
    case SessionState.Established:
      return session.bye()
    default:
      return undefined
  }
}

/** RFC 3326 §3.1: another phone of ours has the call. */
function answeredElsewhere({ request }: Cancel): boolean {
  return causesOf(request.getHeaders('reason')).sip === 200
}

/** Who answered may be another than who was called. */
function nameAgain(session: Session, peer: Peer, tell: (peer: Peer) => void): void {
  const identity = session.assertedIdentity
  if (!(session instanceof Inviter) || !identity) return
  const { displayName, uri } = identity
  if (displayName || uri.user !== peer.user) tell({ user: uri.user ?? peer.user, name: displayName || null })
}

/** For a side that takes no events in RTP: the key in an INFO, as phones have long done. */
function sendInfo(session: Session, key: string): void {
  const content = `Signal=${key}\r\nDuration=160\r\n`
  const body = { contentDisposition: 'render', contentType: 'application/dtmf-relay', content }
  session.info({ requestOptions: { body } }).catch(() => {})
}
