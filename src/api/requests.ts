import { z } from 'zod'
import { OffhookError } from '../errors.ts'
import { sectionNames } from './config/sectionNames.ts'
import type { Operations, Pages } from './operations.ts'
import { kindNames } from './plan/network.ts'

/** A request that was read and found in order. */
export type Checked =
  | { readonly kind: 'value'; readonly id: number; run(operations: Operations): Promise<unknown> }
  | { readonly kind: 'pages'; readonly id: number; run(operations: Operations): Pages<unknown> }
  | {
      readonly kind: 'import'
      readonly id: number
      /** `parts`: the lines that follow, up to the end. */
      run(operations: Operations, parts: AsyncIterable<string>): Promise<unknown>
    }

const text = z.string().max(1024)
const texts = z.array(text).max(16)
const nothing = z.strictObject({}).optional()
const named = z.strictObject({ name: text })

const user = z.strictObject({
  user: text,
  password: text.nullable(),
  name: text.nullable(),
  callerId: text.nullable(),
  allow: texts.nullable(),
  digest: texts.nullable(),
  codecs: z.array(text).max(64).nullable(),
  media: text.nullable(),
})

const change = user.omit({ user: true }).partial().extend({ password: text.optional(), allow: texts.optional() })
const calls = z.strictObject({
  active: z.boolean(),
  since: z.number().nullable(),
  user: text.nullable(),
  limit: z.int().min(1),
})

const configImport = z.strictObject({
  sections: z.array(z.enum(sectionNames)).max(sectionNames.length),
  replace: z.boolean(),
  realm: text.nullable(),
})

const kind = z.enum(kindNames)
// Each kind's schema reads it.
const fields = z.record(z.string().max(64), z.unknown())
const entry = z.strictObject({ kind, name: text })
const assumedCalls = z.strictObject({ of: text, count: z.int().min(0).max(1_000_000) })
const testCall = z.strictObject({
  number: text,
  from: text.nullable(),
  caller: text.nullable(),
  at: text.nullable(),
  callsUp: z.array(assumedCalls).max(64),
})

const id = z.int().min(0)
const envelope = z.looseObject({ id })
const request = z.discriminatedUnion('do', [
  z.strictObject({ id, do: z.literal('status'), with: nothing }),
  z.strictObject({ id, do: z.literal('addUser'), with: user }),
  z.strictObject({ id, do: z.literal('importUsers'), with: nothing }),
  z.strictObject({ id, do: z.literal('users'), with: nothing }),
  z.strictObject({ id, do: z.literal('user'), with: named }),
  z.strictObject({ id, do: z.literal('setUser'), with: z.strictObject({ name: text, change }) }),
  z.strictObject({ id, do: z.literal('removeUser'), with: named }),
  z.strictObject({ id, do: z.literal('devices'), with: z.strictObject({ user: text.nullable() }) }),
  z.strictObject({ id, do: z.literal('calls'), with: calls }),
  z.strictObject({ id, do: z.literal('call'), with: z.strictObject({ id: text }) }),
  z.strictObject({ id, do: z.literal('hangUp'), with: z.strictObject({ id: text }) }),
  z.strictObject({ id, do: z.literal('entries'), with: z.strictObject({ kind }) }),
  z.strictObject({ id, do: z.literal('entry'), with: entry }),
  z.strictObject({
    id,
    do: z.literal('addEntry'),
    with: z.strictObject({ kind, value: fields, before: text.nullable() }),
  }),
  z.strictObject({ id, do: z.literal('setEntry'), with: entry.extend({ change: fields }) }),
  z.strictObject({ id, do: z.literal('moveEntry'), with: entry.extend({ before: text.nullable() }) }),
  z.strictObject({ id, do: z.literal('removeEntry'), with: entry }),
  z.strictObject({ id, do: z.literal('testDialplan'), with: testCall }),
  z.strictObject({ id, do: z.literal('checkDialplan'), with: nothing }),
  z.strictObject({ id, do: z.literal('testTrunk'), with: named.extend({ call: text.nullable() }) }),
  z.strictObject({ id, do: z.literal('exportConfig'), with: z.strictObject({ secrets: z.boolean() }) }),
  z.strictObject({ id, do: z.literal('importConfig'), with: configImport }),
])

