import { createSocket, type Socket } from 'node:dgram'
import { type DnsRecord, type Question, readQuestion, TYPES, writeAnswer } from './wire.ts'

/** A name server of the test's own, over UDP: its records change whenever the test wants. */
export class NameServer {
  readonly #socket: Socket
  readonly #records = new Map<string, readonly DnsRecord[]>()
  /** It hears, and says nothing. */
  silent = false
  /** Questions that alone get no answer, as in `AAAA sip.example.com`. */
  readonly silentAbout = new Set<string>()
  /** Each question so far, as in `A sip.example.com`. */
  readonly asked: string[] = []

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (query, from) => {
      const answer = this.#answer(query)
      if (answer) socket.send(answer, from.port, from.address)
    })
  }

  /** One that listens; 0: on any port that is free. Close it at the end. */
  static async start(address = '127.0.0.1', port = 0): Promise<NameServer> {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(port, address, resolve)
    })
    return new NameServer(socket)
  }

  /** As `offhook serve --dns-server` takes it. */
  get server(): string {
    const { address, port } = this.#socket.address()
    return `${address}:${port}`
  }

  /** Gives a name these records and no others; none: there is no such name. */
  set(name: string, ...records: readonly DnsRecord[]): void {
    if (records.length === 0) this.#records.delete(name.toLowerCase())
    else this.#records.set(name.toLowerCase(), records)
  }

  /** How often a question was asked, as in `A sip.example.com`. */
  count(question: string): number {
    return this.asked.filter((each) => each === question).length
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()))
  }

  #answer(query: Buffer): Buffer | null {
    const question = readQuestion(query)
    if (question === null) return null
    const type = Object.entries(TYPES).find(([, number]) => number === question.type)?.[0] ?? String(question.type)
    const asked = `${type} ${question.name}`
    this.asked.push(asked)
    return this.silent || this.silentAbout.has(asked)
      ? null
      : writeAnswer(question, this.#found(question), this.#records.has(question.name))
  }

  // RFC 1034 §4.3.2: an alias, and what it leads to.
  #found({ name, type }: Question): [string, DnsRecord][] {
    const found: [string, DnsRecord][] = []
    let at = name.toLowerCase()
    for (let hops = 0; hops < 8; hops++) {
      const here = this.#records.get(at) ?? []
      const alias = here.find((record) => record.type === 'CNAME')
      for (const record of here) if (TYPES[record.type] === type) found.push([at, record])
      if (!alias || type === TYPES.CNAME) return found
      found.push([at, alias])
      at = alias.target.toLowerCase()
    }
    return found
  }
}
