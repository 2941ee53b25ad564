import { parse, visit, YAMLParseError, Document as YamlDocument } from 'yaml'
import { closest } from '../../closest.ts'
import { OffhookError } from '../../errors.ts'
import type { ConfigEntry, ImportConfig } from '../operations.ts'
import { invalid } from './section.ts'
import { type SectionName, sectionNames } from './sectionNames.ts'

/** The version of the format: another number when an older Offhook could not read it. */
const VERSION = 1

/** What stands in a file beside the sections. */
const facts = ['offhook', 'realm'] as const

/** A configuration as it was read from a file. */
export interface Document extends Omit<ImportConfig, 'replace'> {
  readonly entries: readonly ConfigEntry[]
}

/** The first lines of an exported file. `realm`: what the hashes in it hold for; null: it has no secrets. */
export function documentHead(realm: string | null): string {
  const secrets =
    realm === null
      ? '# Passwords are not in it: users and trunks that exist keep theirs (offhook config export --secrets writes them).\n'
      : '# KEEP IT SECRET: it holds what phones prove their passwords with, and the passwords of trunks.\n'
  return [
    '# The configuration of an Offhook: everything an admin made. Registrations and calls are not in it.\n',
    secrets,
    '# Put it in place with: offhook config import FILE\n',
    `offhook: ${VERSION}\n`,
    realm === null ? '' : `realm: ${realm}\n`,
  ].join('')
}

/** The line that begins a section. */
export function sectionHead(section: SectionName, empty: boolean): string {
  return empty ? `${section}: []\n` : `${section}:\n`
}

/** One entry of a section. */
export function entryText(value: unknown): string {
  const entry = new YamlDocument([value])
  // Its lists stand on one line each: an entry is to be seen at a glance.
  visit(entry, {
    Seq(_, list) {
      if (list !== entry.contents) list.flow = true
    },
  })
  // Not /^/m, which would take U+2028 for the end of a line.
  return entry.toString({ lineWidth: 0, flowCollectionPadding: false }).replace(/(^|\n)(?=[^\n])/g, '$1  ')
}

/** Reads a file's text. All scalars are text: 007 stays 007. Throws IMPORT_INVALID naming the line or the path. */
export function readDocument(text: string): Document {
  const read = parseYaml(text)
  if (!isMap(read)) throw new OffhookError('IMPORT_INVALID', 'it is no configuration; see: offhook config export')
  if (read.offhook !== String(VERSION)) throw invalid('offhook', wrongVersion(read.offhook))
  const { realm = null } = read
  if (realm !== null && typeof realm !== 'string') throw invalid('realm', 'write a text')
  const known: readonly string[] = [...facts, ...sectionNames]
  for (const key of Object.keys(read)) if (!known.includes(key)) throw invalid(key, unknownSection(key, known))
  const sections = sectionNames.filter((name) => Object.hasOwn(read, name))
  return { realm, sections, entries: sections.flatMap((section) => entriesOf(section, read[section])) }
}

function parseYaml(text: string): unknown {
  try {
    return parse(text, { schema: 'failsafe' })
  } catch (cause) {
    // An alias that stands for nothing, or too many of them.
    if (cause instanceof ReferenceError)
      throw new OffhookError('IMPORT_INVALID', `it has aliases in it: ${cause.message}`)
    if (!(cause instanceof YAMLParseError)) throw cause
    const [problem] = cause.message.split(' at line ')
    throw new OffhookError('IMPORT_INVALID', `line ${cause.linePos?.[0].line ?? 1} is not YAML: ${problem}`)
  }
}

function entriesOf(section: SectionName, value: unknown): ConfigEntry[] {
  if (value === '' || value === null) return []
  if (!Array.isArray(value)) throw invalid(section, 'write a list, each entry with a dash')
  return value.map((entry: unknown, index) => ({ section, path: `${section}[${index}]`, value: entry }))
}

function wrongVersion(found: unknown): string {
  if (found === undefined) return `it is missing; write offhook: ${VERSION}, the version of the format`
  return `this Offhook reads version ${VERSION}; export the file with one of the same version, or upgrade this one`
}

function unknownSection(key: string, known: readonly string[]): string {
  const meant = closest(key, known)
  return `nothing that a configuration has; ${meant === null ? `take ${known.join(', ')}` : `did you mean ${meant}?`}`
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