const end = z.strictObject({ id, end: z.literal(true) })
const row = user.extend({ line: z.int().min(1) })
const userRows = z.strictObject({ id, rows: z.array(row) })
const configRows = z.strictObject({
  id,
  rows: z.array(z.strictObject({ section: z.enum(sectionNames), path: text, value: z.unknown() })),
})

/** Reads one request line. Throws BAD_REQUEST. */
export function readRequest(line: string): Checked {
  const asked = checked(request, line)
  const value = (run: (operations: Operations) => Promise<unknown>): Checked => ({ kind: 'value', id: asked.id, run })
  const pages = (run: (operations: Operations) => Pages<unknown>): Checked => ({ kind: 'pages', id: asked.id, run })
  switch (asked.do) {
    case 'status':
      return value((operations) => operations.status())
    case 'addUser':
      return value((operations) => operations.addUser(asked.with))
    case 'importUsers':
      return {
        kind: 'import',
        id: asked.id,
        run: (operations, parts) => operations.importUsers(pagesOf(userRows, parts)),
      }
    case 'users':
      return pages((operations) => operations.users())
    case 'user':
      return value((operations) => operations.user(asked.with.name))
    case 'setUser':
      return value((operations) => operations.setUser(asked.with.name, asked.with.change))
    case 'removeUser':
      return value((operations) => operations.removeUser(asked.with.name))
    case 'devices':
      return pages((operations) => operations.devices(asked.with.user))
    case 'calls':
      return pages((operations) => operations.calls(asked.with))
    case 'call':
      return value((operations) => operations.call(asked.with.id))
    case 'hangUp':
      return value((operations) => operations.hangUp(asked.with.id))
    case 'entries':
      return pages((operations) => operations.entries(asked.with.kind))
    case 'entry':
      return value((operations) => operations.entry(asked.with.kind, asked.with.name))
    case 'addEntry':
      return value((operations) => operations.addEntry(asked.with.kind, asked.with.value, asked.with.before))
    case 'setEntry':
      return value((operations) => operations.setEntry(asked.with.kind, asked.with.name, asked.with.change))
    case 'moveEntry':
      return value((operations) => operations.moveEntry(asked.with.kind, asked.with.name, asked.with.before))
    case 'removeEntry':
      return value((operations) => operations.removeEntry(asked.with.kind, asked.with.name))
    case 'testDialplan':
      return value((operations) => operations.testDialplan(asked.with))
    case 'checkDialplan':
      return value((operations) => operations.checkDialplan())
    case 'testTrunk':
      return pages((operations) => operations.testTrunk(asked.with.name, asked.with.call))
    case 'exportConfig':
      return pages((operations) => operations.exportConfig(asked.with))
    case 'importConfig':
      return {
        kind: 'import',
        id: asked.id,
        run: (operations, parts) => operations.importConfig(asked.with, pagesOf(configRows, parts)),
      }
    default:
      return asked satisfies never
  }
}

async function* pagesOf<T>(part: z.ZodType<{ rows: readonly T[] }>, lines: AsyncIterable<string>): Pages<T> {
  for await (const line of lines) yield checked(part, line).rows
}

/** Whether a line ends an import. */
export function endsImport(line: string): boolean {
  return end.safeParse(json(line)).success
}

/** The id of a line that may be no good otherwise; null: there is none. */
export function requestId(line: string): number | null {
  return envelope.safeParse(json(line)).data?.id ?? null
}

function checked<T>(schema: z.ZodType<T>, line: string): T {
  const read = json(line)
  if (read === undefined) throw new OffhookError('BAD_REQUEST', 'a request is one line of JSON')
  const result = schema.safeParse(read)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new OffhookError('BAD_REQUEST', `${issue?.path.join('.') || 'request'}: ${issue?.message}`)
}

/** undefined: it is none. */
function json(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
