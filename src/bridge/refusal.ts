import type { Cause } from '../dialplan/decision.ts'
import { parseSeconds, tokens } from '../sip/message/fields.ts'
import { quote } from '../sip/message/grammar.ts'
import type { HeaderLine, Headers } from '../sip/message/headers.ts'
import type { SipResponse } from '../sip/message/message.ts'
import { parseCauses } from '../sip/message/reason.ts'
import type { Ending } from './call.ts'
import { wordsOf } from './callEvent.ts'
import type { Outcome } from './callRecord.ts'

/** How a phone, or a trunk, refused a call. */
export interface Refusal {
  /** What it means to the caller. */
  readonly status: number
  /** null where none came. */
  readonly response: SipResponse | null
  /** Whether it says nothing of the phone, only that it was not reached: by another flow it may be (RFC 5626 §7). */
  readonly ofFlow: boolean
  /** Whether its page was closed while it was asked: loaded anew, it comes back. */
  readonly gone: boolean
  /** What it is to the dial plan; null: it speaks for who was called, and nobody else is to be asked. */
  readonly cause: Cause | null
}

/** A phone that could not even be asked. */
export const UNREACHABLE: Refusal = { status: 480, response: null, ofFlow: true, gone: false, cause: 'offline' }

/** A phone that would have been offered no codec at all. */
export const NO_CODEC: Refusal = { status: 488, response: null, ofFlow: false, gone: false, cause: 'unavailable' }

/** A line that gave no sign of life, or that there was no way to. */
export const LINE_DOWN: Refusal = { status: 502, response: null, ofFlow: true, gone: false, cause: 'unavailable' }

/** Nobody has picked up in time. */
export const UNANSWERED: Refusal = { status: 480, response: null, ofFlow: false, gone: false, cause: 'no-answer' }

/** Values of a list that are passed on, at most. */
const MOST_VALUES = 16

/**
 * What a phone's final answer, or none at all, means to the caller. A phone that could not be reached, or that says it
 * must be asked elsewhere, is away as far as the caller goes; what it wants proven to it (401, 407) is not the caller's to
 * prove, who knows no other server than us.
 */
export function refusalOf(status: number, response: SipResponse | null): Refusal {
  const away = status < 400 || AWAY.includes(status)
  return {
    status: away ? 480 : status,
    response,
    ofFlow: response === null || FLOW_FAILURES.includes(status),
    gone: false,
    cause: phoneCause(status, response),
  }
}

const BUSY: readonly number[] = [486, 600, 603]

function phoneCause(status: number, response: SipResponse | null): Cause {
  if (response === null || status === 430 || status === 503) return 'offline'
  if (BUSY.includes(status)) return 'busy'
  return status === 480 || status === 408 ? 'no-answer' : 'unavailable'
}

/**
 * What a trunk's final answer, or none at all, means. A server that fails says nothing of who was called: the next one may do
 * better, unless it has `rung` there. What it wants proven is not the caller's to prove, and where it points to is not followed.
 */
export function lineRefusalOf(status: number, response: SipResponse | null, rung: boolean): Refusal {
  const failed =
    response === null || status < 400 || status === 401 || status === 407 || (status >= 500 && status < 600)
  if (failed) return { ...LINE_DOWN, response, ofFlow: !rung, cause: rung ? null : 'unavailable' }
  return { status, response, ofFlow: false, gone: false, cause: lineCause(status, rung) }
}

/** Whether it says that the line's server is out of order, rather than something of the call. */
export function isOutage({ status, cause }: Refusal): boolean {
  return cause === 'unavailable' && !NO_CODECS.includes(status)
}

const NO_CODECS: readonly number[] = [488, 606]

function lineCause(status: number, rung: boolean): Cause | null {
  if (BUSY.includes(status)) return 'busy'
  // Where nothing rang, a proxy of the provider has waited for somebody in vain.
  if (status === 408) return rung ? 'no-answer' : 'unavailable'
  if (status === 480) return 'no-answer'
  return NO_CODECS.includes(status) ? 'unavailable' : null
}

