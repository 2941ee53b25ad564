import type { Percentiles } from './percentiles.ts'
import type { SdpCodec } from './sipText.ts'

/** What every load program is told, as JSON in its first argument. */
export interface LoadOptions {
  /** UDP port of 127.0.0.1 of what is measured. */
  readonly server: number
  /** Units of work a second; for relay the calls that are up. */
  readonly rate: number
  /** Length of the measurement, s. The load warms up for a second or two before it. */
  readonly seconds: number
  /** What is there besides the load: users that are registered, and calls that are up. */
  readonly background?: { readonly registered: number; readonly callsUp: number }
  /** RTP ports of a bare relay, two a call; without them calls are set up by SIP. */
  readonly relays?: readonly (readonly [number, number])[]
  /** What the callers and the callees speak; PCMU where it is not given. */
  readonly codecs?: readonly [SdpCodec, SdpCodec]
  /** The callers are browsers. */
  readonly secure?: boolean
  /** Calls that are set up besides, a second, by a process of their own; and whether those who call are browsers. */
  readonly newcomers?: { readonly rate: number; readonly secure: boolean }
  /** Registrations a second beside the calls. */
  readonly registrations?: number
}

/** What it reports. Times in ms. */
export interface LoadResult {
  readonly started: number
  readonly completed: number
  readonly latency: Readonly<Record<string, Percentiles>>
  /** How late the load itself was with what it sent. */
  readonly lateness: Percentiles
}

/** `rest`: from now until `begin` nothing is asked of the server. */
export type LoadMessage =
  | { readonly type: 'rest' }
  | { readonly type: 'begin' }
  | { readonly type: 'end'; readonly result: LoadResult }

/** How long the server is watched doing nothing but what is in the background, ms. */
const REST = 1000

/** Runs a load in this process: `prepare` sets up and warms up, and gives what is to be measured. */
export async function runLoad(prepare: (options: LoadOptions) => Promise<() => Promise<LoadResult>>): Promise<void> {
  const load = await prepare(JSON.parse(process.argv[2] ?? '{}'))
  await tell({ type: 'rest' })
  await new Promise((resolve) => setTimeout(resolve, REST))
  await tell({ type: 'begin' })
  await tell({ type: 'end', result: await load() })
  process.exit()
}

function tell(message: LoadMessage): Promise<void> {
  return new Promise((resolve) => process.send?.(message, () => resolve()))
}

/** Users that a subject is given before it is loaded: callers and callees alike, with their passwords. */
export function user(n: number): { user: string; password: string } {
  return { user: String(10_000 + n), password: `password-${n}` }
}

/** Resolves when `done` says so, or after `ms`: answers may be lost for good. */
export function settled(ms: number, done: () => boolean): Promise<void> {
  const end = performance.now() + ms
  return new Promise((resolve) => {
    const look = () => (done() || performance.now() > end ? resolve() : void setTimeout(look, 5))
    look()
  })
}
