import { z } from 'zod'
import type { Ha1 } from '../../sip/auth/credentials.ts'
import { type Context, turn } from '../context.ts'
import { bothHa1 } from '../ha1.ts'
import type { Pages } from '../operations.ts'
import { without } from '../plan/uses.ts'
import {
  checkAllow,
  checkCallerId,
  checkCodecs,
  checkDigest,
  checkDisplayName,
  checkMedia,
  checkPassword,
  checkUserName,
  defaultAllow,
} from '../userFields.ts'
import { MOST_USERS } from '../userImport.ts'
import type { MergedUser, NewUser, StagedUsers } from '../userStore.ts'
import { userInUse } from '../users.ts'
import { at, invalid, type Prepared, type ReadOptions, readEntry, type Section, type SectionReader } from './section.ts'

/** Users read or told of in one go. */
const PAGE = 500

const text = z.string({ error: 'write a text' })
const names = (example: string) =>
  z.preprocess(
    (value) =>
      typeof value === 'string' ? value.split(/[\s,]+/).filter((name) => name !== '' && name !== 'none') : value,
    z.array(text, { error: `write a list, as in [${example}]` }),
  )
const hash = (octets: number) =>
  text.regex(new RegExp(`^[0-9a-f]{${2 * octets}}$`), {
    error: `write ${2 * octets} hexadecimal digits, or take it out`,
  })

/** One user of a configuration. An entry says all of its user: what it leaves out is none, but for the password, which stays. */
const entry = z.strictObject(
  {
    user: text,
    name: text.optional(),
    'caller-id': text.optional(),
    allow: names('internal, national').optional(),
    digest: names('SHA-256, MD5').optional(),
    codecs: names('opus, pcma').optional(),
    media: text.optional(),
    password: text.optional(),
    ha1: z.strictObject({ md5: hash(16), sha256: hash(32) }, { error: 'write md5 and sha256' }).optional(),
  },
  { error: 'write a user, as in: user: "101"' },
)

export const users: Section = {
  export: exportUsers,
  reader: (context, how) => new UsersReader(context, how),
}

async function* exportUsers(context: Context, secrets: boolean): Pages<object> {
  let page = context.users.whole('', PAGE)
  while (page.length > 0) {
    yield page.map((user) => entryOf(user, secrets))
    await turn(context.clock)
    page = context.users.whole(page.at(-1)?.name ?? '', PAGE)
  }
}

function entryOf(user: NewUser, secrets: boolean): object {
  return {
    user: user.name,
    ...(user.displayName !== null && { name: user.displayName }),
    ...(user.callerId !== null && { 'caller-id': user.callerId }),
    allow: user.allow,
    ...(user.digest !== null && { digest: user.digest }),
    ...(user.codecs !== null && { codecs: user.codecs }),
    ...(user.media !== 'relay' && { media: user.media }),
    ...(secrets && { ha1: user.ha1 }),
  }
}

interface Taken {
  readonly user: MergedUser
  /** Where it stands. */
  readonly path: string
  /** Whether its password came as a hash. */
  readonly given: boolean
}

class UsersReader implements SectionReader {
  readonly #context: Context
  readonly #how: ReadOptions
  /** By name. */
  readonly #users = new Map<string, Taken>()
  readonly #counts = { added: 0, changed: 0, unchanged: 0 }
  /** Where the first hash stands that holds for another realm. */
  #foreign: string | null = null

  constructor(context: Context, how: ReadOptions) {
    this.#context = context
    this.#how = how
  }

