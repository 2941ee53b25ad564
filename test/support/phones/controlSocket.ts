import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { join } from 'node:path'
import { startChild } from '../child.ts'
import { until, within } from '../deadline.ts'

/** One JSON object from baresip's ctrl_tcp: a response (with our token) or an event (with its type). */
export interface ControlMessage {
  readonly response?: boolean
  readonly ok?: boolean
  readonly data?: string
  readonly token?: string
  readonly type?: string
  readonly param?: string
}

/** baresip's ctrl_tcp: JSON objects in netstrings (`LENGTH:…,`), commands one way, responses and events the other. */
export interface ControlSocket {
  /** Runs a command of baresip's menu; rejects if baresip refuses it. Resolves with what it prints. */
  command(name: string, params?: string): Promise<string>
  /**
   * The next event of this `type`, in the order they came, each given once; what came before it without being asked for is skipped.
   * Resolves with its `param`.
   */
  event(type: string, ms: number): Promise<string>
  close(): void
}

/** Connects to a baresip that is just starting. */
export async function openControl(at: NetConnectOpts, deadline: number): Promise<ControlSocket> {
  const socket = await until(deadline, `baresip to listen at ${JSON.stringify(at)}`, () => tryConnect(at))
  const pending = new Map<string, (message: ControlMessage) => void>()
  const events: ControlMessage[] = []
  let wake = () => {}
  let tokens = 0
  readNetstrings(socket, (message) => {
    if (message.token !== undefined) pending.get(message.token)?.(message)
    else events.push(message)
    wake()
  })
  return {
    async command(name, params) {
      const token = `${++tokens}`
      const answer = new Promise<ControlMessage>((resolve) => pending.set(token, resolve))
      const json = JSON.stringify({ command: name, params, token })
      socket.write(`${Buffer.byteLength(json)}:${json},`)
      const { ok, data } = await within(5000, `baresip to answer the command ${name}`, answer)
      pending.delete(token)
      if (!ok) throw new Error(`baresip refused ${name} ${params ?? ''}: ${data}`)
      return data ?? ''
    },
    async event(type, ms) {
      const next = async (): Promise<string> => {
        for (;;) {
          const found = events.findIndex((event) => event.type === type)
          if (found >= 0) return events.splice(0, found + 1).at(-1)?.param ?? ''
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
      try {
        return await within(ms, `baresip to report ${type}`, next())
      } catch (error) {
        const seen = events.map((event) => `${event.type} ${event.param ?? ''}`.trim()).join(', ')
        throw new Error(`${error instanceof Error ? error.message : error}; it reported: ${seen || 'nothing'}`)
      }
    },
    close: () => socket.destroy(),
  }
}

const RELAY = `
  const net = require('node:net')
  const [port, path] = process.argv.slice(1)
  const reach = () => {
    const baresip = net.connect(port, '127.0.0.1', () => {
      baresip.on('close', () => process.exit())
      net.createServer((test) => test.on('close', () => process.exit()).pipe(baresip).pipe(test)).listen(path)
    })
    baresip.once('error', () => setTimeout(reach, 20))
  }
  reach()
`

/**
 * A way to a control socket of another network namespace, into which `under` leads: a Unix socket in `dir` that is there once
 * baresip listens.
 */
export async function controlWithin(under: readonly string[], dir: string, port: number): Promise<NetConnectOpts> {
  const path = join(dir, 'control')
  const [command = '', ...rest] = under
  await startChild(command, [...rest, process.execPath, '-e', RELAY, String(port), path])
  return { path }
}

function tryConnect(at: NetConnectOpts): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(at)
    socket.once('connect', () => resolve(socket))
    socket.once('error', () => resolve(undefined))
  })
}

function readNetstrings(socket: Socket, run: (message: ControlMessage) => void): void {
  let unread = Buffer.alloc(0)
  socket.on('data', (bytes) => {
    unread = Buffer.concat([unread, bytes])
    for (;;) {
      const colon = unread.indexOf(':')
      const start = colon + 1
      const end = start + Number(unread.toString('latin1', 0, colon))
      if (colon < 0 || unread.length <= end) return
      run(JSON.parse(unread.toString('utf8', start, end)))
      unread = unread.subarray(end + 1)
    }
  })
}
