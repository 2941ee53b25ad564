/**
 * What an admin has said of the phone network and the dial plan: plain data, as it is stored and exported. Each list is in the
 * admin's order. A destination is text, as everywhere: `user:101`, `group:sales`, `trunk:twilio`, `number:+15551234567`,
 * `sip:someone@example.com`, `app:echo`, `reject:486`.
 */
export interface PlanSource {
  readonly routes: readonly RouteEntry[]
  readonly groups: readonly GroupEntry[]
  readonly numbers: readonly NumberEntry[]
  readonly callers: readonly CallerEntry[]
  readonly schedules: readonly ScheduleEntry[]
  readonly limits: readonly LimitEntry[]
  readonly forwards: readonly ForwardEntry[]
  readonly expectations: readonly ExpectationEntry[]
}

/** Where a call goes on when a destination did not take it; null: nowhere, the caller hears so. */
export interface Otherwise {
  readonly busy: string | null
  readonly noAnswer: string | null
  /** No phone of it is registered. */
  readonly offline: string | null
  /** It could not be reached: no trunk is up or has room, or what was asked failed. */
  readonly unavailable: string | null
}

/** One rule: the first that matches decides. */
export interface RouteEntry extends Otherwise {
  readonly name: string
  /**
   * A regular expression (RE2's syntax) for the whole of what was dialled, or of the E.164 form of it, with named groups:
   * `\+49(?P<rest>\d+)`.
   */
  readonly match: string
  /** Who calls: `any`, `user:101`, `group:sales`, `trunk:twilio`. A call from a trunk never goes out by a rule for `any`. */
  readonly from: string
  /** A regular expression for the whole of the caller's number, `anonymous` where there is none; null: whatever it is. */
  readonly caller: string | null
  /** A schedule's name, or `!` and its name: only while it is open, or closed; null: always. */
  readonly when: string | null
  /** Only while at least so many calls are up; null: however many. */
  readonly overCalls: number | null
  /** Which calls `overCalls` counts: `any`, `trunk:NAME` or `number:+15551234567`. */
  readonly overCallsOf: string
  /** Destinations in the order in which they are tried; `${name}` stands for a named group of `match`. */
  readonly to: readonly string[]
  /** One for each of `to`, whole numbers: its trunks are taken in an order of chance, by weight; null: in order. */
  readonly weights: readonly number[] | null
  /** Characters taken from the front of what `match` matched, before `prepend`. */
  readonly strip: number
  readonly prepend: string
  /** What is dialled instead, with `${name}` for named groups; null: what `match` matched, stripped and prepended. */
  readonly number: string | null
  /** The number to show, E.164; null: the caller's own. */
  readonly callerId: string | null
  /** How long each destination may ring, seconds; null: the server's. */
  readonly after: number | null
}

export type GroupOrder = 'together' | 'in-turn' | 'longest-idle'

/** Users that are rung by one name. */
export interface GroupEntry {
  readonly name: string
  readonly members: readonly string[]
  readonly order: GroupOrder
  /** How long each is rung, where they are rung one after the other; seconds. */
  readonly step: number
}

export type AvailabilityMode = 'always' | 'after-hours' | 'overflow' | 'scheduled' | 'never'

/** A number of ours in the phone network. */
export interface NumberEntry extends Otherwise {
  /** E.164 with its plus. */
  readonly number: string
  /** As RouteEntry's. */
  readonly to: readonly string[]
  /** The trunk that alone may bring calls for it; null: any. */
  readonly trunk: string | null
  readonly label: string | null
  readonly after: number | null
  /** When calls go to `to`; at all other times they go to `fallback`. */
  readonly availability: AvailabilityMode
  /** The schedule of `after-hours` (while it is closed) and `scheduled` (while it is open). */
  readonly schedule: string | null
  /** `overflow`: when at least so many calls to this number are up. */
  readonly overCalls: number | null
  /** null: the caller hears busy. */
  readonly fallback: string | null
}

/** A number shared by many: who calls decides where it goes. */
export interface CallerEntry {
  /** One of `numbers`. */
  readonly number: string
  /** E.164. */
  readonly caller: string
  readonly to: string
}

export interface ScheduleEntry {
  readonly name: string
  /** As in `Europe/Berlin`. */
  readonly tz: string
  /** Weekly hours, as in `mon-fri 09:00-17:00`; 24:00 is the end of the day. */
  readonly open: readonly string[]
  /** Days that it is closed, as in `2026-12-25` or `2026-12-24..2027-01-01`; `--12-25` is each year's. */
  readonly closed: readonly string[]
  /** Days with hours of their own, as in `2026-12-31 09:00-12:00`; they win over both. */
  readonly special: readonly string[]
}

/** Caps on calls to the phone network. `any` holds for each user that has none of its own, and is never lifted by one. */
export interface LimitEntry {
  /** `user:101`, `trunk:twilio` or `any`. */
  readonly subject: string
  /** Calls at once. */
  readonly calls: number | null
  readonly callsPerDay: number | null
  readonly minutesPerDay: number | null
  /** No calls out in these hours, the server's time, as in `22:00-06:00`. */
  readonly night: string | null
}

/** What a user wants done with its calls. */
export interface ForwardEntry {
  readonly user: string
  readonly always: string | null
  readonly busy: string | null
  readonly noAnswer: string | null
  readonly offline: string | null
  /** How long it rings before `noAnswer`, seconds; null: the server's. */
  readonly after: number | null
  /** Do not disturb: as if busy. */
  readonly dnd: boolean
}

/** What the plan must go on doing: a change that breaks it is refused. */
export interface ExpectationEntry {
  readonly number: string
  /** `101` or `trunk:NAME`. */
  readonly from: string
  readonly caller: string | null
  /** Local time of the server, as in `2026-12-25T10:00`; null: at any time, which is tried now. */
  readonly at: string | null
  /** The first destination, as in `trunk:twilio`. */
  readonly to: string
}

export const EMPTY_PLAN: PlanSource = {
  routes: [],
  groups: [],
  numbers: [],
  callers: [],
  schedules: [],
  limits: [],
  forwards: [],
  expectations: [],
}

/** What the plan is compiled against: what else there is. */
export interface PlanSurroundings {
  isUser(name: string): boolean
  isApp(name: string): boolean
  /** The app behind a built-in number, such as *43; null: there is none. */
  builtIn(dialled: string): string | null
  /** What kinds of numbers the user may call. */
  allowed(user: string): readonly DialClass[]
  /** The number that the user shows, E.164; null: none. */
  callerId(user: string): string | null
  /** The names of the trunks, in their order; `emergency`: whether emergency calls may go out by it. */
  readonly trunks: readonly { readonly name: string; readonly emergency: boolean }[]
  /** ISO 3166-1 alpha-2, upper case; null: unknown, and numbers are read only with their plus. */
  readonly country: string | null
  /** The server's own time zone, for night locks, as in `Europe/Berlin`. */
  readonly tz: string
}

/** What a user may be allowed to dial. */
export type DialClass = 'internal' | 'national' | 'international' | 'premium'
