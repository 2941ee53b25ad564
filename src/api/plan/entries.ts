import { closest } from '../../closest.ts'
import { OffhookError } from '../../errors.ts'
import type { TrunkEntry } from '../../trunks/trunk.ts'
import { type Context, turn } from '../context.ts'
import type { Pages } from '../operations.ts'
import { noUser } from '../users.ts'
import { changed } from './change.ts'
import { FieldProblem, type Kind, readFields } from './kind.ts'
import { kinds } from './kinds.ts'
import type { Entries, EntryViews, KindName, PhoneNetwork } from './network.ts'
import { inWords, usersOf, without } from './uses.ts'

const PAGE = 500

export async function* listEntries<K extends KindName>(context: Context, name: K): Pages<EntryViews[K]> {
  const entries: readonly Entries[K][] = context.plan.load()[name]
  for (let from = 0; from < entries.length; from += PAGE) {
    yield entries.slice(from, from + PAGE).map((entry) => viewOf(name, entry))
    await turn(context.clock)
  }
}

export async function showEntry<K extends KindName>(context: Context, name: K, key: string): Promise<EntryViews[K]> {
  return viewOf(name, found(context, name, key))
}

/** `before`: the entry in front of which it goes; null: at the end. */
export async function addEntry<K extends KindName>(
  context: Context,
  name: K,
  value: object,
  before: string | null,
): Promise<EntryViews[K]> {
  const kind: Kind<Entries[K]> = kinds[name]
  const entry = read(context, name, name === 'trunks' ? withHost(context, value) : value, {})
  const network = context.plan.load()
  const key = kind.key(entry)
  if (network[name].some((other) => kind.key(other) === key)) throw exists(kind, key)
  changed(context, () =>
    context.plan.save(replaced(network, name, inserted(context, name, network[name], entry, before))),
  )
  return viewOf(name, entry)
}

/** What `change` does not name stays. */
export async function setEntry<K extends KindName>(
  context: Context,
  name: K,
  key: string,
  change: object,
): Promise<EntryViews[K]> {
  const kind: Kind<Entries[K]> = kinds[name]
  const old = found(context, name, key)
  const entry = read(context, name, { ...old, ...defined(change) }, old)
  if (kind.key(entry) !== kind.key(old))
    throw new OffhookError('PLAN_INVALID', `${kind.word} ${key} keeps its name; add another one`)
  await requireOwner(context, kind.belongsTo?.(entry) ?? null)
  const network = context.plan.load()
  const others: readonly Entries[K][] = network[name]
  const there = others.includes(old)
  const kept = kind.idle?.(entry)
    ? others.filter((other) => other !== old)
    : there
      ? others.map((other) => (other === old ? entry : other))
      : [...others, entry]
  changed(context, () => context.plan.save(replaced(network, name, kept)))
  return viewOf(name, entry)
}

export async function moveEntry<K extends KindName>(
  context: Context,
  name: K,
  key: string,
  before: string | null,
): Promise<EntryViews[K]> {
  const entry = found(context, name, key)
  const network = context.plan.load()
  const others = network[name].filter((other) => other !== entry)
  changed(context, () => context.plan.save(replaced(network, name, inserted(context, name, others, entry, before))))
  return viewOf(name, entry)
}

export async function removeEntry<K extends KindName>(context: Context, name: K, key: string): Promise<EntryViews[K]> {
  const kind: Kind<Entries[K]> = kinds[name]
  const entry = found(context, name, key)
  const thing = `${kind.word}:${kind.key(entry)}`
  const network = context.plan.load()
  const uses = usersOf(network, thing)
  if (uses.length > 0) throw inUse(kind.word, kind.key(entry), uses)
  const others = network[name].filter((other) => other !== entry)
  changed(context, () => context.plan.save(without(replaced(network, name, others), thing)))
  return viewOf(name, entry)
}

/** Where the provider has one host for everybody, nobody needs to name it. */
function withHost({ planning }: Context, value: object): object {
  const { host, preset }: { host?: unknown; preset?: unknown } = value
  if (host !== undefined || typeof preset !== 'string') return value
  const usual = planning.usualHost(preset)
  return usual === null ? value : { ...value, host: usual }
}

/** What belongs to a user needs that user. */
async function requireOwner(context: Context, owner: string | null): Promise<void> {
  const [, user] = /^user:(.*)$/.exec(owner ?? '') ?? []
  if (user !== undefined && context.users.find(user) === null) await noUser(context, user)
}

