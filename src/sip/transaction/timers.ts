import type { Millis } from '../../platform/clock.ts'

/** Round-trip estimate, RFC 3261 §17.1.1.1. */
export const T1: Millis = 500
/** Longest retransmit interval of non-INVITE requests and INVITE responses. */
export const T2: Millis = 4_000
/** Timers B, F, H: how long a transaction waits for the other side; J, L, M: how long it absorbs what comes late. */
export const TIMEOUT: Millis = 64 * T1
/** Timer D: how long an INVITE client absorbs retransmitted finals; at least 32 s on an unreliable transport. */
export const TIMER_D: Millis = 32_000
/** §17.2.1: a server that has not answered an INVITE by then says 100 Trying. */
export const TRYING_AFTER: Millis = 200

export type TimerName = 'A' | 'B' | 'D' | 'E' | 'F' | 'G' | 'H' | 'trying'
