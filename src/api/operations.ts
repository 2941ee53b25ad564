import type { CallEvent } from '../bridge/callEvent.ts'
import type { CallRecord, LegRecord, MediaWay } from '../bridge/callRecord.ts'
import type { DigestAlgorithm } from '../sip/auth/credentials.ts'
import type { TrunkState } from '../trunks/trunk.ts'
import type { SectionName } from './config/sectionNames.ts'
import type { ActiveCall, Device, LiveStatus, TestStep } from './live.ts'
import type { EntryViews, KindName } from './plan/network.ts'
import type { BrokenExpectation, Explained, Finding } from './plan/planning.ts'

/**
 * What an admin can do: every operation once. Carried out by `localOperations`, in the server or in a command while no
 * server runs, or passed on through the control socket by `remoteOperations`; both pass the same contract suite.
 *
 * All of it is plain data that survives JSON. Times are ISO 8601; what does not exist is null. A refusal rejects with
 * an `OffhookError`.
 */
export interface Operations {
  status(): Promise<Status>
  /** USER_EXISTS, USER_INVALID. */
  addUser(user: AddUser): Promise<AddedUser>
  /** All or nothing. IMPORT_INVALID names the line. */
  importUsers(rows: Pages<ImportRow>): Promise<ImportedUsers>
  users(): Pages<UserView>
  user(name: string): Promise<UserView>
  setUser(name: string, change: ChangeUser): Promise<UserView>
  /** USER_IN_USE while the user is in a call. */
  removeUser(name: string): Promise<UserView>
  /** USER_UNKNOWN if a user is named that does not exist. */
  devices(user: string | null): Pages<DeviceView>
  /** Those that are up, then those that ended; each the latest first. */
  calls(filter: CallsFilter): Pages<CallView>
  call(id: string): Promise<CallDetailView>
  /** CALL_UNKNOWN, CALL_ENDED. */
  hangUp(id: string): Promise<void>
  /** What there is of one kind of the phone network, in the admin's order. */
  entries<K extends KindName>(kind: K): Pages<EntryViews[K]>
  /** ENTRY_UNKNOWN. */
  entry<K extends KindName>(kind: K, name: string): Promise<EntryViews[K]>
  /**
   * Fields that `value` leaves out have their defaults; numbers are read with the server's country. `before`: the entry in front
   * of which it goes; null: at the end. ENTRY_EXISTS, PLAN_INVALID, EXPECTATION_BROKEN.
   */
  addEntry<K extends KindName>(kind: K, value: object, before: string | null): Promise<EntryViews[K]>
  /** Fields that `change` leaves out stay. A user's forwards and the limits are always there to be set. */
  setEntry<K extends KindName>(kind: K, name: string, change: object): Promise<EntryViews[K]>
  moveEntry<K extends KindName>(kind: K, name: string, before: string | null): Promise<EntryViews[K]>
  /** ENTRY_IN_USE. */
  removeEntry<K extends KindName>(kind: K, name: string): Promise<EntryViews[K]>
  /** Why a call would go where it would go. */
  testDialplan(call: TestCall): Promise<TestedCall>
  checkDialplan(): Promise<CheckedPlan>
  /** One step a page, as each is done. `call`: a number that is called until it rings; null: none. SERVER_NOT_RUNNING. */
  testTrunk(name: string, call: string | null): Pages<TestStep>
  /** Everything an admin made, in an order that stays. */
  exportConfig(how: { readonly secrets: boolean }): Pages<ConfigEntry>
  /** Checked whole, then all or nothing. IMPORT_INVALID names the path; USER_IN_USE where one in a call would go. */
  importConfig(how: ImportConfig, entries: Pages<ConfigEntry>): Promise<ImportedConfig>
}

/** A call that is only thought of. */
export interface TestCall {
  readonly number: string
  /** `101` or `trunk:NAME`; null: the first trunk where a caller is named, else the first user. */
  readonly from: string | null
  /** Who calls over the trunk; null: nobody says. */
  readonly caller: string | null
  /** Local time of the server, as in `2026-12-25T10:00`; null: now, with the calls that are up. */
  readonly at: string | null
  /** Calls that are assumed up; of all else as many as there are. */
  readonly callsUp: readonly AssumedCalls[]
}

/** So many calls up. `of`: `any`, `user:101`, `trunk:NAME` or `number:+15551234567`; each counts by itself. */
export interface AssumedCalls {
  readonly of: string
  readonly count: number
}

export interface TestedCall extends Explained, Omit<TestCall, 'at' | 'from'> {
  readonly from: string
  /** ISO 8601. */
  readonly at: string
}

