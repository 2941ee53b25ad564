import { parseParameterized } from './fields.ts'
import { decimal, quote } from './grammar.ts'
import type { Headers } from './headers.ts'
import { fromUtf8, toUtf8 } from './text.ts'

/** Why a request was sent or a call was refused, in the words of one of the two protocols that have them: RFC 3326. */
export interface Cause {
  readonly protocol: 'SIP' | 'Q.850'
  /** A SIP status (100–699), or a cause of ITU-T Q.850 (1–127). */
  readonly cause: number
  /** UTF-8, for people; null if there is none. */
  readonly text: string | null
}

/** Characters of a text; what is longer is cut. */
const LONGEST_TEXT = 100

const none: readonly Cause[] = []

/** The causes that a message's Reason headers name, one of each protocol at most; what is malformed or foreign is left out. */
export function parseCauses(headers: Headers): readonly Cause[] {
  if (!headers.has('reason')) return none
  const causes: Cause[] = []
  for (const value of headers.list('reason')) {
    const cause = parseCause(value)
    // §2: a protocol value stands only once.
    if (cause && !causes.some(({ protocol }) => protocol === cause.protocol)) causes.push(cause)
  }
  return causes
}

/** A Reason header's value, as in `SIP;cause=503;text="…", Q.850;cause=41`; null where there is no cause. */
export function formatCauses(causes: readonly Cause[]): string | null {
  return causes.length === 0 ? null : causes.map(formatCause).join(', ')
}

function parseCause(value: string): Cause | null {
  const field = parseParameterized(value)
  const protocol = field?.value.toUpperCase()
  if (!field || (protocol !== 'SIP' && protocol !== 'Q.850')) return null
  const cause = decimal(field.params.get('cause') ?? '')
  const known = protocol === 'SIP' ? cause >= 100 && cause <= 699 : cause >= 1 && cause <= 127
  if (!known) return null
  const text = field.params.get('text')
  return { protocol, cause, text: text ? cut(fromUtf8(text)) : null }
}

function formatCause({ protocol, cause, text }: Cause): string {
  return `${protocol};cause=${cause}${text === null ? '' : `;text=${quote(toUtf8(cut(text)))}`}`
}

function cut(text: string): string {
  const plain = text.replace(/\p{Cc}/gu, ' ')
  return plain.length > LONGEST_TEXT ? [...plain].slice(0, LONGEST_TEXT).join('') : plain
}
