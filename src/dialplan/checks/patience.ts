/** What may still be asked of expressions. Most questions are answered in some 10 µs, and those that stay open cost up to 0.1 s. */
export interface Patience {
  left: number
}

const PATIENCE = 20_000
const COST_OF_UNKNOWN = 1_000

/** Enough for a plan of a thousand rules, and for one that is made to take long about two seconds. */
export function newPatience(): Patience {
  return { left: PATIENCE }
}

/** The answer, or `unknown` where too much was asked before. */
export function ask<Answer>(patience: Patience, question: () => Answer): Answer | 'unknown' {
  if (patience.left <= 0) return 'unknown'
  const answer = question()
  patience.left -= answer === 'unknown' ? COST_OF_UNKNOWN : 1
  return answer
}
