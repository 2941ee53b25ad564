import { firstCall } from './001-first-call.ts'
import { flows } from './002-flows.ts'
import { callEvents } from './003-call-events.ts'
import { codecs } from './004-codecs.ts'
import { media } from './005-media.ts'
import { plan } from './006-plan.ts'
import { callUses } from './007-call-uses.ts'
import type { Migration } from './migration.ts'

/** Every step, in order: the n-th brings a database from version n - 1 to n. */
export const migrations: readonly Migration[] = [firstCall, flows, callEvents, codecs, media, plan, callUses]
