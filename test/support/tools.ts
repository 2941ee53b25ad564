import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * For tap's `skip`: why a test that needs these programs cannot run here, or false. With CI=true it is never skipped: a
 * program that is missing is a failure there.
 */
export function unless(...programs: readonly string[]): string | false {
  const missing = programs.filter((program) => !installed(program))
  if (missing.length === 0 || process.env.CI === 'true') return false
  return `${missing.join(', ')} not installed; run: npm run test:setup`
}

function installed(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
