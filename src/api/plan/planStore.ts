import type { PhoneNetwork } from './network.ts'

/** Where the phone network is kept. Only the process that owns the data directory writes it. */
export interface PlanStore {
  /** All of it, as it stands now: the same object until something changes. */
  load(): PhoneNetwork
  /** Writes what is different from what is kept, lists and their order; within the caller's transaction. */
  save(next: PhoneNetwork): void
  /** A transaction was undone: what is known of the file is out of date. */
  forget(): void
}
