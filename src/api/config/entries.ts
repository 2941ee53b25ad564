import { type Context, turn } from '../context.ts'
import type { Pages } from '../operations.ts'
import { readEntryOf, replaced } from '../plan/entries.ts'
import { camel, FieldProblem, type Kind, kebab } from '../plan/kind.ts'
import { kinds } from '../plan/kinds.ts'
import type { Entries, KindName } from '../plan/network.ts'
import { invalid, type Prepared, type ReadOptions, type Section, type SectionReader } from './section.ts'

/** Entries written in one go. */
const PAGE = 500
/** All of them are checked together, during which calls wait. */
const MOST_ENTRIES = 50_000

/** A kind of the phone network as a section: its fields as in the command line, those left out that are as they always are. */
export function entriesSection<K extends KindName>(name: K): Section {
  return {
    export: (context, secrets) => exported(context, name, secrets),
    reader: (context, how) => new EntriesReader(context, how, name),
  }
}

async function* exported<K extends KindName>(context: Context, name: K, secrets: boolean): Pages<object> {
  const entries: readonly Entries[K][] = context.plan.load()[name]
  for (let from = 0; from < entries.length; from += PAGE) {
    yield entries.slice(from, from + PAGE).map((entry) => written(kinds[name], entry, secrets))
    await turn(context.clock)
  }
}

function written<T extends object>({ blank }: Kind<T>, entry: T, secrets: boolean): object {
  const usual = new Map(Object.entries(blank).map(([field, value]) => [field, JSON.stringify(value)]))
  const said = Object.entries(entry)
    .filter(([field, value]) => (field !== 'password' || secrets) && usual.get(field) !== JSON.stringify(value))
    .map(([field, value]) => [kebab(field), value])
  return Object.fromEntries(said)
}

class EntriesReader<K extends KindName> implements SectionReader {
  readonly #context: Context
  readonly #how: ReadOptions
  readonly #name: K
  readonly #kind: Kind<Entries[K]>
  /** What there is, by key. */
  readonly #old: ReadonlyMap<string, Entries[K]>
  /** By key, in the file's order. */
  readonly #entries = new Map<string, { readonly entry: Entries[K]; readonly path: string }>()
  readonly #counts = { added: 0, changed: 0, unchanged: 0 }

  constructor(context: Context, how: ReadOptions, name: K) {
    this.#context = context
    this.#how = how
    this.#name = name
    this.#kind = kinds[name]
    const entries: readonly Entries[K][] = context.plan.load()[name]
    this.#old = new Map(entries.map((entry) => [this.#kind.key(entry), entry]))
  }

  take(value: unknown, path: string): void {
    const entry = this.#read(value, path)
    const key = this.#kind.key(entry)
    const earlier = this.#entries.get(key)
    if (earlier) throw invalid(path, `${this.#kind.word} ${key} stands at ${earlier.path} too; take one of them out`)
    if (this.#entries.size === MOST_ENTRIES) throw invalid(path, `more than ${MOST_ENTRIES} entries; split the file`)
    const old = this.#old.get(key)
    const same = old !== undefined && JSON.stringify(old) === JSON.stringify(entry)
    this.#counts[old === undefined ? 'added' : same ? 'unchanged' : 'changed'] += 1
    this.#entries.set(key, { entry: same ? old : entry, path })
  }

  async prepare(): Promise<Prepared> {
    return {
      apply: () => {
        const network = this.#context.plan.load()
        const kept = this.#how.replace ? [] : [...this.#old.keys()].filter((key) => !this.#entries.has(key))
        this.#context.plan.save(replaced(network, this.#name, this.#ordered(kept.length === 0)))
        return { ...this.#counts, removed: this.#how.replace ? this.#removed() : 0 }
      },
      release: () => {},
      announce: async () => {},
    }
  }

  placeOf(word: string, key: string): string | null {
    return word === this.#kind.word ? (this.#entries.get(key)?.path ?? null) : null
  }

  /** The file's order where it names all there are; else what was there keeps its place, and what is new follows. */
  #ordered(all: boolean): readonly Entries[K][] {
    if (all) return [...this.#entries.values()].map(({ entry }) => entry)
    const old = [...this.#old].map(([key, entry]) => this.#entries.get(key)?.entry ?? entry)
    const added = [...this.#entries].filter(([key]) => !this.#old.has(key))
    return [...old, ...added.map(([, { entry }]) => entry)]
  }

  #removed(): number {
    return [...this.#old.keys()].filter((key) => !this.#entries.has(key)).length
  }

  #read(value: unknown, path: string): Entries[K] {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw invalid(path, `write a ${this.#kind.word} with its fields, each as in "to: user:101"`)
    }
    const fields = Object.fromEntries(Object.entries(value).map(([field, said]) => [camel(field), said]))
    try {
      return readEntryOf(this.#context, this.#name, this.#withPassword(fields))
    } catch (error) {
      if (!(error instanceof FieldProblem)) throw error
      throw invalid(error.field === '' ? path : `${path}.${error.field}`, error.message)
    }
  }

  /** A file without secrets leaves a trunk the password that it has. */
  #withPassword(fields: Readonly<Record<string, unknown>>): object {
    if (this.#name !== 'trunks' || fields.password !== undefined) return fields
    const old = this.#context.plan.load().trunks.find(({ name }) => name === fields.name)
    return old === undefined ? fields : { ...fields, password: old.password }
  }
}
