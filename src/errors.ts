/** 1: refused or failed. 2: wrong usage. */
export type ExitStatus = 1 | 2

/** Every code with the exit status of the command line. `docs/errors.md` says of each when it comes and what to do. */
export const errorCodes = {
  USAGE: 2,
  CONFIG_INVALID: 1,
  DATA_MISSING: 1,
  DATA_UNWRITABLE: 1,
  DATA_IN_USE: 1,
  DATABASE_NEWER: 1,
  DATABASE_UNREADABLE: 1,
  PORT_UNUSABLE: 1,
  CERTIFICATE_UNUSABLE: 1,
  CONTROL_FAILED: 1,
  BAD_REQUEST: 1,
  SERVER_SILENT: 1,
  USER_UNKNOWN: 1,
  USER_EXISTS: 1,
  USER_IN_USE: 1,
  USER_INVALID: 1,
  ENTRY_UNKNOWN: 1,
  ENTRY_EXISTS: 1,
  ENTRY_IN_USE: 1,
  PLAN_INVALID: 1,
  EXPECTATION_BROKEN: 1,
  SERVER_NOT_RUNNING: 1,
  TRUNK_UNUSABLE: 1,
  IMPORT_INVALID: 1,
  CALL_UNKNOWN: 1,
  CALL_ENDED: 1,
  INTERNAL: 1,
} as const satisfies Record<string, ExitStatus>

export type ErrorCode = keyof typeof errorCodes

/** What a person has to hear of: one line that names the thing and the mend, without a full stop at its end. */
export class OffhookError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'OffhookError'
    this.code = code
  }

  get exit(): ExitStatus {
    return errorCodes[this.code]
  }
}

/** Whether `text` is one of our codes, as when one comes over the control socket. */
export function isErrorCode(text: unknown): text is ErrorCode {
  return typeof text === 'string' && Object.hasOwn(errorCodes, text)
}
