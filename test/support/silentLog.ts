import type { Log } from '../../src/platform/log.ts'

/** A log that says nothing. */
export const silentLog: Log = { error() {}, warn() {}, info() {}, debug() {} }
