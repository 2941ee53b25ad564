import type { CallEvent } from '../../bridge/callEvent.ts'
import type { Cause } from '../../sip/message/reason.ts'
import type { CallDetailView } from '../operations.ts'
import { listWords, refusalWords, spanWords, statusText } from './words.ts'

/** One thing that happened, told. `at`: ms since the call came in. */
export interface Told {
  readonly at: number
  readonly text: string
}

type Happened<T extends CallEvent['type']> = Extract<CallEvent, { type: T }>

/** What happened in a call, in the order in which it did. */
export function story(call: CallDetailView): Told[] {
  const teller = new Teller(call)
  const caller = call.legs.find(({ role }) => role === 'caller')
  const name = call.fromName === null ? '' : ` "${call.fromName}"`
  const from = caller?.remote ? `, from ${phoneAt(caller.remote, caller.userAgent)}` : ''
  const began = { at: 0, text: `${call.from}${name} called ${call.to}${from}.` }
  return [began, ...call.events.flatMap((event) => ({ at: event.at, text: teller.tell(event) }))]
}

/** Knows what came before, where a sentence needs it. */
class Teller {
  readonly #call: CallDetailView
  readonly #called: readonly Happened<'called'>[]
  readonly #ringing = new Map<number, number>()

  constructor(call: CallDetailView) {
    this.#call = call
    this.#called = call.events.filter((event) => event.type === 'called')
  }

  tell(event: CallEvent): string {
    switch (event.type) {
      case 'routed':
        return routed(event)
      case 'went-on':
        return wentOn(event)
      case 'cap-near':
        return `A cap is nearly reached: ${event.cap}.`
      case 'called':
        return `${this.#phone(event.phone)} was called, at ${phoneAt(event.remote, event.userAgent)}.`
      case 'unreachable':
        return event.why === 'connection'
          ? `A phone of ${event.user} could not be reached: its connection is gone.`
          : `A phone of ${event.user} was left out: there is no codec to offer to it.`
      case 'ringing':
        this.#ringing.set(event.phone, event.at)
        return event.status === 180
          ? `${this.#phone(event.phone)} rang.`
          : `${this.#phone(event.phone)} works on it (${statusText(event.status)}).`
      case 'early-media':
        return `${this.#phone(event.phone)} sent audio before it answered.`
      case 'silent':
        return `${this.#phone(event.phone)} gave no sign of life, so it counts as off.`
      case 'refused':
        return `${this.#phone(event.phone)} ${refusalWords(event.status, event.phrase)}${this.#rang(event)}.`
      case 'redirected':
        return this.#redirected(event)
      case 'stopped':
        return `${this.#phone(event.phone)} was told to stop${this.#rang(event)}.`
      case 'answered':
        return event.phone === null
          ? 'The server answered.'
          : `${this.#phone(event.phone)} answered${this.#rang({ at: event.at, phone: event.phone })}.`
      case 'media':
        return this.#media(event)
      case 'omitted':
        return `${event.count} more things happened that were not kept.`
      case 'ended':
        return this.#ended(event)
      default:
        return event satisfies never
    }
  }

