import { connectionProblem } from '../platform/connectionProblem.ts'
import { systemCode } from '../platform/systemError.ts'
import type { SipResponse } from '../sip/message/message.ts'
import { reasonPhrase } from '../sip/message/reasonPhrase.ts'
import { fromUtf8 } from '../sip/message/text.ts'
import { type Target, targetText } from './provider.ts'

/** Of what a provider writes, no more than this is shown. */
const MOST_SHOWN = 80

/** A status with its phrase, and what the provider said instead: `403 Forbidden ("account blocked")`. Fit to be printed. */
export function statusText({ status, reason }: SipResponse): string {
  const usual = reasonPhrase(status)
  const said = printable(reason)
  return said === '' || said.toLowerCase() === usual.toLowerCase()
    ? `${status} ${usual}`
    : `${status} ${usual} ("${said}")`
}

/** What somebody else wrote, as one line that a terminal can bear. */
export function printable(octets: string): string {
  return fromUtf8(octets)
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029"]+/gu, ' ')
    .trim()
    .slice(0, MOST_SHOWN)
}

/** Why there is no way to a server. */
export function unreachable(target: Target, cause: unknown): string {
  const where = targetText(target)
  switch (systemCode(cause)) {
    case 'ECONNREFUSED':
      return `nobody listens on ${where}`
    case 'ETIMEDOUT':
      return `${where} does not answer`
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `there is no route to ${where}`
    default:
      return `there is no way to ${where}: ${printable(connectionProblem(cause))}`
  }
}
