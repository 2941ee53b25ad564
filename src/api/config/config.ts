import { type Context, turn } from '../context.ts'
import type { ConfigEntry, ImportConfig, ImportedConfig, Pages } from '../operations.ts'
import type { Prepared, Section, SectionReader } from './section.ts'
import { type SectionName, sectionNames } from './sectionNames.ts'
import { users } from './users.ts'

const sections: Readonly<Record<SectionName, Section>> = { users }

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
    context.atomically(() => {
      for (const [section, prepared] of ready) imported.push({ section, ...prepared.apply() })
    })
  } finally {
    for (const [, prepared] of ready) prepared.release()
  }
  for (const [, prepared] of ready) await prepared.announce()
  return imported
}
