import { OffhookError } from '../errors.ts'
import { type Context, turn } from './context.ts'
import type { ImportedUsers, ImportRow, Pages } from './operations.ts'
import { changed } from './plan/change.ts'
import type { NewUser } from './userStore.ts'
import { newUser, userExists } from './users.ts'

/** All of them become users in one statement, during which calls wait: 40 ms for so many, 7 for 10,000. */
export const MOST_USERS = 50_000

/** Checks and hashes page by page, letting calls go on between; then hands all to the store at once. */
export async function importUsers(context: Context, pages: Pages<ImportRow>): Promise<ImportedUsers> {
  const users: NewUser[] = []
  const passwords: { user: string; password: string }[] = []
  const lines = new Map<string, number>()
  for await (const page of pages) {
    for (const row of page) {
      if (users.length === MOST_USERS) throw invalidRow(row.line, `more than ${MOST_USERS} users in one file; split it`)
      const { user, password } = onLine(row.line, () => checkRow(context, row, lines))
      users.push(user)
      if (password !== null) passwords.push({ user: user.name, password })
    }
    await turn(context.clock)
  }
  const staged = await context.users.stage(users)
  try {
    changed(context, () => staged.add())
  } finally {
    staged.release()
  }
  return { imported: users.length, passwords }
}

function checkRow(context: Context, row: ImportRow, lines: Map<string, number>) {
  const made = newUser(context, row)
  const { name } = made.user
  const earlier = lines.get(name)
  if (earlier !== undefined) {
    throw new OffhookError('USER_EXISTS', `user ${name} stands in line ${earlier} too; take one of them out`)
  }
  if (context.users.find(name) !== null) throw userExists(name)
  lines.set(name, row.line)
  return made
}

/** Runs `check`; what it refuses, it refuses naming the line. */
function onLine<T>(line: number, check: () => T): T {
  try {
    return check()
  } catch (error) {
    throw error instanceof OffhookError ? invalidRow(line, error.message) : error
  }
}

function invalidRow(line: number, problem: string): OffhookError {
  return new OffhookError('IMPORT_INVALID', `line ${line}: ${problem}`)
}