export interface CheckedPlan {
  readonly expectations: number
  readonly broken: readonly BrokenExpectation[]
  readonly findings: readonly Finding[]
}

/** A list in pieces, each small enough to be made and written without holding up a call. */
export type Pages<T> = AsyncIterable<readonly T[]>

export interface Status extends Nullable<Omit<LiveStatus, 'listeners'>> {
  readonly running: boolean
  readonly version: string
  readonly pid: number | null
  readonly realm: string
  readonly users: number
  readonly registrations: number
  readonly listeners: LiveStatus['listeners']
  /** In the admin's order; null: no server runs. */
  readonly trunks: readonly TrunkState[] | null
}

type Nullable<T> = { readonly [Key in keyof T]: T[Key] | null }

export interface UserView {
  readonly user: string
  readonly name: string | null
  readonly callerId: string | null
  readonly allow: readonly string[]
  /** null: the server's order. */
  readonly digest: readonly DigestAlgorithm[] | null
  /** Encoding names of SDP, in lower case, the preferred first; null: any. */
  readonly codecs: readonly string[] | null
  readonly media: MediaWay
  readonly createdAt: string
}

export interface AddUser {
  readonly user: string
  /** null: one is made. */
  readonly password: string | null
  readonly name: string | null
  readonly callerId: string | null
  /** null: internal and national. */
  readonly allow: readonly string[] | null
  readonly digest: readonly string[] | null
  readonly codecs: readonly string[] | null
  /** null: relay. */
  readonly media: string | null
}

export interface AddedUser extends UserView {
  /** The one that was made; null: it was given. Shown this once. */
  readonly password: string | null
}

/** What is absent stays. */
export interface ChangeUser {
  readonly password?: string | undefined
  readonly name?: string | null | undefined
  readonly callerId?: string | null | undefined
  readonly allow?: readonly string[] | undefined
  readonly digest?: readonly string[] | null | undefined
  readonly codecs?: readonly string[] | null | undefined
  readonly media?: string | null | undefined
}

export interface ImportRow extends AddUser {
  /** Where it stands in its file, from 1: errors name it. */
  readonly line: number
}

export interface ImportedUsers {
  readonly imported: number
  /** Of the rows that had none. */
  readonly passwords: readonly { readonly user: string; readonly password: string }[]
}

/** One thing that an admin made: its file in `config/` says what it looks like. */
export interface ConfigEntry {
  readonly section: SectionName
  /** Where it stands in its file, as in `users[3]`: errors name it. Empty in what is exported. */
  readonly path: string
  readonly value: unknown
}

export interface ImportConfig {
  /** The sections that the file has; others are left alone. */
  readonly sections: readonly SectionName[]
  /** Whether what a section does not name is removed. */
  readonly replace: boolean
  /** What the password hashes in it were made with; null: it has none. */
  readonly realm: string | null
}

/** What became of the entries of a section. */
export interface SectionCounts {
  readonly added: number
  readonly changed: number
  readonly unchanged: number
  readonly removed: number
}

/** By section. */
export type ImportedConfig = readonly (SectionCounts & { readonly section: SectionName })[]

export interface DeviceView extends Omit<Device, 'source' | 'registeredAt' | 'expiresAt'> {
  /** As in `10.0.0.5:5060`. */
  readonly source: string
  readonly registeredAt: string
  /** Seconds from now. */
  readonly expires: number
}

export interface CallsFilter {
  readonly active: boolean
  /** Wall-clock ms since 1970. */
  readonly since: number | null
  readonly user: string | null
  readonly limit: number
}

export interface CallView extends Nullable<Pick<CallRecord, 'outcome' | 'endedBy' | 'status' | 'reason'>> {
  readonly id: string
  readonly state: ActiveCall['state'] | 'ended'
  readonly from: string
  readonly fromName: string | null
  readonly to: string
  readonly answeredBy: string | null
  readonly startedAt: string
  readonly answeredAt: string | null
  readonly endedAt: string | null
  /** Seconds since it was answered, up to now or its end; null: it was not. */
  readonly duration: number | null
}

export interface CallDetailView extends CallView {
  readonly legs: readonly LegView[]
  /** What happened so far. */
  readonly events: readonly CallEvent[]
}

export interface LegView extends LegRecord {
  /** The way of the media from this leg's phone: `webrtc 10.0.0.5:4000 OPUS → rtp 10.0.0.9:4002 PCMU`; null: there is none. */
  readonly chain: string | null
}