  take(value: unknown, path: string): void {
    const read = readEntry(entry, value, path, 'a user')
    const name = at(`${path}.user`, () => checkUserName(read.user))
    const earlier = this.#users.get(name)
    if (earlier) throw invalid(`${path}.user`, `${name} stands at ${earlier.path} too; take one of them out`)
    if (this.#users.size === MOST_USERS) throw invalid(path, `more than ${MOST_USERS} users in one file; split it`)
    if (read.password !== undefined && read.ha1)
      throw invalid(`${path}.password`, 'there is ha1 too; take one of them out')
    const user: MergedUser = {
      name,
      displayName: at(`${path}.name`, () => checkDisplayName(read.name ?? null)),
      callerId: at(`${path}.caller-id`, () => checkCallerId(read['caller-id'] ?? null)),
      allow: at(`${path}.allow`, () => checkAllow(read.allow ?? defaultAllow)),
      digest: at(`${path}.digest`, () => checkDigest(read.digest ?? null)),
      codecs: at(`${path}.codecs`, () => checkCodecs(read.codecs ?? null)),
      media: at(`${path}.media`, () => checkMedia(read.media ?? null)),
      createdAt: this.#context.clock.wall().getTime(),
      ha1: read.ha1 ? this.#hash(read.ha1, path) : this.#hashed(name, read.password, path),
    }
    this.#count(user, path)
    this.#users.set(name, { user, path, given: read.ha1 !== undefined })
  }

  async prepare(): Promise<Prepared> {
    const realm = this.#foreign === null ? null : this.#adopted(this.#foreign)
    const staged = await this.#context.users.stage([...this.#users.values()].map(({ user }) => user))
    let removed: string[] = []
    return {
      apply: () => {
        if (this.#how.replace) this.#refuseBusy()
        if (realm !== null) this.#context.setRealm(realm)
        staged.merge()
        if (this.#how.replace) removed = this.#removeOthers(staged)
        return { ...this.#counts, removed: removed.length }
      },
      release: () => staged.release(),
      announce: () => this.#announce([...this.#users.keys(), ...removed]),
    }
  }

  /** With what belongs to them. */
  #removeOthers(staged: StagedUsers): string[] {
    const { plan } = this.#context
    const removed = staged.removeOthers()
    plan.save(without(plan.load(), ...removed.map((name) => `user:${name}`)))
    return removed
  }

  #hash(ha1: Ha1, path: string): Ha1 {
    const { realm } = this.#how
    if (realm === null)
      throw invalid(`${path}.ha1`, 'it holds for one realm, which the file does not name; write password instead')
    if (realm !== this.#context.realm) this.#foreign ??= path
    return ha1
  }

  #hashed(name: string, password: string | undefined, path: string): Ha1 | null {
    if (password === undefined) return null
    return bothHa1(
      name,
      this.#context.realm,
      at(`${path}.password`, () => checkPassword(password)),
    )
  }

  #count(user: MergedUser, path: string): void {
    const old = this.#context.users.wholeOf(user.name)
    if (old === null && user.ha1 === null) {
      const mend = 'write one, import a file that was exported with --secrets, or add the user first: offhook user add'
      throw invalid(path, `user ${user.name} is new here and has no password; ${mend} ${user.name}`)
    }
    this.#counts[old === null ? 'added' : sameUser(old, user) ? 'unchanged' : 'changed'] += 1
  }

  // A realm is asked of every phone: another can be taken on only where each password is one of the file's.
  #adopted(path: string): string | null {
    const { context, how, counts } = { context: this.#context, how: this.#how, counts: this.#counts }
    const kept = how.replace ? 0 : context.users.count() - counts.changed - counts.unchanged
    const whole = [...this.#users.values()].every(({ given }) => given)
    if (context.live === null && kept === 0 && whole) return how.realm
    const mend = 'import into a new data directory while no server runs on it, or export without --secrets'
    throw invalid(`${path}.ha1`, `it is for realm ${how.realm}, not for ${context.realm}; ${mend}`)
  }

  #refuseBusy(): void {
    for (const call of this.#context.live?.calls() ?? []) {
      for (const name of call.parties) {
        if (!this.#users.has(name) && this.#context.users.find(name) !== null) throw userInUse(name, call)
      }
    }
  }

  async #announce(names: readonly string[]): Promise<void> {
    const { live, clock } = this.#context
    if (live === null) return
    for (let from = 0; from < names.length; from += PAGE) {
      for (const name of names.slice(from, from + PAGE)) live.userChanged(name)
      await turn(clock)
    }
  }
}

function sameUser(old: NewUser, user: MergedUser): boolean {
  const fields = ({ displayName, callerId, allow, digest, codecs, media }: MergedUser): string =>
    JSON.stringify([displayName, callerId, allow, digest, codecs, media])
  const samePassword = user.ha1 === null || (user.ha1.md5 === old.ha1.md5 && user.ha1.sha256 === old.ha1.sha256)
  return samePassword && fields(old) === fields(user)
}
