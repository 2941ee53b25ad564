/** A span or a point of monotonic time, in milliseconds. */
export type Millis = number

/** A timer that was started; `cancel` is harmless once it has fired. */
export interface Timer {
  cancel(): void
}

/**
 * The only source of time in the project. The server runs on the machine's, a test on a virtual one, so that an hour of
 * call time takes milliseconds and no test sleeps.
 */
export interface Clock {
  /** Monotonic time since an arbitrary start, in ms. */
  now(): Millis
  /** The time of day, for what people read: call records, expiry that survives a restart. */
  wall(): Date
  /** Runs `run` once, `delay` ms from now or a little later. A timer alone does not keep the process alive. */
  after(delay: Millis, run: () => void): Timer
  /** Runs `run` when all input that is ready in this turn of the event loop has been taken: what groups work. */
  endOfTurn(run: () => void): void
}
