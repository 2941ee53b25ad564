import type { Groups } from './expression.ts'

const PLACE = /\$\{([^}]*)\}/g

/** The names in `text` that stand for named groups, as in `number:+49${rest}`. */
export function placesIn(text: string): readonly string[] {
  return [...text.matchAll(PLACE)].map(([, name = '']) => name)
}

/** `text` with each `${name}` as the group matched; a group that took no part is empty. */
export function filled(text: string, groups: Groups): string {
  return text.includes('${') ? text.replace(PLACE, (_, name: string) => groups.get(name) ?? '') : text
}
