import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { type ErrorCode, OffhookError } from '../errors.ts'
import type { Clock, Millis } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import { systemCode } from '../platform/systemError.ts'
import { turn } from './context.ts'
import { type Answer, LONGEST_LINE } from './controlProtocol.ts'
import { lines } from './lines.ts'
import type { Operations } from './operations.ts'
import { type Checked, endsImport, readRequest, requestId } from './requests.ts'
import { LONGEST_SOCKET_PATH, socketPath } from './socketPath.ts'

export interface ControlServer {
  /** Drops all connections and takes the socket away. */
  close(): Promise<void>
}

interface Options {
  /** The socket's file. One that lies there is a dead server's: the caller owns the data directory. */
  readonly path: string
  readonly operations: Operations
  readonly clock: Clock
  readonly log: Log
}

const MOST_CONNECTIONS = 64
/** For a client to read why it was refused. */
const LAST_ANSWER: Millis = 1_000

/** Lets commands reach a running server. Throws CONTROL_FAILED. */
export async function controlServer(options: Options): Promise<ControlServer> {
  const connections = new Set<Socket>()
  // A client may end its side when it has asked (`… | nc -U`) and still gets its answers.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
    // Whoever reads or writes learns of it by the socket's end.
    socket.on('error', () => {})
    void converse(socket, options)
  })
  server.maxConnections = MOST_CONNECTIONS
  await listen(server, options.path)
  return {
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of connections) socket.destroy()
      await closed
      rmSync(options.path, { force: true })
    },
  }
}

async function listen(server: Server, path: string): Promise<void> {
  const address = socketPath(path)
  if (address === null) {
    const mend = 'name a data directory with a shorter path'
    throw new OffhookError(
      'CONTROL_FAILED',
      `${path} is too long for a socket (${LONGEST_SOCKET_PATH} octets); ${mend}`,
    )
  }
  rmSync(path, { force: true })
  // The socket is bound within `listen`: 0600 from its first moment.
  const mask = process.umask(0o177)
  const listening = once(server, 'listening')
  try {
    server.listen(address)
  } finally {
    process.umask(mask)
  }
  try {
    await listening
  } catch (cause) {
    const mend = 'the file system of the data directory must allow sockets'
    throw new OffhookError('CONTROL_FAILED', `cannot listen on ${path} (${systemCode(cause)}); ${mend}`, { cause })
  }
}

/** Answers one request after the other until the client has no more. Never rejects. */
async function converse(socket: Socket, { operations, clock, log }: Options): Promise<void> {
  socket.setEncoding('utf8')
  const incoming = lines(socket.iterator({ destroyOnReturn: false }), LONGEST_LINE)
  try {
    for (let line = await incoming.next(); !line.done; line = await incoming.next()) {
      await answer(line.value, incoming, operations, (answer) => write(socket, answer), clock, log)
    }
  } catch (error) {
    // Too long a line, or the connection broke: there is nothing more to read.
    if (!socket.destroyed) await write(socket, { id: null, error: describe(error, log) }).catch(() => {})
  }
  socket.end()
  // Closed with something unread, the client would see a reset and not our last answer.
  socket.resume()
  clock.after(LAST_ANSWER, () => socket.destroy())
}

async function answer(
  line: string,
  incoming: AsyncGenerator<string, void>,
  operations: Operations,
  send: (answer: Answer) => Promise<void>,
  clock: Clock,
  log: Log,
): Promise<void> {
  const id = requestId(line)
  let refused: Answer
  try {
    return await carryOut(readRequest(line), operations, incoming, send, clock)
  } catch (error) {
    refused = { id, error: describe(error, log) }
  }
  await send(refused)
}

async function carryOut(
  request: Checked,
  operations: Operations,
  incoming: AsyncGenerator<string, void>,
  send: (answer: Answer) => Promise<void>,
  clock: Clock,
): Promise<void> {
  const { id } = request
  switch (request.kind) {
    case 'value':
      return send({ id, result: (await request.run(operations)) ?? null })
    case 'pages':
      for await (const page of request.run(operations)) {
        await send({ id, page })
        await turn(clock)
      }
      return send({ id, result: null })
    case 'import':
      return send({ id, result: await importFrom(incoming, (parts) => request.run(operations, parts)) })
    default:
      return request satisfies never
  }
}

/** Reads an import up to its end, also when they are refused on the way, so that the next line is a request again. */
async function importFrom(
  incoming: AsyncGenerator<string, void>,
  run: (parts: AsyncIterable<string>) => Promise<unknown>,
): Promise<unknown> {
  let ended = false
  async function* parts(): AsyncGenerator<string> {
    for (let line = await incoming.next(); !line.done; line = await incoming.next()) {
      ended = endsImport(line.value)
      if (ended) return
      yield line.value
    }
    throw new OffhookError('BAD_REQUEST', 'the import broke off before its end; nothing was imported')
  }
  try {
    return await run(parts())
  } catch (error) {
    while (!ended) {
      const line = await incoming.next()
      ended = line.done === true || endsImport(line.value)
    }
    throw error
  }
}

/** Settles when the system has taken it: a client that does not read holds up nobody but itself. */
function write(socket: Socket, answer: Answer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(`${JSON.stringify(answer)}\n`, (error) => (error ? reject(error) : resolve()))
  })
}

function describe(error: unknown, log: Log): { code: ErrorCode; message: string } {
  if (error instanceof OffhookError) return { code: error.code, message: error.message }
  log.error({ cause: error instanceof Error ? error.stack : String(error) }, 'an operation failed')
  return { code: 'INTERNAL', message: 'the server failed at this; its log says why' }
}
