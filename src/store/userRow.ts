import type { NewUser, User } from '../api/userStore.ts'
import type { Credentials, DigestAlgorithm } from '../sip/auth/credentials.ts'

/** A row of `users` without its secrets. */
export interface UserRow {
  readonly name: string
  readonly display_name: string | null
  readonly caller_id: string | null
  readonly allow: string
  readonly digest: string | null
  readonly codecs: string | null
  readonly media: string
  readonly created_at: number
}

export interface CredentialRow {
  readonly digest: string | null
  readonly ha1_md5: string
  readonly ha1_sha256: string
}

export type WholeRow = UserRow & CredentialRow

export const userColumns = [
  'name',
  'display_name',
  'caller_id',
  'allow',
  'digest',
  'codecs',
  'media',
  'created_at',
] as const
export const allColumns = [...userColumns, 'ha1_md5', 'ha1_sha256'] as const

/** A column's value, by the column's name. */
export type UserValues = Record<(typeof allColumns)[number], string | number | null>

export function toUser(row: UserRow): User {
  return {
    name: row.name,
    displayName: row.display_name,
    callerId: row.caller_id,
    allow: row.allow === '' ? [] : row.allow.split(','),
    digest: toAlgorithms(row.digest),
    codecs: row.codecs?.split(',') ?? null,
    media: row.media === 'direct' ? 'direct' : 'relay',
    createdAt: row.created_at,
  }
}

export function toNewUser(row: WholeRow): NewUser {
  return { ...toUser(row), ha1: { md5: row.ha1_md5, sha256: row.ha1_sha256 } }
}

export function toCredentials(user: string, row: CredentialRow): Credentials {
  const ha1 = { md5: row.ha1_md5, sha256: row.ha1_sha256 }
  return { user, ha1, algorithms: toAlgorithms(row.digest) }
}

export function fromUser(user: NewUser): UserValues {
  return {
    name: user.name,
    display_name: user.displayName,
    caller_id: user.callerId,
    allow: user.allow.join(','),
    digest: user.digest?.join(',') ?? null,
    codecs: user.codecs?.join(',') ?? null,
    media: user.media,
    created_at: user.createdAt,
    ha1_md5: user.ha1.md5,
    ha1_sha256: user.ha1.sha256,
  }
}

function toAlgorithms(text: string | null): DigestAlgorithm[] | null {
  if (text === null) return null
  return text.split(',').filter((name): name is DigestAlgorithm => name === 'MD5' || name === 'SHA-256')
}