/** The network with another list of one kind. */
export function replaced<K extends KindName>(
  network: PhoneNetwork,
  name: K,
  list: readonly Entries[K][],
): PhoneNetwork {
  return { ...network, [name]: list }
}

/** An entry of what was said, checked by itself. Throws a FieldProblem. */
export function readEntryOf<K extends KindName>(context: Context, name: K, value: object): Entries[K] {
  const entry = readFields<Entries[K]>(kinds[name], value, (written) => context.planning.e164(written))
  const problem = name === 'trunks' ? context.planning.trunkProblem(trunkOf(entry)) : null
  if (problem !== null) throw new FieldProblem('', problem)
  return entry
}

export function viewOf<K extends KindName>(name: K, entry: Entries[K]): EntryViews[K]
export function viewOf(name: KindName, entry: Entries[KindName]): object {
  if (name !== 'trunks') return entry
  const { password, ...shown } = trunkOf(entry)
  return { ...shown, hasPassword: password !== null }
}

function trunkOf(entry: Entries[KindName]): TrunkEntry {
  if (!('preset' in entry)) throw new Error('no trunk')
  return entry
}

function read<K extends KindName>(context: Context, name: K, value: object, old: object): Entries[K] {
  const kind: Kind<Entries[K]> = kinds[name]
  try {
    return readEntryOf(context, name, value)
  } catch (error) {
    if (!(error instanceof FieldProblem)) throw error
    const about = nameIn(kind, { ...old, ...value })
    throw new OffhookError(
      'PLAN_INVALID',
      [`${kind.word}${about}`, error.field, error.message].filter(Boolean).join(': '),
    )
  }
}

/** The key of what could not be read, as far as it goes. */
function nameIn<T extends object>(kind: Kind<T>, value: object): string {
  const fields = Object.keys(kind.keyFields(''))
  const said = Object.entries(value).flatMap(([field, text]) =>
    fields.includes(field) && typeof text === 'string' ? [text] : [],
  )
  return said.length === 0
    ? ''
    : ` ${said
        .join(' ')
        .replace(/\p{Cc}/gu, '\uFFFD')
        .slice(0, 80)}`
}

/** The entry of that name, or the idle one of a kind of which there always is one. Throws ENTRY_UNKNOWN. */
function found<K extends KindName>(context: Context, name: K, key: string): Entries[K] {
  const kind: Kind<Entries[K]> = kinds[name]
  const entries: readonly Entries[K][] = context.plan.load()[name]
  const exact = entries.find((entry) => kind.key(entry) === key)
  if (exact !== undefined) return exact
  const wanted = kind.keyOf?.(key, (written) => context.planning.e164(written)) ?? key
  const entry = entries.find((one) => kind.key(one) === wanted)
  if (entry !== undefined) return entry
  if (kind.idle !== undefined) return read(context, name, kind.keyFields(key), {})
  throw unknown(kind, key, entries)
}

function inserted<K extends KindName>(
  context: Context,
  name: K,
  entries: readonly Entries[K][],
  entry: Entries[K],
  before: string | null,
): readonly Entries[K][] {
  if (before === null) return [...entries, entry]
  const at = entries.indexOf(found(context, name, before))
  return at < 0 ? [...entries, entry] : [...entries.slice(0, at), entry, ...entries.slice(at)]
}

function defined(change: object): object {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
}

function exists<T extends object>(kind: Kind<T>, key: string): OffhookError {
  const mend = kind.set === null ? `see: ${kind.list}` : `change it with: ${kind.set} ${key}`
  return new OffhookError('ENTRY_EXISTS', `${kind.word} ${key} exists already; ${mend}`)
}

function unknown<T extends object>(kind: Kind<T>, key: string, entries: readonly T[]): OffhookError {
  const meant = closest(
    key,
    entries.map((entry) => kind.key(entry)),
  )
  const mend = meant === null ? `see: ${kind.list}` : `did you mean ${meant}?`
  return new OffhookError('ENTRY_UNKNOWN', `no ${kind.word} ${key}; ${mend}`)
}

function inUse(word: string, key: string, uses: readonly string[]): OffhookError {
  return new OffhookError('ENTRY_IN_USE', `${word} ${key} is used by ${inWords(uses)}; take it out there first`)
}
