import { type Near, nearest } from '../closest.ts'
import { OffhookError } from '../errors.ts'
import { type Context, isoTime, turn } from './context.ts'
import { bothHa1 } from './ha1.ts'
import type { ActiveCall } from './live.ts'
import type { AddedUser, AddUser, ChangeUser, Pages, UserView } from './operations.ts'
import { generatePassword } from './password.ts'
import { changed } from './plan/change.ts'
import { inWords, usersOf, without } from './plan/uses.ts'
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
} from './userFields.ts'
import type { NewUser, User, UserChange } from './userStore.ts'

/** Users read and written in one go: under 2 ms. */
const PAGE = 500

export async function addUser(context: Context, request: AddUser): Promise<AddedUser> {
  const { user, password } = newUser(context, request)
  changed(context, () => {
    if (!context.users.add(user)) throw userExists(user.name)
  })
  return { ...userView(user), password }
}

/** Checks each field; makes a password where none was given, and gives it back only then. */
export function newUser(context: Context, request: AddUser): { user: NewUser; password: string | null } {
  const made = request.password === null ? generatePassword(context.random) : null
  const name = checkUserName(request.user)
  const user = {
    name,
    displayName: checkDisplayName(request.name),
    callerId: checkCallerId(request.callerId),
    allow: checkAllow(request.allow ?? defaultAllow),
    digest: checkDigest(request.digest),
    codecs: checkCodecs(request.codecs),
    media: checkMedia(request.media),
    createdAt: context.clock.wall().getTime(),
    ha1: bothHa1(name, context.realm, made ?? checkPassword(request.password ?? '')),
  }
  return { user, password: made }
}

export async function* listUsers(context: Context): Pages<UserView> {
  for await (const page of userPages(context)) yield page.map(userView)
}

export async function showUser(context: Context, name: string): Promise<UserView> {
  return userView(context.users.find(name) ?? (await noUser(context, name)))
}

export async function setUser(context: Context, name: string, change: ChangeUser): Promise<UserView> {
  const fields = userChange(context, name, change)
  if (!changed(context, () => context.users.set(name, fields))) await noUser(context, name)
  context.live?.userChanged(name)
  return showUser(context, name)
}

export async function removeUser(context: Context, name: string): Promise<UserView> {
  const user = await showUser(context, name)
  const call = context.live?.calls().find((active) => active.parties.includes(name))
  if (call !== undefined) throw userInUse(name, call)
  const thing = `user:${name}`
  const uses = usersOf(context.plan.load(), thing)
  if (uses.length > 0) throw userNeeded(name, uses)
  changed(context, () => {
    context.plan.save(without(context.plan.load(), thing))
    context.users.remove(name)
  })
  context.live?.userChanged(name)
  return user
}

export function userInUse(name: string, call: ActiveCall): OffhookError {
  const other = call.parties.find((party) => party !== name) ?? call.to
  return new OffhookError(
    'USER_IN_USE',
    `user ${name} is in call ${call.id} with ${other}; end it first: offhook call hangup ${call.id}`,
  )
}

function userNeeded(name: string, uses: readonly string[]): OffhookError {
  return new OffhookError('USER_IN_USE', `user ${name} is used by ${inWords(uses)}; take it out there first`)
}

export function userExists(name: string): OffhookError {
  return new OffhookError('USER_EXISTS', `user ${name} exists already; change it with: offhook user set ${name}`)
}

/** Always throws USER_UNKNOWN, with the name that was probably meant. */
export async function noUser(context: Context, name: string): Promise<never> {
  let near: Near | null = null
  for await (const page of userPages(context)) {
    near = nearest(
      name,
      page.map((user) => user.name),
      near,
    )
  }
  const mend = near === null ? 'see: offhook user list' : `did you mean ${near.candidate}?`
  throw new OffhookError('USER_UNKNOWN', `no user ${name}; ${mend}`)
}

async function* userPages(context: Context): Pages<User> {
  let page = context.users.list('', PAGE)
  while (page.length > 0) {
    yield page
    await turn(context.clock)
    page = context.users.list(page.at(-1)?.name, PAGE)
  }
}

function userView(user: User): UserView {
  const { name, displayName, callerId, allow, digest, codecs, media, createdAt } = user
  return { user: name, name: displayName, callerId, allow, digest, codecs, media, createdAt: isoTime(createdAt) }
}

function userChange(context: Context, user: string, change: ChangeUser): UserChange {
  const { password, name, callerId, allow, digest, codecs, media } = change
  return {
    ...(password !== undefined && { ha1: bothHa1(user, context.realm, checkPassword(password)) }),
    ...(name !== undefined && { displayName: checkDisplayName(name) }),
    ...(callerId !== undefined && { callerId: checkCallerId(callerId) }),
    ...(allow !== undefined && { allow: checkAllow(allow) }),
    ...(digest !== undefined && { digest: checkDigest(digest) }),
    ...(codecs !== undefined && { codecs: checkCodecs(codecs) }),
    ...(media !== undefined && { media: checkMedia(media) }),
  }
}
