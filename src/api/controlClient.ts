import { connect, type Socket } from 'node:net'
import { isErrorCode, OffhookError } from '../errors.ts'
import type { Clock, Millis } from '../platform/clock.ts'
import { systemCode } from '../platform/systemError.ts'
import { type Answer, type ImportPart, type Request, ROWS_PER_LINE } from './controlProtocol.ts'
import { lines } from './lines.ts'
import type { ConfigEntry, ImportRow, Operations, Pages } from './operations.ts'
import { socketPath } from './socketPath.ts'

/** Operations of the server behind a control socket. */
export interface RemoteOperations extends Operations {
  close(): void
}

/** A server that says nothing for this long is not going to. */
const PATIENCE: Millis = 10_000
/** A provider may leave each of our requests unanswered for 32 s. */
const PATIENCE_FOR_TRUNKS: Millis = 60_000

/** null: no server listens at `path`. SERVER_SILENT: one does, but lets nobody in. */
export async function connectControl(path: string, clock: Clock): Promise<RemoteOperations | null> {
  const address = socketPath(path)
  if (address === null) return null
  const socket = connect(address)
  try {
    await settled(socket)
  } catch (cause) {
    const code = systemCode(cause)
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return null
    throw new OffhookError('SERVER_SILENT', `cannot reach the server at ${path} (${code}); run as its user`, { cause })
  }
  return new Connection(socket, path, clock).operations()
}

function settled(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
}

/** One request at a time. */
class Connection {
  readonly #socket: Socket
  readonly #path: string
  readonly #clock: Clock
  readonly #lines: AsyncGenerator<string, void>
  #id = 0

  constructor(socket: Socket, path: string, clock: Clock) {
    this.#socket = socket
    this.#path = path
    this.#clock = clock
    socket.setEncoding('utf8')
    socket.on('error', () => {})
    this.#lines = lines(socket, Number.POSITIVE_INFINITY)
  }

  operations(): RemoteOperations {
    return {
      status: () => this.#value('status'),
      addUser: (user) => this.#value('addUser', user),
      importUsers: (rows) => this.#import('importUsers', undefined, rows),
      users: () => this.#pages('users'),
      user: (name) => this.#value('user', { name }),
      setUser: (name, change) => this.#value('setUser', { name, change }),
      removeUser: (name) => this.#value('removeUser', { name }),
      devices: (user) => this.#pages('devices', { user }),
      calls: (filter) => this.#pages('calls', filter),
      call: (id) => this.#value('call', { id }),
      hangUp: (id) => this.#value('hangUp', { id }),
      entries: (kind) => this.#pages('entries', { kind }),
      entry: (kind, name) => this.#value('entry', { kind, name }),
      addEntry: (kind, value, before) => this.#value('addEntry', { kind, value, before }),
      setEntry: (kind, name, change) => this.#value('setEntry', { kind, name, change }),
      moveEntry: (kind, name, before) => this.#value('moveEntry', { kind, name, before }),
      removeEntry: (kind, name) => this.#value('removeEntry', { kind, name }),
      testDialplan: (call) => this.#value('testDialplan', call),
      checkDialplan: () => this.#value('checkDialplan'),
      testTrunk: (name, call) => this.#pages('testTrunk', { name, call }, PATIENCE_FOR_TRUNKS),
      exportConfig: (how) => this.#pages('exportConfig', how),
      importConfig: (how, entries) => this.#import('importConfig', how, entries),
      close: () => this.#socket.destroy(),
    }
  }

  async #value<T>(name: keyof Operations, input?: object): Promise<T> {
    const id = await this.#ask(name, input)
    return this.#result(id)
  }

  async *#pages<T>(name: keyof Operations, input?: object, patience = PATIENCE): AsyncGenerator<readonly T[]> {
    const id = await this.#ask(name, input)
    let answer = await this.#answer<T>(id, patience)
    while ('page' in answer) {
      yield answer.page
      answer = await this.#answer<T>(id, patience)
    }
  }

  async #import<T>(
    name: keyof Operations,
    input: object | undefined,
    pages: Pages<ImportRow | ConfigEntry>,
  ): Promise<T> {
    const id = await this.#ask(name, input)
    try {
      for await (const page of pages) {
        for (let from = 0; from < page.length; from += ROWS_PER_LINE) {
          await this.#send({ id, rows: page.slice(from, from + ROWS_PER_LINE) })
        }
      }
    } catch (error) {
      // An import without its end is none: the server forgets the rows.
      this.#socket.destroy()
      throw error
    }
    await this.#send({ id, end: true })
    return this.#result(id)
  }

  async #ask(name: keyof Operations, input?: object): Promise<number> {
    this.#id += 1
    await this.#send({ id: this.#id, do: name, ...(input && { with: input }) })
    return this.#id
  }

  #send(message: Request | ImportPart): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(this.#silent(error)) : resolve()))
    })
  }

  async #result<T>(id: number): Promise<T> {
    const answer = await this.#answer<T>(id)
    if ('result' in answer) return answer.result
    throw this.#silent('a page where a result was due')
  }

  /** What comes back is what our own server made: it is taken at its word. */
  async #answer<T>(id: number, patience = PATIENCE): Promise<Answer<T>> {
    const answer: Answer<T> = JSON.parse(await this.#line(patience))
    // Of a list that was not read to its end.
    if (answer.id !== null && answer.id !== id) return this.#answer(id, patience)
    if (!('error' in answer)) return answer
    const { code, message } = answer.error
    throw new OffhookError(isErrorCode(code) ? code : 'INTERNAL', message)
  }

  async #line(longest: Millis): Promise<string> {
    const patience = this.#clock.after(longest, () => this.#socket.destroy())
    try {
      const line = await this.#lines.next()
      if (!line.done) return line.value
    } catch (cause) {
      throw this.#silent(cause)
    } finally {
      patience.cancel()
    }
    throw this.#silent('end')
  }

  #silent(cause: unknown): OffhookError {
    const mend = 'look at its log, or restart it'
    return new OffhookError('SERVER_SILENT', `the server at ${this.#path} does not answer; ${mend}`, { cause })
  }
}
