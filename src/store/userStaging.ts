import type { MergedUser, StagedUsers } from '../api/userStore.ts'
import { OffhookError } from '../errors.ts'
import type { Clock } from '../platform/clock.ts'
import type { SqliteDatabase } from './database.ts'
import { allColumns, fromUser } from './userRow.ts'

/** Users staged between two turns of the event loop: about 1 ms. */
const CHUNK = 500

/**
 * Many users at once: staged in chunks, then taken over by one statement (7 ms for 10,000). The staging table is a
 * temporary one, in memory: a crash leaves nothing of it.
 */
export class UserStaging {
  readonly #clock: Clock
  readonly #statements: ReturnType<typeof prepare>
  /** One after the other: there is one table. */
  #last: Promise<void> = Promise.resolve()

  constructor(database: SqliteDatabase, clock: Clock) {
    this.#clock = clock
    this.#statements = prepare(database)
  }

  /** Rejects with USER_EXISTS where a name comes twice. */
  async stage(users: readonly MergedUser[]): Promise<StagedUsers> {
    const before = this.#last
    let free: () => void = () => {}
    this.#last = new Promise((resolve) => {
      free = resolve
    })
    await before
    const release = (): void => {
      this.#statements.unstage.run()
      free()
    }
    try {
      await this.#fill(users)
    } catch (error) {
      release()
      throw error
    }
    return { add: () => this.#add(), merge: () => this.#merge(), removeOthers: () => this.#removeOthers(), release }
  }

  async #fill(users: readonly MergedUser[]): Promise<void> {
    for (let from = 0; from < users.length; from += CHUNK) {
      for (const user of users.slice(from, from + CHUNK)) {
        const ha1 = user.ha1 ?? { md5: '', sha256: '' }
        if (this.#statements.stage.run(fromUser({ ...user, ha1 })).changes === 0) throw userExists(user.name)
      }
      await new Promise<void>((resolve) => this.#clock.endOfTurn(resolve))
    }
  }

  #add(): void {
    const name = this.#statements.taken.get()
    if (name !== undefined) throw userExists(name)
    this.#statements.takeOver.run()
  }

  #merge(): void {
    const name = this.#statements.passwordless.get()
    if (name !== undefined) throw new OffhookError('USER_UNKNOWN', `user ${name} was removed meanwhile; try again`)
    this.#statements.merge.run()
  }

  #removeOthers(): string[] {
    return this.#statements.removeOthers.all()
  }
}

function userExists(name: string): OffhookError {
  return new OffhookError('USER_EXISTS', `user ${name} exists already; change it with: offhook user set ${name}`)
}

function prepare(database: SqliteDatabase) {
  const columns = allColumns.join(', ')
  const values = allColumns.map((name) => `@${name}`).join(', ')
  database.pragma('temp_store = MEMORY')
  database.exec('CREATE TEMP TABLE staged_users AS SELECT * FROM users WHERE false')
  database.exec('CREATE UNIQUE INDEX temp.staged_names ON staged_users (name)')
  const [fields, hashes] = [
    ['display_name', 'caller_id', 'allow', 'digest', 'codecs', 'media'],
    ['ha1_md5', 'ha1_sha256'],
  ]
  const set = fields.map((name) => `${name} = excluded.${name}`)
  const kept = hashes.map((name) => `${name} = ifnull(nullif(excluded.${name}, ''), ${name})`)
  // Most of a file is as it was: what is not written costs a quarter.
  const differs = [...fields, ...hashes].map((name) => `${name} IS NOT excluded.${name}`)
  return {
    stage: database.prepare(`INSERT INTO staged_users (${columns}) VALUES (${values}) ON CONFLICT DO NOTHING`),
    unstage: database.prepare('DELETE FROM staged_users'),
    taken: database.prepare<[], string>('SELECT name FROM staged_users JOIN users USING (name) LIMIT 1').pluck(),
    takeOver: database.prepare(`INSERT INTO users (${columns}) SELECT ${columns} FROM staged_users ORDER BY name`),
    passwordless: database
      .prepare<[], string>(
        "SELECT name FROM staged_users WHERE ha1_md5 = '' AND name NOT IN (SELECT name FROM users) LIMIT 1",
      )
      .pluck(),
    // Of one that exists the day of its making stays, and the password where none is given.
    merge: database.prepare(
      `INSERT INTO users (${columns}) SELECT ${columns} FROM staged_users WHERE true ORDER BY name
       ON CONFLICT (name) DO UPDATE SET ${[...set, ...kept].join(', ')} WHERE ${differs.join(' OR ')}`,
    ),
    removeOthers: database
      .prepare<[], string>('DELETE FROM users WHERE name NOT IN (SELECT name FROM staged_users) RETURNING name')
      .pluck(),
  }
}
