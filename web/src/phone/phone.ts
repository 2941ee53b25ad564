import type { Problem } from '../problems.ts'
import { qualityWatch } from '../quality/watch.ts'
import type { Account } from '../store/account.ts'
import { type Value, value } from '../store/value.ts'
import { type Calls, calls } from './calls.ts'
import { type Credentials, type Desk, openDesk } from './desk.ts'
import type { Leg } from './leg.ts'
import { type EndedCall, INITIAL, type PhoneEvent, type PhoneState, reduce } from './state.ts'

export interface PhoneOptions {
  readonly location: { readonly host: string; readonly hostname: string }
  /** The instance id of this tab, as soon as it is known. */
  readonly instance: Promise<string>
  /** The chosen microphone; null is the system's choice. */
  microphone(): string | null
  /** Someone has signed in. */
  onAccount(account: Account): void
  onEnded(ended: EndedCall): void
  /** The sound of the call `id` is there. */
  onHeard(id: string, stream: MediaStream): void
}

/** A phone: its state is a value, and whatever is done to it changes that value. */
export interface Phone extends Pick<Calls, 'answer' | 'hold' | 'switchTo' | 'useMicrophone'> {
  readonly state: Value<PhoneState>
  signIn(credentials: Credentials): Promise<void>
  signOut(): Promise<void>
  dial(text: string): Promise<void>
  /** Declines, gives up or hangs up. */
  end(id: string): void
  mute(id: string, on: boolean): void
  key(id: string, key: string): void
  notice(problem: Problem): void
  dismiss(): void
  /** The connection may be dead, or may come back: looks at once. */
  check(): void
  networkChanged(): void
  /** The page goes away: who talks is told, and what rings is left to ring elsewhere. */
  leave(): void
  leg(id: string): Leg | undefined
}

/** How often the quality of a call is looked at, ms. */
const LOOK_EVERY = 2000

/** A phone that is signed out. */
export function createPhone(options: PhoneOptions): Phone {
  const state = value(INITIAL)
  const tell = (event: PhoneEvent): void => state.set(reduce(state.get(), event))
  const own = calls({
    tell,
    current: () => state.get().calls,
    device: options.microphone,
    onHeard: options.onHeard,
    onEnded: options.onEnded,
    now: () => Date.now(),
  })
  let desk: Desk | null = null

  const signIn = async (credentials: Credentials): Promise<void> => {
    const user = credentials.kind === 'typed' ? credentials.user : credentials.account.user
    tell({ type: 'dismissed' })
    tell({ type: 'line', line: { at: 'signing-in', user } })
    const instance = await options.instance
    await desk?.close()
    desk = openDesk(credentials, {
      location: options.location,
      instance,
      microphone: own.microphone,
      tell: (line) => tell({ type: 'line', line }),
      onAccount: options.onAccount,
      onInvite: own.ring,
      onLost: () => forEach(own, (leg) => leg.lost()),
      onReconnected: () => forEach(own, (leg) => leg.reconnected()),
    })
  }
  const signOut = async (): Promise<void> => {
    forEach(own, (leg) => leg.end())
    const leaving = desk
    desk = null
    tell({ type: 'line', line: { at: 'signed-out' } })
    await leaving?.close()
  }

  const look = qualityWatch((id) => own.get(id)?.sample() ?? Promise.resolve(null), tell)
  setInterval(() => void look(state.get().calls), LOOK_EVERY)
  return {
    state,
    signIn,
    signOut,
    dial: async (text) => {
      if (desk) await own.dial(desk.userAgent, text)
    },
    answer: own.answer,
    hold: own.hold,
    switchTo: own.switchTo,
    useMicrophone: own.useMicrophone,
    end: (id) => own.get(id)?.end(),
    mute: (id, on) => own.get(id)?.mute(on),
    key: (id, key) => own.get(id)?.key(key),
    notice: (problem) => tell({ type: 'noticed', problem }),
    dismiss: () => tell({ type: 'dismissed' }),
    check: () => desk?.line.check(),
    networkChanged: () => desk?.line.networkChanged(),
    leave: () => {
      for (const call of state.get().calls) if (call.state !== 'incoming') own.get(call.id)?.end()
    },
    leg: own.get,
  }
}

function forEach(own: Calls, run: (leg: Leg) => void): void {
  for (const leg of own.all()) run(leg)
}