const AWAY: readonly number[] = [401, 407, 408, 430, 481, 503]
/** What a proxy before the phone says when it has lost the phone. */
const FLOW_FAILURES: readonly number[] = [408, 430]

/** RFC 3261 §16.7 step 6: a 6xx, else the lowest class, and in it what says most about how to call again. */
export function bestOf(refusals: readonly Refusal[]): Refusal {
  const [first = UNREACHABLE, ...others] = refusals
  return others.reduce((a, b) => (rank(b.status) < rank(a.status) ? b : a), first)
}

/** How a call ends of which this refusal is the best; `line`: as people know the trunk that it came from, null for a phone. */
export function endingOf(refusal: Refusal, line: string | null = null): Ending {
  if (refusal === UNANSWERED) return { by: 'server', outcome: 'no-answer', status: 480, reason: 'nobody answered' }
  const [outcome, status, reason] = line === null ? failure(refusal.status) : lineFailure(refusal, line)
  return { by: 'callee', outcome, status, reason, ...passedOn(refusal) }
}

function failure(status: number): [Outcome, number, string] {
  switch (status) {
    case 480:
      return ['offline', 480, 'no phone of the user could be reached']
    case 486:
    case 600:
      return ['busy', status, 'the phone was busy']
    case 488:
    case 606:
      return ['failed', status, 'the phones have no codec in common']
    default:
      return ['rejected', status, `the phone refused with ${status}`]
  }
}

function lineFailure({ status, response }: Refusal, line: string): [Outcome, number, string] {
  if (response === null)
    return status === 502 ? ['failed', 502, `${line} did not answer`] : ['no-answer', status, 'nobody answered']
  if (BUSY.includes(status)) return ['busy', status, 'the number was busy']
  const said = `${line} refused with ${response.status} ${wordsOf(response.reason)}`.trimEnd()
  return [status === 502 ? 'failed' : 'rejected', status, said]
}

/** What a caller can use of a phone's refusal beside its status: each value read and written anew. */
export function passedOn({ status, response }: Refusal): Pick<Ending, 'causes' | 'headers'> {
  if (response === null) return {}
  return { causes: parseCauses(response.headers), headers: headersFor(status, response.headers) }
}

// 401 and 407, which the RFC prefers too, have become 480 by now.
const TELLING: readonly number[] = [415, 420, 484]

function rank(status: number): number {
  const order = TELLING.includes(status) ? 0 : status === 480 ? 999 : 100 + (status % 100)
  return (status >= 600 ? 0 : Math.floor(status / 100)) * 1000 + order
}

function headersFor(status: number, from: Headers): HeaderLine[] {
  switch (status) {
    case 415:
      return listed('Accept', from, /^[\w.+*-]+\/[\w.+*-]+/)
    case 420:
      return listed('Unsupported', from, /^[\w.+-]+$/)
    case 488:
    case 606:
      return warnings(from)
    // §20.33: where a later attempt may go better.
    case 404:
    case 413:
    case 480:
    case 486:
    case 500:
    case 600:
    case 603:
      return retryAfter(from)
    default:
      return []
  }
}

function listed(name: string, from: Headers, shape: RegExp): HeaderLine[] {
  const values = tokens(from, name.toLowerCase()).flatMap((value) => shape.exec(value)?.[0] ?? [])
  return values.length === 0 ? [] : [[name, values.slice(0, MOST_VALUES).join(', ')]]
}

function retryAfter(from: Headers): HeaderLine[] {
  const [digits = ''] = /^\d+/.exec(from.first('retry-after') ?? '') ?? []
  const seconds = parseSeconds(digits)
  return seconds === null ? [] : [['Retry-After', String(seconds)]]
}

// §20.43: code, agent and text. The agent is a host of the phone's own network, and stays there.
function warnings(from: Headers): HeaderLine[] {
  const values = from.list('warning').flatMap((value) => {
    const [, code, text] = /^(3\d\d) +\S+ +"([^"\\]{0,100})"$/.exec(value) ?? []
    return code === undefined || text === undefined ? [] : [`${code} offhook ${quote(text)}`]
  })
  return values.length === 0 ? [] : [['Warning', values.slice(0, MOST_VALUES).join(', ')]]
}
