import { otherwiseOf } from './compileRoute.ts'
import { parseDestination } from './destination.ts'
import type { Numbering } from './numbering.ts'
import type { PlanSource } from './plan.ts'
import { type Problem, sayingOf } from './problem.ts'

/**
 * Forwards of users and destinations of our numbers that lead back to where they began, each said once, with the whole circle:
 * `101 → 102 → 101`. Members of a group do not send their calls on, so that no circle goes through a group.
 */
export function circles(source: PlanSource, numbering: Numbering): readonly Problem[] {
  const problems: Problem[] = []
  const ways = waysOf(source, numbering)
  const done = new Set<string>()
  for (const start of ways.keys()) {
    const circle = done.has(start) ? null : circleFrom(start, ways, done)
    if (circle) say(circle, problems)
  }
  return problems
}

type Ways = ReadonlyMap<string, readonly string[]>

/** From each user and each number of ours to those its calls may be sent to, as `user:101` and `number:+1555…`. */
function waysOf(source: PlanSource, numbering: Numbering): Ways {
  const ways = new Map<string, string[]>()
  const numbers = new Set(source.numbers.map(({ number }) => number))
  const add = (from: string, to: readonly (string | null)[]): void => {
    const targets = to.flatMap((text) => targetOf(text, numbers, numbering))
    if (targets.length > 0) ways.set(from, [...(ways.get(from) ?? []), ...targets])
  }
  for (const { user, always, busy, noAnswer, offline } of source.forwards) {
    add(`user:${user}`, [always, busy, noAnswer, offline])
  }
  for (const entry of source.numbers) {
    add(`number:${entry.number}`, [...entry.to, entry.fallback, ...otherwiseOf(entry)])
  }
  for (const [number, to] of callersByNumber(source)) add(`number:${number}`, to)
  return ways
}

function callersByNumber(source: PlanSource): ReadonlyMap<string, readonly string[]> {
  const byNumber = new Map<string, Set<string>>()
  for (const { number, to } of source.callers) {
    const there = byNumber.get(number)
    if (there) there.add(to)
    else byNumber.set(number, new Set([to]))
  }
  return new Map([...byNumber].map(([number, to]) => [number, [...to]]))
}

function targetOf(text: string | null, numbers: ReadonlySet<string>, numbering: Numbering): readonly string[] {
  if (text === null) return []
  const destination = parseDestination(text)
  if ('problem' in destination) return []
  if (destination.kind === 'user') return [`user:${destination.user}`]
  if (destination.kind !== 'number') return []
  const { number } = destination
  const e164 = numbers.has(number) ? number : (numbering.read(number)?.e164 ?? number)
  return [`number:${e164}`]
}

/** Depth first, without recursion: a chain may be as long as there are users. */
function circleFrom(start: string, ways: Ways, done: Set<string>): readonly string[] | null {
  const path = [{ at: start, next: 0 }]
  const onPath = new Set([start])
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const to = ways.get(top.at)?.[top.next++]
    if (to === undefined) {
      path.pop()
      onPath.delete(top.at)
      done.add(top.at)
    } else if (onPath.has(to)) {
      for (const { at } of path) done.add(at)
      return [...path.map(({ at }) => at).slice(path.findIndex(({ at }) => at === to)), to]
    } else if (!done.has(to)) {
      path.push({ at: to, next: 0 })
      onPath.add(to)
    }
  }
  return null
}

function say(circle: readonly string[], problems: Problem[]): void {
  const [first = ''] = circle
  const name = nameOf(first)
  const way = circle.map(nameOf).join(' → ')
  const says = sayingOf(problems, first.startsWith('user:') ? 'forward' : 'number', name)
  says(`calls would go in a circle: ${way}; send one of them elsewhere`)
}

function nameOf(node: string): string {
  return node.slice(node.indexOf(':') + 1)
}
