import { automatonOf, type Language } from './automaton.ts'
import { type CharSet, has } from './charSet.ts'
import { Beyond } from './cursor.ts'
import { parseExpression } from './syntax.ts'

export type { Language } from './automaton.ts'

/**
 * The language of a regular expression that must match whole. `unknown`: what of it we can't follow, in a few words, as in
 * `the escape \p`.
 */
export function language(pattern: string): Language | { readonly unknown: string } {
  const read = parseExpression(pattern)
  if ('unknown' in read) return read
  try {
    return automatonOf(read)
  } catch (error) {
    if (error instanceof Beyond) return { unknown: error.message }
    throw error
  }
}

/** Whether the text is in it. */
export function contains(language: Language, text: string): boolean {
  let ready = language.first
  let ended = language.matchesEmpty
  for (const char of text) {
    const codePoint = char.codePointAt(0) ?? 0
    const reached = ready.filter((position) => has(language.chars[position] ?? [], codePoint))
    ended = reached.some((position) => language.last[position])
    ready = [...new Set(reached.flatMap((position) => language.follow[position] ?? []))]
  }
  return ended
}

/** How many characters of the text are asked for just so, where no other would do: 3 of `00491` in `004[19]\d*`; 0 if it is not in it. */
export function fixedChars(language: Language, text: string): number {
  // By position that the next character may have: how many were fixed so far, at best.
  let ready = new Map(language.first.map((position) => [position, 0]))
  let best = 0
  for (const char of text) {
    const next = new Map<number, number>()
    best = 0
    for (const [position, before] of ready) {
      const set = language.chars[position] ?? []
      if (!has(set, char.codePointAt(0) ?? 0)) continue
      const fixed = before + (set[0] === set.at(-1) ? 1 : 0)
      if (language.last[position]) best = Math.max(best, fixed)
      for (const after of language.follow[position] ?? []) next.set(after, Math.max(next.get(after) ?? 0, fixed))
    }
    ready = next
  }
  return best
}

/** Whether nothing ever matches. */
export function isEmpty({ matchesEmpty, first }: Language): boolean {
  return !matchesEmpty && first.length === 0
}

/** All texts of it, shorter ones first; null: they are more than `limit`. */
export function texts(language: Language, limit: number): readonly string[] | null {
  if (!hasEnd(language)) return null
  const found = language.matchesEmpty ? [''] : []
  let open = new Map<string, readonly number[]>([['', language.first]])
  while (open.size > 0) {
    const longer = lengthen(language, open, limit - found.length)
    if (!longer) return null
    found.push(...longer.ended)
    open = longer.open
  }
  return found
}

/** Whether no position comes back to itself: each leads to an end, so that a circle makes texts without end. */
function hasEnd({ follow }: Language): boolean {
  const comingIn = follow.map(() => 0)
  for (const next of follow.flat()) comingIn[next] = (comingIn[next] ?? 0) + 1
  const free = [...comingIn.keys()].filter((position) => comingIn[position] === 0)
  // The list grows while it is walked.
  for (const position of free) {
    for (const next of follow[position] ?? []) {
      comingIn[next] = (comingIn[next] ?? 0) - 1
      if (comingIn[next] === 0) free.push(next)
    }
  }
  return free.length === follow.length
}

/** One character more. Each open text ends in time, so that more than `limit` open ones are too many already. */
function lengthen(language: Language, open: ReadonlyMap<string, readonly number[]>, limit: number) {
  const reached = new Map<string, number[]>()
  for (const [text, ready] of open) {
    for (const position of ready) {
      for (const char of charsOf(language.chars[position] ?? [], limit)) {
        reached.set(text + char, [...(reached.get(text + char) ?? []), position])
        if (reached.size > limit) return null
      }
    }
  }
  const ended = [...reached].filter(([, at]) => at.some((position) => language.last[position])).map(([text]) => text)
  const next = [...reached].map(([text, at]) => {
    const positions = new Set(at.flatMap((position) => language.follow[position] ?? []))
    return [text, [...positions]] as const
  })
  return { ended, open: new Map(next.filter(([, positions]) => positions.length > 0)) }
}

/** One more than `limit` at most. */
function charsOf(set: CharSet, limit: number): string[] {
  const chars: string[] = []
  for (let i = 0; i < set.length; i += 2) {
    for (let c = set[i] ?? 0; c <= (set[i + 1] ?? -1) && chars.length <= limit; c++) chars.push(String.fromCodePoint(c))
  }
  return chars
}
