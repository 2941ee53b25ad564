import type { MergedUser, NewUser, StagedUsers, User, UserChange, UserStore } from '../api/userStore.ts'
import type { Clock } from '../platform/clock.ts'
import type { CredentialStore, Credentials } from '../sip/auth/credentials.ts'
import type { SqliteDatabase } from './database.ts'
import {
  allColumns,
  type CredentialRow,
  fromUser,
  toCredentials,
  toNewUser,
  toUser,
  type UserRow,
  userColumns,
  type WholeRow,
} from './userRow.ts'
import { UserStaging } from './userStaging.ts'

/** Users, with both their faces: what the admin sees, and what authentication needs. */
export class SqliteUsers implements UserStore, CredentialStore {
  readonly #database: SqliteDatabase
  readonly #statements: ReturnType<typeof prepare>
  /**
   * Every request is authenticated, and each call asks for two or three users: a look-up in here takes 0.1 µs, in the
   * database 2.4 and more. Only users that exist.
   */
  readonly #known = new Map<string, Credentials>()
  readonly #found = new Map<string, User>()
  readonly #staging: UserStaging

  constructor(database: SqliteDatabase, clock: Clock) {
    this.#database = database
    this.#statements = prepare(database)
    this.#staging = new UserStaging(database, clock)
  }

  credentials(user: string): Credentials | null {
    const known = this.#known.get(user)
    if (known !== undefined) return known
    const row = this.#statements.credentials.get(user)
    if (row === undefined) return null
    const credentials = toCredentials(user, row)
    this.#known.set(user, credentials)
    return credentials
  }

  count(): number {
    return this.#statements.count.get() ?? 0
  }

  list(after = '', limit = -1): User[] {
    return this.#statements.list.all(after, limit).map(toUser)
  }

  find(name: string): User | null {
    const found = this.#found.get(name)
    if (found !== undefined) return found
    const row = this.#statements.find.get(name)
    if (row === undefined) return null
    const user = toUser(row)
    this.#found.set(name, user)
    return user
  }

  add(user: NewUser): boolean {
    return this.#statements.add.run(fromUser(user)).changes === 1
  }

  set(name: string, change: UserChange): boolean {
    const set = this.#database.transaction(() => {
      const [user, credentials] = [this.find(name), this.credentials(name)]
      if (user === null || credentials === null) return false
      this.#statements.update.run(fromUser({ ...user, ha1: credentials.ha1, ...change, name }))
      return true
    })
    const found = set()
    this.#forget(name)
    return found
  }

  remove(name: string): boolean {
    this.#forget(name)
    return this.#statements.remove.run(name).changes === 1
  }

  async import(users: readonly NewUser[]): Promise<void> {
    const staged = await this.#staging.stage(users)
    try {
      this.#database.transaction(() => staged.add())()
    } finally {
      staged.release()
    }
  }

  whole(after = '', limit = -1): NewUser[] {
    return this.#statements.whole.all(after, limit).map(toNewUser)
  }

  wholeOf(name: string): NewUser | null {
    const row = this.#statements.wholeOf.get(name)
    return row === undefined ? null : toNewUser(row)
  }

  async stage(users: readonly MergedUser[]): Promise<StagedUsers> {
    const staged = await this.#staging.stage(users)
    // Whoever reads within the transaction is to see what it has done.
    const merge = (): void => {
      staged.merge()
      this.forget()
    }
    const removeOthers = (): string[] => {
      const removed = staged.removeOthers()
      this.forget()
      return removed
    }
    const release = (): void => {
      this.forget()
      staged.release()
    }
    return { ...staged, merge, removeOthers, release }
  }

  /** Nothing that was read before counts any more. */
  forget(): void {
    this.#known.clear()
    this.#found.clear()
  }

  #forget(name: string): void {
    this.#known.delete(name)
    this.#found.delete(name)
  }
}

function prepare(database: SqliteDatabase) {
  const columns = allColumns.join(', ')
  const values = allColumns.map((name) => `@${name}`).join(', ')
  const changed = allColumns.map((name) => `${name} = @${name}`).join(', ')
  return {
    count: database.prepare<[], number>('SELECT count(*) FROM users').pluck(),
    list: database.prepare<[string, number], UserRow>(
      `SELECT ${userColumns.join(', ')} FROM users WHERE name > ? ORDER BY name LIMIT ?`,
    ),
    find: database.prepare<[string], UserRow>(`SELECT ${userColumns.join(', ')} FROM users WHERE name = ?`),
    credentials: database.prepare<[string], CredentialRow>(
      'SELECT digest, ha1_md5, ha1_sha256 FROM users WHERE name = ?',
    ),
    add: database.prepare(`INSERT INTO users (${columns}) VALUES (${values}) ON CONFLICT DO NOTHING`),
    update: database.prepare(`UPDATE users SET ${changed} WHERE name = @name`),
    remove: database.prepare<[string]>('DELETE FROM users WHERE name = ?'),
    whole: database.prepare<[string, number], WholeRow>(
      `SELECT ${columns} FROM users WHERE name > ? ORDER BY name LIMIT ?`,
    ),
    wholeOf: database.prepare<[string], WholeRow>(`SELECT ${columns} FROM users WHERE name = ?`),
  }
}
