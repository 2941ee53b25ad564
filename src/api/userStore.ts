import type { MediaWay } from '../bridge/callRecord.ts'
import type { DigestAlgorithm, Ha1 } from '../sip/auth/credentials.ts'

/** A user as the admin sees it. Secrets are not in here. Times are wall-clock ms since 1970. */
export interface User {
  readonly name: string
  /** The person's name, UTF-8. */
  readonly displayName: string | null
  /** E.164 number shown when this user calls out. */
  readonly callerId: string | null
  /** What the user may dial, as in internal,national. */
  readonly allow: readonly string[]
  readonly digest: readonly DigestAlgorithm[] | null
  /** SDP's encoding names, in lower case, that alone are spoken with this user's phones, the preferred first; null: any. */
  readonly codecs: readonly string[] | null
  /** Whether this user's browsers may talk to others without us in between. */
  readonly media: MediaWay
  readonly createdAt: number
}

export interface NewUser extends User {
  readonly ha1: Ha1
}

/** A user as a configuration has it; null: the password it has stays. */
export type MergedUser = User & { readonly ha1: Ha1 | null }

/** Users made ready to change many at once. What it does, it does in the transaction that its caller has begun. */
export interface StagedUsers {
  /** Throws USER_EXISTS if there is one of them. */
  add(): void
  /** Adds those that are new and changes the others. Throws USER_UNKNOWN for one without a password that is new. */
  merge(): void
  /** Removes all users but them, and gives their names. */
  removeOthers(): string[]
  /** Must be called, whatever came of it: others wait. */
  release(): void
}

/** The fields that `user set` changes; what is absent stays. */
export type UserChange = Partial<Omit<NewUser, 'name' | 'createdAt'>>

/** The admin's side of the users table. Names are unique, compared exactly. */
export interface UserStore {
  count(): number
  /** In the order of their names' octets; with `after`, those beyond that name, at most `limit`. */
  list(after?: string, limit?: number): User[]
  find(name: string): User | null
  /** false: the name is taken. */
  add(user: NewUser): boolean
  /** false: no such user. */
  set(name: string, change: UserChange): boolean
  remove(name: string): boolean
  /** All or nothing, in chunks of at most some 20 ms each, so that calls go on meanwhile. Rejects naming a taken name. */
  import(users: readonly NewUser[]): Promise<void>
  /** As `list`, with what is secret. */
  whole(after?: string, limit?: number): NewUser[]
  wholeOf(name: string): NewUser | null
  /** In chunks, so that calls go on meanwhile. No name may come twice. */
  stage(users: readonly MergedUser[]): Promise<StagedUsers>
}
