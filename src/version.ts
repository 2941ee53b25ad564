import { readFileSync } from 'node:fs'

/** The version in package.json, as in 0.1.0. */
export const version = packageVersion()

function packageVersion(): string {
  const described: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const known = typeof described === 'object' && described !== null && 'version' in described
  return known ? String(described.version) : 'unknown'
}
