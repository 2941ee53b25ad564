import type { Command } from 'commander'
import type { EntryViews, KindName } from '../api/plan/network.ts'
import { OffhookError } from '../errors.ts'
import { wantsJson } from './options.ts'
import { all, withOperations } from './reach.ts'
import { type Column, facts, table } from './table.ts'
import type { Terminal } from './terminal.ts'
import { json, plain } from './text.ts'

/** How entries of a kind are shown. */
export interface Face<K extends KindName> {
  readonly kind: K
  /** What one is called, as in `route`. */
  readonly word: string
  key(entry: EntryViews[K]): string
  readonly columns: readonly Column[]
  row(entry: EntryViews[K]): readonly (string | null)[]
  /** Where there are none. */
  readonly none: string
}

/** What a command and its terminal are to the functions below. */
export interface Place {
  readonly command: Command
  readonly terminal: Terminal
}

export async function listEntries<K extends KindName>(face: Face<K>, { command, terminal }: Place): Promise<void> {
  const entries = await withOperations(command, terminal, (operations) => all(operations.entries(face.kind)))
  terminal.out(wantsJson(command) ? json(entries) : listText(face, entries, terminal))
}

export function listText<K extends KindName>(
  face: Pick<Face<K>, 'columns' | 'row' | 'none'>,
  entries: readonly EntryViews[K][],
  terminal: Terminal,
): string {
  if (entries.length === 0) return `${face.none}\n`
  const rows = entries.map((entry) => face.row(entry).map((cell) => plain(cell)))
  return table(face.columns, rows, terminal.columns)
}

export async function showEntry<K extends KindName>(
  face: Face<K>,
  name: string,
  { command, terminal }: Place,
): Promise<void> {
  const entry = await withOperations(command, terminal, (operations) => operations.entry(face.kind, name))
  terminal.out(wantsJson(command) ? json(entry) : entryText(face, entry))
}

export async function addEntry<K extends KindName>(
  face: Face<K>,
  value: object,
  before: string | undefined,
  { command, terminal }: Place,
): Promise<void> {
  const added = await withOperations(
    command,
    terminal,
    (operations) => operations.addEntry(face.kind, value, before ?? null),
    'makes',
  )
  terminal.out(wantsJson(command) ? json(added) : `${face.word} ${face.key(added)} added\n`)
}

export async function setEntry<K extends KindName>(
  face: Face<K>,
  name: string,
  change: object,
  { command, terminal }: Place,
): Promise<void> {
  if (Object.values(change).every((value) => value === undefined)) {
    throw new OffhookError('USAGE', `nothing to set of ${face.word} ${name}; see: ${pathOf(command)} --help`)
  }
  const entry = await withOperations(command, terminal, (operations) => operations.setEntry(face.kind, name, change))
  terminal.out(wantsJson(command) ? json(entry) : entryText(face, entry))
}

export async function moveEntry<K extends KindName>(
  face: Face<K>,
  name: string,
  before: string | undefined,
  { command, terminal }: Place,
): Promise<void> {
  const entry = await withOperations(command, terminal, (operations) =>
    operations.moveEntry(face.kind, name, before ?? null),
  )
  const where = before === undefined ? 'is the last one now' : `stands before ${before} now`
  terminal.out(wantsJson(command) ? json(entry) : `${face.word} ${face.key(entry)} ${where}\n`)
}

export async function removeEntry<K extends KindName>(
  face: Face<K>,
  name: string,
  { command, terminal }: Place,
): Promise<void> {
  const removed = await withOperations(command, terminal, (operations) => operations.removeEntry(face.kind, name))
  terminal.out(wantsJson(command) ? json(removed) : `${face.word} ${face.key(removed)} removed\n`)
}

/** What a field says where nobody has said anything, and it is no null: which calls are counted means nothing where none are. */
const USUAL: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['strip', 0],
  ['overCallsOf', 'any'],
])

/** An entry with all that is said of it; what is as it always is, is left out. */
export function entryText<K extends KindName>(
  { word, key }: Pick<Face<K>, 'word' | 'key'>,
  entry: EntryViews[K],
): string {
  const name = key(entry)
  const pairs = Object.entries(entry).flatMap(([field, value]): [string, string | null][] => {
    const said = USUAL.get(field) === value ? null : valueText(value)
    return said === null || said === name ? [] : [[spaced(field), plain(said)]]
  })
  return `${word} ${plain(name)}\n${pairs.length === 0 ? '' : facts(pairs)}`
}

/** For options that may stand several times. */
export function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value]
}

function valueText(value: unknown): string | null {
  if (value === null || value === '' || value === false) return null
  if (Array.isArray(value)) return value.length === 0 ? null : value.join(', ')
  return value === true ? 'yes' : String(value)
}

/** `overCalls` as `over calls`. */
function spaced(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}
