import { type Context, turn } from '../context.ts'
import type { ConfigEntry, ImportConfig, ImportedConfig, Pages } from '../operations.ts'
import { changed } from '../plan/change.ts'
import { entriesSection } from './entries.ts'
import type { Prepared, Section, SectionReader } from './section.ts'
import { type SectionName, sectionNames } from './sectionNames.ts'
import { users } from './users.ts'

const sections: Readonly<Record<SectionName, Section>> = {
  users,
  trunks: entriesSection('trunks'),
  schedules: entriesSection('schedules'),
  groups: entriesSection('groups'),
  numbers: entriesSection('numbers'),
  callers: entriesSection('callers'),
  routes: entriesSection('routes'),
  limits: entriesSection('limits'),
  forwards: entriesSection('forwards'),
  expectations: entriesSection('expectations'),
}

/** Everything an admin made, section by section. */
export async function* exportConfig(context: Context, secrets: boolean): Pages<ConfigEntry> {
  for (const section of sectionNames) {
    for await (const page of sections[section].export(context, secrets)) {
      yield page.map((value) => ({ section, path: '', value }))
    }
  }
}

/** Checks every entry, then makes all changes in one transaction. */
export async function importConfig(
  context: Context,
  how: ImportConfig,
  entries: Pages<ConfigEntry>,
): Promise<ImportedConfig> {
  const readers = new Map(how.sections.map((name) => [name, sections[name].reader(context, how)] as const))
  for await (const page of entries) {
    for (const { section, path, value } of page) readers.get(section)?.take(value, path)
    await turn(context.clock)
  }
  return apply(context, readers)
}

async function apply(context: Context, readers: ReadonlyMap<SectionName, SectionReader>): Promise<ImportedConfig> {
  const ready: (readonly [SectionName, Prepared])[] = []
  const imported: ImportedConfig[number][] = []
  try {
    for (const [name, reader] of readers) ready.push([name, await reader.prepare()])
    const makeAll = (): void => {
      for (const [section, prepared] of ready) imported.push({ section, ...prepared.apply() })
    }
    changed(context, makeAll, ({ kind, name }) => placeOf(readers, kind, name))
  } finally {
    for (const [, prepared] of ready) prepared.release()
  }
  for (const [, prepared] of ready) await prepared.announce()
  return imported
}

function placeOf(readers: ReadonlyMap<SectionName, SectionReader>, word: string, key: string): string | null {
  for (const reader of readers.values()) {
    const place = reader.placeOf?.(word, key) ?? null
    if (place !== null) return place
  }
  return null
}
