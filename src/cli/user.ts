import { type Command, Option } from 'commander'
import type { ChangeUser, UserView } from '../api/operations.ts'
import { OffhookError } from '../errors.ts'
import { forwardCommands } from './forward.ts'
import { firstLine } from './input.ts'
import { wantsJson } from './options.ts'
import { all, withOperations } from './reach.ts'
import { facts, table } from './table.ts'
import type { Terminal } from './terminal.ts'
import { json, localTime, plain } from './text.ts'

interface UserOptions {
  readonly name?: string
  readonly password?: string
  readonly callerId?: string
  readonly allow?: string
  readonly digest?: string
  readonly codecs?: string
  readonly media?: string
}

/** `offhook user …` */
export function userCommands(program: Command, terminal: Terminal): void {
  const user = program.command('user').description('people and their phones')
  withFields(user.command('add').argument('<user>', 'as in 101'))
    .description('add a user; a password is made unless one is given')
    .action((name, options, command) => addUser(name, options, command, terminal))
  user
    .command('import')
    .argument(
      '<file>',
      'CSV with a line of column names: user,password,name,caller-id,allow,digest,codecs,media; - reads stdin',
    )
    .description('add many users, all or none')
    .action(async (file, _options, command) => (await import('./userImport.ts')).importUsers(file, command, terminal))
  user
    .command('list')
    .description('all users')
    .action((_options, command) => listUsers(command, terminal))
  user
    .command('show')
    .argument('<user>')
    .description('one user')
    .action((name, _options, command) => showUser(name, command, terminal))
  withFields(user.command('set').argument('<user>'))
    .description('change what is given; an empty name or caller id takes it away')
    .action((name, options, command) => setUser(name, options, command, terminal))
  user
    .command('remove')
    .argument('<user>')
    .description('remove a user who is not in a call')
    .action((name, _options, command) => removeUser(name, command, terminal))
  forwardCommands(user, terminal)
}

function withFields(command: Command): Command {
  return command
    .option('--name <text>', "the person's name")
    .option('--password <text>', '- reads it from stdin, so that it stands in no process list')
    .option('--caller-id <number>', 'shown on calls to the phone network, as in +15551234567')
    .option('--allow <classes>', 'what may be dialled: internal,national,international,premium, or none')
    .addOption(
      new Option('--digest <order>', 'challenges in this order: MD5,SHA-256, one of them, or default').argParser(upper),
    )
    .option('--codecs <order>', 'only these, the preferred first, as in opus,g722,pcma; default is any')
    .option('--media <way>', 'direct: from browser to browser, where both users may; relay: through the server')
}

async function addUser(user: string, options: UserOptions, command: Command, terminal: Terminal): Promise<void> {
  const {
    name = null,
    callerId = null,
    allow = null,
    digest = null,
    codecs = null,
    media = null,
    password = null,
  } = await fields(options, terminal)
  const request = { user, name, callerId, allow, digest, codecs, media, password }
  const added = await withOperations(command, terminal, (operations) => operations.addUser(request), 'makes')
  if (wantsJson(command)) return terminal.out(json(added))
  terminal.out(`user ${added.user} added\n`)
  if (added.password !== null) terminal.out(facts([['password', `${added.password}   (not shown again)`]]))
}

async function listUsers(command: Command, terminal: Terminal): Promise<void> {
  const users = await withOperations(command, terminal, (operations) => all(operations.users()))
  if (wantsJson(command)) return terminal.out(json(users))
  if (users.length === 0) return terminal.out('no users; add one: offhook user add 101\n')
  const columns = [
    { heading: 'USER' },
    { heading: 'NAME', shrinksTo: 12 },
    { heading: 'CALLER ID' },
    { heading: 'ALLOW', shrinksTo: 8 },
    { heading: 'DIGEST' },
    { heading: 'CODECS', shrinksTo: 8 },
  ]
  const rows = users.map((user) => [
    user.user,
    plain(user.name),
    user.callerId ?? '',
    user.allow.join(','),
    user.digest?.join(',') ?? '',
    user.codecs?.join(',') ?? '',
  ])
  terminal.out(table(columns, rows, terminal.columns))
}

async function showUser(name: string, command: Command, terminal: Terminal): Promise<void> {
  const user = await withOperations(command, terminal, (operations) => operations.user(name))
  terminal.out(wantsJson(command) ? json(user) : userText(user))
}

async function setUser(user: string, options: UserOptions, command: Command, terminal: Terminal): Promise<void> {
  const change = await fields(options, terminal)
  if (Object.values(change).every((value) => value === undefined)) {
    throw new OffhookError('USAGE', `nothing to set of user ${user}; see: offhook user set --help`)
  }
  const changed = await withOperations(command, terminal, (operations) => operations.setUser(user, change))
  terminal.out(wantsJson(command) ? json(changed) : userText(changed))
}

async function removeUser(name: string, command: Command, terminal: Terminal): Promise<void> {
  const removed = await withOperations(command, terminal, (operations) => operations.removeUser(name))
  terminal.out(wantsJson(command) ? json(removed) : `user ${removed.user} removed\n`)
}

function userText(user: UserView): string {
  return `user ${user.user}\n${facts([
    ['name', user.name],
    ['caller id', user.callerId],
    ['allow', user.allow.join(', ') || 'none'],
    ['digest', user.digest?.join(', ') ?? null],
    ['codecs', user.codecs?.join(', ') ?? null],
    ['media', user.media === 'relay' ? null : user.media],
    ['created', localTime(user.createdAt)],
  ])}`
}

async function fields(options: UserOptions, terminal: Terminal): Promise<ChangeUser> {
  const { name, callerId, allow, digest, codecs, media, password } = options
  return {
    name,
    callerId,
    allow: allow === undefined ? undefined : allow === 'none' ? [] : items(allow),
    digest: digest === undefined ? undefined : digest === 'DEFAULT' ? null : items(digest),
    codecs: codecs === undefined ? undefined : codecs.toLowerCase() === 'default' ? null : items(codecs),
    media,
    password: password === '-' ? await firstLine(terminal.input) : password,
  }
}

function items(text: string): string[] {
  return text.split(',').map((item) => item.trim())
}

function upper(text: string): string {
  return text.toUpperCase()
}
