import type { AddedUser } from './operations.ts'

/** A server that listens: what `startServer` gives and `offhook serve` prints. */
export interface RunningServer {
  /** Addresses at which phones reach it, the best one first. */
  readonly addresses: readonly string[]
  readonly sip: { readonly udp: number; readonly tcp: number }
  /** The HTTPS port; null: there is none. */
  readonly https: { readonly port: number } | null
  /** Made at this start, with their passwords; none on later starts. */
  readonly firstUsers: readonly AddedUser[]
  /** Ends all calls and lets go of everything. */
  stop(): Promise<void>
}
