import type { DigestAlgorithm } from '../message/digest.ts'

export type { DigestAlgorithm }

/** H(user:realm:password), lower-case hex, for each algorithm. The password itself is never kept. */
export interface Ha1 {
  readonly md5: string
  readonly sha256: string
}

export interface Credentials {
  readonly user: string
  readonly ha1: Ha1
  /** The order of challenges for this user; null: the server's. */
  readonly algorithms: readonly DigestAlgorithm[] | null
}

/** Whoever knows the users' credentials. */
export interface CredentialStore {
  /** null: no such user. */
  credentials(user: string): Credentials | null
}
