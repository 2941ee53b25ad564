/** The system's code of a failed call (`ENOENT`, `EADDRINUSE`, `SQLITE_FULL`); null if `error` carries none. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
}
