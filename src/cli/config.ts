import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { type Document, documentHead, entryText, readDocument, sectionHead } from '../api/config/document.ts'
import { type SectionName, sectionNames } from '../api/config/sectionNames.ts'
import type { ConfigEntry, ImportedConfig, Operations, Pages } from '../api/operations.ts'
import { OffhookError } from '../errors.ts'
import { systemCode } from '../platform/systemError.ts'
import { wantsJson } from './options.ts'
import { withOperations } from './reach.ts'
import type { Terminal } from './terminal.ts'
import { json } from './text.ts'

/** Entries passed on together. */
const PAGE = 200

/** `offhook config export`: written as it comes, so that a large one is never in memory as a whole. */
export async function exportConfig(secrets: boolean, command: Command, terminal: Terminal): Promise<void> {
  await withOperations(command, terminal, async (operations) => {
    if (wantsJson(command)) return terminal.out(json(await asJson(operations, secrets)))
    const { realm } = await operations.status()
    terminal.out(documentHead(secrets ? realm : null))
    const begun = new Set<SectionName>()
    for await (const page of operations.exportConfig({ secrets })) {
      for (const { section, value } of page) {
        if (!begun.has(section)) terminal.out(`\n${sectionHead(section, false)}`)
        begun.add(section)
        terminal.out(entryText(value))
      }
    }
    for (const section of sectionNames) if (!begun.has(section)) terminal.out(`\n${sectionHead(section, true)}`)
  })
}

async function asJson(operations: Operations, secrets: boolean): Promise<object> {
  const { realm } = await operations.status()
  const sections = Object.fromEntries(sectionNames.map((name): [SectionName, unknown[]] => [name, []]))
  for await (const page of operations.exportConfig({ secrets })) {
    for (const { section, value } of page) sections[section]?.push(value)
  }
  return { offhook: '1', ...(secrets && { realm }), ...sections }
}

/** `offhook config import FILE` */
export async function importConfig(
  file: string,
  replace: boolean,
  command: Command,
  terminal: Terminal,
): Promise<void> {
  const shown = file === '-' ? 'stdin' : file
  const inFile = (error: unknown): never => {
    const named = error instanceof OffhookError && error.code === 'IMPORT_INVALID'
    throw named ? new OffhookError(error.code, `${shown}: ${error.message}`) : error
  }
  const { entries, sections, realm } = await textOf(file, terminal).then(readDocument).catch(inFile)
  const imported = await withOperations(
    command,
    terminal,
    (operations) => operations.importConfig({ sections, realm, replace }, pages(entries)).catch(inFile),
    'makes',
  )
  terminal.out(wantsJson(command) ? json(imported) : importedText(imported))
}

async function textOf(file: string, terminal: Terminal): Promise<string> {
  if (file !== '-') {
    return readFile(file, 'utf8').catch((cause) => {
      throw new OffhookError('IMPORT_INVALID', `cannot be read (${systemCode(cause)})`)
    })
  }
  const chunks: Buffer[] = []
  for await (const chunk of terminal.input) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}

async function* pages(entries: Document['entries']): Pages<ConfigEntry> {
  for (let from = 0; from < entries.length; from += PAGE) yield entries.slice(from, from + PAGE)
}

function importedText(imported: ImportedConfig): string {
  const lines = imported.flatMap(({ section, ...counts }) => {
    const parts = Object.entries(counts).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []))
    return parts.length === 0 ? [] : [`${section}: ${parts.join(', ')}\n`]
  })
  return lines.join('') || 'nothing to import\n'
}
