import type { Expression } from './expression.ts'
import type { Numbering } from './numbering.ts'
import type { RouteEntry } from './plan.ts'

/** What was dialled, read as a number of the phone network. */
export interface ReadForm {
  /** With its plus; never what was dialled itself. */
  readonly e164: string
  /** Whether such a number is known to exist: what is guessed of digits is never dialled. */
  readonly known: boolean
}

/** The E.164 form of what was dialled; null: it has none, or is written so. An emergency number is matched as it stands alone. */
export function readForm(dialled: string, numbering: Numbering): ReadForm | null {
  const read = numbering.read(dialled)
  if (!read || read.e164 === null || read.e164 === dialled || numbering.isEmergency(dialled)) return null
  return { e164: read.e164, known: read.known }
}

/** Whether the rule only refuses calls. */
export function refusesOnly({ to, busy, noAnswer, offline, unavailable }: RouteEntry): boolean {
  return [...to, busy, noAnswer, offline, unavailable].every((text) => text === null || text.startsWith('reject:'))
}

/** Whether a rule is asked of this form too: one that only refuses errs on the safe side. */
export function counts(form: ReadForm, rule: { readonly refuses: boolean }): boolean {
  return form.known || rule.refuses
}

/** The form that the rule matches, what was dialled before the E.164 form of it; null: neither. */
export function formMatching(
  rule: { readonly match: Pick<Expression, 'matches'>; readonly refuses: boolean },
  dialled: string,
  read: ReadForm | null,
): string | null {
  if (rule.match.matches(dialled)) return dialled
  return read !== null && counts(read, rule) && rule.match.matches(read.e164) ? read.e164 : null
}