  // Who has one phone needs no number for it.
  #phone(phone: number): string {
    const user = this.#called.find((event) => event.phone === phone)?.user ?? this.#call.to
    if (isOutside(user)) return user.replace(/^trunk:/, 'Trunk ')
    const own = this.#called.filter((event) => event.user === user).map((event) => event.phone)
    return own.length > 1 ? `Phone ${own.indexOf(phone) + 1} of ${user}` : `The phone of ${user}`
  }

  #rang({ at, phone }: { readonly at: number; readonly phone: number }): string {
    const since = this.#ringing.get(phone)
    return since === undefined ? '' : ` after ${spanWords(at - since)} of ringing`
  }

  #redirected({ phone, to, refused }: Happened<'redirected'>): string {
    const sentences = refused.map(({ contact, why }) => `It points to ${contact}, ${refusedWords[why]}.`)
    if (to.length > 0) sentences.unshift(`${this.#phone(phone)} forwards the call to ${listWords(to)}.`)
    return sentences.join(' ') || `${this.#phone(phone)} names nobody to call instead.`
  }

  #media({ by, change, status }: Happened<'media'>): string {
    const who = this.#party(by)
    if (status !== null) return `${who} wanted to change the audio and was not let (${statusText(status)}).`
    switch (change) {
      case 'held':
        return `${who} put the call on hold.`
      case 'resumed':
        return `${who} took the call back from hold.`
      case 'renewed':
        return `${who} renewed or changed the audio.`
      default:
        return change satisfies never
    }
  }

  #ended(event: Happened<'ended'>): string {
    const { answeredAt, startedAt } = this.#call
    const talked = answeredAt === null ? null : event.at - (Date.parse(answeredAt) - Date.parse(startedAt))
    const ending = talked === null ? this.#refused(event) : `${this.#hungUp(event)} after ${spanWords(talked)} of talk.`
    return `${ending}${event.causes.map((cause) => ` ${causeText(cause)}`).join('')}`
  }

  #hungUp({ by, reason }: Happened<'ended'>): string {
    switch (by) {
      case 'caller':
      case 'callee':
        return `${this.#party(by)} hung up`
      case 'admin':
        return 'An admin hung up'
      case 'server':
        return `The server ended the call (${reason})`
      default:
        return by satisfies never
    }
  }

  #refused({ by, status, reason }: Happened<'ended'>): string {
    const { from, outcome } = this.#call
    if (by === 'caller' && outcome === 'cancelled') return `${from} gave up (${statusText(status)}).`
    const failed = `The call failed: ${reason.replace(/\.$/, '')}.`
    // Who could not be reached any more was told nothing.
    if (by === 'caller') return failed
    const told = `${from} was told: ${statusText(status)}.`
    return by === 'admin' && outcome === 'cancelled' ? `An admin ended the call. ${told}` : `${failed} ${told}`
  }

  #party(by: 'caller' | 'callee'): string {
    return by === 'caller' ? this.#call.from : (this.#call.answeredBy ?? this.#call.to)
  }
}

const refusedWords = {
  foreign: 'which is not this server, and is not followed',
  unknown: 'which is no number here',
  tried: 'who has been called before',
  limit: 'but the call was sent on too often',
  app: 'which answers by itself and cannot stand in for a phone',
} as const

function routed({ as, dialled, rule, to }: Happened<'routed'>): string {
  const by = `The dial plan (rule "${rule}")`
  const [first = ''] = to
  if (first.startsWith('denied:')) return `${by} denied ${dialled} to ${as}: ${first.slice(7)}.`
  if (isOutside(first)) return `${by} sends ${dialled} to ${first.replace(/^trunk:/, 'trunk ')}.`
  if (first.startsWith('app:')) return `${by} has the server itself answer ${dialled}: ${first.slice(4)}.`
  if (first.startsWith('reject:')) return `${by} has nobody for ${dialled}, dialled by ${as}.`
  const users = to.map((one) => one.replace(/^user:/, ''))
  return `${by} rings the phones of ${listWords(users)}.`
}

const causeWords = {
  busy: 'It was busy',
  'no-answer': 'Nobody answered',
  offline: 'It has no phone registered',
  unavailable: 'It could not be reached',
} as const

function wentOn({ cause, rule, to }: Happened<'went-on'>): string {
  const [first = ''] = to
  const where = first.startsWith('reject:')
    ? `the caller is turned away with ${first.slice(7)}`
    : `the call goes on to ${listWords(to.map((one) => one.replace(/^user:/, '').replace(/^(trunk|app):/, '$1 ')))}`
  return `${causeWords[cause]}, so ${first.startsWith('denied:') ? `it would go on, but ${first.slice(7)}` : where} (rule "${rule}").`
}

function isOutside(destination: string): boolean {
  return destination.startsWith('trunk:') || destination.startsWith('sip:')
}

function phoneAt(remote: string, userAgent: string | null): string {
  return userAgent === null ? remote : `${remote} (${userAgent})`
}

function causeText({ protocol, cause, text }: Cause): string {
  return `The reason given: ${text === null ? '' : `"${text}" `}(${protocol} ${cause}).`
}
