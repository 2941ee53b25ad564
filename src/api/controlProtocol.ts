import type { ErrorCode } from '../errors.ts'
import type { ConfigEntry, ImportRow, Operations } from './operations.ts'

/**
 * What travels over `DATA/control.sock`: JSON lines, one request after the other on a connection.
 *
 *     → {"id":1,"do":"user","with":{"name":"101"}}
 *     ← {"id":1,"result":{"user":"101",…}}
 *     → {"id":2,"do":"users"}
 *     ← {"id":2,"page":[…]}            as many as it takes
 *     ← {"id":2,"result":null}
 *     → {"id":3,"do":"importUsers"}
 *     → {"id":3,"rows":[…]}            as many as it takes
 *     → {"id":3,"end":true}
 *     ← {"id":3,"error":{"code":"IMPORT_INVALID","message":"line 7: …"}}
 */
export interface Request {
  readonly id: number
  readonly do: keyof Operations
  readonly with?: object
}

/** What follows an `importUsers` or `importConfig` request. */
export type ImportPart =
  | { readonly id: number; readonly rows: readonly (ImportRow | ConfigEntry)[] }
  | { readonly id: number; readonly end: true }

/** `id` is null where the request could not be read. */
export type Answer<T = unknown> =
  | { readonly id: number | null; readonly page: readonly T[] }
  | { readonly id: number | null; readonly result: T }
  | { readonly id: number | null; readonly error: { readonly code: ErrorCode; readonly message: string } }

/** The longest line a server takes, in characters. */
export const LONGEST_LINE = 1 << 20

/** Rows of an import in one line. */
export const ROWS_PER_LINE = 200
