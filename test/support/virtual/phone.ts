import { hostPort } from '../../../src/platform/address.ts'
import type { Endpoint } from '../../../src/platform/network.ts'
import { createRequest, createResponse } from '../../../src/sip/message/create.ts'
import { type DigestAlgorithm, digestResponse, ha1 } from '../../../src/sip/message/digest.ts'
import { contacts, formatCredentials, parseAuth } from '../../../src/sip/message/fields.ts'
import { type HeaderLine, Headers } from '../../../src/sip/message/headers.ts'
import type { SipMessage, SipRequest, SipResponse } from '../../../src/sip/message/message.ts'
import { parseUri } from '../../../src/sip/message/uri.ts'
import type { Heard, PhoneMedia } from './audio.ts'
import { mediaOf } from './body.ts'
import type { BrowserMedia, BrowserSays } from './browserMedia.ts'
import type { Wire } from './wire.ts'

export interface PhoneOptions {
  readonly user: string
  readonly password: string
  readonly server: Endpoint
  /** The host by which it knows the server. */
  readonly domain: string
  /** The address it writes into Contact, Via and SDP: another than its own for a phone behind NAT. */
  readonly claims: string
  /** The port it writes into Contact and Via; null: the one it sends from. */
  readonly claimsPort: number | null
  /** What it offers and accepts, best first, as in `0 PCMU/8000`. */
  readonly codecs: readonly string[]
  readonly transport: 'udp' | 'tcp' | 'wss'
}

/** A dialog as a phone keeps it. */
interface Dialog {
  readonly callId: string
  readonly from: string
  readonly to: string
  readonly target: string
}

/** What a message of a phone may have beside the usual. */
export interface Extra {
  readonly headers?: readonly HeaderLine[]
  /** The body; null for none. SDP if left out where the method has one. */
  readonly sdp?: string | null
  /** Content-Type of the body of a request; application/sdp if not given. */
  readonly type?: string
}

/**
 * A SIP phone in memory. It shares the message grammar with the server but neither its transactions nor its dialogs: it
 * says what the test tells it to, once, and keeps all that it hears. `sees` waits, on virtual time.
 */
export class VirtualPhone {
  readonly options: PhoneOptions
  readonly audio: PhoneMedia
  /** Its media, if it is a browser: the same as `audio`; null: it speaks plain RTP. */
  readonly browser: BrowserMedia | null
  /** Everything that came, in order. */
  readonly received: SipMessage[] = []
  readonly #wire: Wire
  readonly #until: (reached: () => boolean, limit: number) => Promise<boolean>
  #unseen: SipMessage[] = []
  #count = 0
  /** The INVITE it sent last, and the one that came last. */
  outgoing: SipRequest | null = null
  incoming: SipRequest | null = null
  dialog: Dialog | null = null
  /** What it answers by itself, so that no test waits for it; null: the test does. */
  automatic: (request: SipRequest) => AutomaticAnswer | null = () => null
  #cSeq = 100
  #peer: Endpoint | null = null

  constructor(
    options: PhoneOptions,
    media: PhoneMedia | BrowserMedia,
    wire: Wire,
    until: (reached: () => boolean, limit: number) => Promise<boolean>,
  ) {
    this.options = options
    this.audio = media
    this.browser = 'hears' in media ? media : null
    this.#wire = wire
    this.#until = until
  }

  /** Called by the wire. */
  receive(message: SipMessage): void {
    this.received.push(message)
    const answer = message.kind === 'request' ? this.automatic(message) : null
    if (message.kind === 'request' && answer !== null)
      return this.answersTo(answer.to ?? message, answer.status, answer)
    this.#unseen.push(message)
    this.#peer = mediaOf(message) ?? this.#peer
    if (hasSdp(message)) this.browser?.hears(message.body)
    if (message.kind === 'request' && message.method === 'INVITE') this.incoming = message
  }

  /** Sends an RTP packet that says `words` to where the last SDP it got wants it. */
  says(words: string, payloadType?: number, timestamp?: number): void {
    if (!this.#peer) throw new Error(`${this.options.user} has seen no SDP`)
    this.audio.says(words, this.#peer, payloadType, timestamp)
  }

  /** Waits for an RTP packet that says `words`. */
  async hears(words: string, limit = 2_000): Promise<Heard> {
    const found = (): Heard | undefined => this.audio.heard.find((packet) => packet.words === words)
    await this.#until(() => found() !== undefined, limit)
    const heard = found()
    if (!heard) throw new Error(`${this.options.user} never heard ${words}`)
    return heard
  }

  get contact(): string {
    const { user, transport } = this.options
    return `<sip:${user}@${this.#address}${{ udp: '', tcp: ';transport=tcp', wss: ';transport=ws' }[transport]}>`
  }

  /** Where it sends from. */
  get local(): Endpoint {
    return this.#wire.local
  }

  /** Whether its connection is up; over UDP always. */
  get connected(): boolean {
    return this.#wire.open
  }

  /** Drops its connection. */
  disconnects(): void {
    this.#wire.disconnect()
  }

  /** Connects anew, from another port; nobody told the server that the old connection is gone. */
  async reconnects(): Promise<void> {
    await this.#wire.reconnect()
  }

  /** Answers no ping any more: the machine sleeps, and its connection stands. */
  sleeps(): void {
    this.#wire.freeze()
  }

  /**
   * Waits for a message such as `180`, `200 INVITE`, `BYE`, `401 REGISTER`, and takes it and all before it as seen. Fails
   * if it does not come within `limit` ms.
   */
  async sees(what: string, limit = 10_000): Promise<SipMessage> {
    const at = (): number => this.#unseen.findIndex((message) => matches(message, what))
    if (!(await this.#until(() => at() >= 0, limit))) {
      throw new Error(
        `${this.options.user} never saw ${what}, but: ${this.#unseen.map(nameOf).join(', ') || 'nothing'}`,
      )
    }
    const [found] = this.#unseen.splice(0, at() + 1).slice(-1)
    if (!found) throw new Error('unreachable')
    return found
  }

  async seesResponse(what: string, limit?: number): Promise<SipResponse> {
    const message = await this.sees(what, limit)
    if (message.kind !== 'response') throw new Error(`${what} is no response`)
    return message
  }

  async seesRequest(what: string, limit?: number): Promise<SipRequest> {
    const message = await this.sees(what, limit)
    if (message.kind !== 'request') throw new Error(`${what} is no request`)
    return message
  }

  /** Whether such a message has come and was not yet seen. */
  hasSeen(what: string): boolean {
    return this.#unseen.some((message) => matches(message, what))
  }

  /** Registers; `contact` instead of its own. Gives the 200. */
  async registers(how: Registration = {}): Promise<SipResponse> {
    return this.authenticated(this.registration(how), how.sees ?? '200 REGISTER')
  }

  async unregisters(contact = this.contact): Promise<SipResponse> {
    return this.registers({ contact, expires: 0 })
  }

  /** A REGISTER, not yet sent: all of one phone have one Call-ID (RFC 3261 §10.2). */
  registration({ contact = this.contact, expires, headers = [] }: Registration = {}): SipRequest {
    const { domain, user } = this.options
    const all: HeaderLine[] = contact === null ? [] : [['Contact', contact]]
    if (expires !== undefined) all.push(['Expires', String(expires)])
    const callId = `registrations-of-${this.#name}`
    return this.request('REGISTER', `sip:${domain}`, {
      to: `<sip:${user}@${domain}>`,
      callId,
      headers: [...all, ...headers],
    })
  }

  /** Calls a number and waits for the call to get past the challenge: for `100 INVITE` or what `sees` says. */
  async calls(number: string, how: Extra & { sees?: string } = {}): Promise<SipResponse> {
    return this.authenticated(this.invitation(number, how), how.sees ?? '100 INVITE')
  }

  /** An INVITE, not yet sent. */
  invitation(number: string, { headers = [], sdp = this.sdp() }: Extra = {}): SipRequest {
    const { domain } = this.options
    const all: HeaderLine[] = [['Contact', this.contact], ...headers]
    return this.request('INVITE', `sip:${number}@${domain}`, { to: `<sip:${number}@${domain}>`, headers: all, sdp })
  }

  /** Calls another phone, which rings and answers: both talk. */
  async reaches(other: VirtualPhone, number = other.options.user): Promise<void> {
    await this.calls(number)
    await other.rings()
    other.answers()
    await this.talks()
    await other.sees('ACK')
    await this.isSecured()
    await other.isSecured()
  }

  /** Waits until its media have found their way and have their keys; nothing over plain RTP. */
  async isSecured(limit = 2_000): Promise<void> {
    const { browser } = this
    if (browser === null || (await this.#until(() => browser.target !== null, limit))) return
    throw new Error(`${this.options.user} has no secure media: ${browser.failures.join() || 'no way was found'}`)
  }

  /** The call was answered: acknowledges the 200. */
  async talks(how: Extra = {}): Promise<SipResponse> {
    const answer = await this.seesResponse('200 INVITE')
    this.outgoing ??= null
    this.dialog = dialogOf(answer)
    this.acknowledges(answer, how)
    return answer
  }

  acknowledges(answer: SipResponse, { sdp = null, headers = [] }: Extra = {}): void {
    this.send('ACK', this.#target(answer), {
      ...{ callId: answer.callId, from: answer.from.text, to: answer.to.text, cSeq: answer.cSeq.number },
      ...{ sdp, headers },
    })
  }

  /** Acknowledges a final answer that is no 2xx: with the branch of the INVITE (RFC 3261 §17.1.1.3). */
  acknowledgesRefusal(invite: SipRequest, refusal: SipResponse): void {
    const headers = Headers.of([
      ['Via', invite.headers.first('via') ?? ''],
      ['Max-Forwards', '70'],
      ['From', invite.from.text],
      ['To', refusal.to.text],
      ['Call-ID', invite.callId],
      ['CSeq', `${invite.cSeq.number} ACK`],
    ])
    this.#wire.send(createRequest({ method: 'ACK', uri: invite.uri, headers }))
  }

  /** An INVITE has come: says 180. */
  async rings(): Promise<SipRequest> {
    const invite = await this.seesRequest('INVITE')
    this.responds(180)
    return invite
  }

  /** Answers the INVITE that came last with 200. */
  answers(how: Extra = {}): void {
    this.responds(200, { ...how, sdp: how.sdp === undefined ? this.sdp() : how.sdp })
  }

  /** Answers the INVITE that came last. */
  responds(status: number, { headers = [], sdp = null }: Extra = {}): void {
    if (!this.incoming) throw new Error(`${this.options.user} was not called`)
    this.answersTo(this.incoming, status, { headers: [['Contact', this.contact], ...headers], sdp })
    if (status >= 300) this.browser?.hangsUp()
    if (status !== 200) return
    const { callId, from, to } = this.incoming
    const tagged = to.tag === null ? `${to.text};tag=${this.#tag}` : to.text
    this.dialog ??= { callId, from: tagged, to: from.text, target: targetOf(this.incoming) }
  }

  /** Answers any request. */
  answersTo(request: SipRequest, status: number, { headers = [], sdp = null }: Extra = {}): void {
    const all = Headers.of(sdp === null ? headers : [...headers, ['Content-Type', 'application/sdp']])
    const body = sdp === null ? undefined : Buffer.from(sdp)
    this.#wire.send(
      createResponse(request, status, { toTag: status > 100 ? this.#tag : undefined, headers: all, body }),
    )
  }

  /** Takes its INVITE back. */
  cancels(headers: readonly HeaderLine[] = []): void {
    const invite = this.outgoing
    if (!invite) throw new Error(`${this.options.user} calls nobody`)
    const copied = Headers.of([
      ['Via', invite.headers.first('via') ?? ''],
      ['Max-Forwards', '70'],
      ['From', invite.from.text],
      ['To', invite.to.text],
      ['Call-ID', invite.callId],
      ['CSeq', `${invite.cSeq.number} CANCEL`],
      ...headers,
    ])
    this.#wire.send(createRequest({ method: 'CANCEL', uri: invite.uri, headers: copied }))
  }

  async hangsUp(): Promise<void> {
    this.asks('BYE')
    this.browser?.hangsUp()
    await this.sees('200 BYE')
  }

  /** The other side hung up. */
  async isHungUpOn(): Promise<SipRequest> {
    const bye = await this.seesRequest('BYE', 70_000)
    this.browser?.hangsUp()
    this.answersTo(bye, 200)
    return bye
  }

  /** Sends a request in the dialog. */
  asks(method: string, { headers = [], sdp = null, type }: Extra = {}): SipRequest {
    const { dialog } = this
    if (!dialog) throw new Error(`${this.options.user} is in no dialog`)
    const { callId, from, to, target } = dialog
    return this.send(method, target, { callId, from, to, headers: [['Contact', this.contact], ...headers], sdp, type })
  }

  /** Sends a re-INVITE and gives the 2xx, acknowledged. */
  async reinvites(sdp: string | null = this.sdp(), ack: Extra = {}): Promise<SipResponse> {
    this.asks('INVITE', { sdp })
    const answer = await this.seesResponse('200 INVITE')
    this.acknowledges(answer, ack)
    return answer
  }

  /** Its SDP; `lines` are added to the audio m-line, as in `a=sendonly`. */
  sdp(how: { codecs?: readonly string[]; lines?: readonly string[]; address?: string; port?: number } = {}): string {
    if (this.browser) return this.browser.sdp(inBrowserWords(how))
    const { codecs = this.options.codecs, lines = [], address = this.options.claims, port = this.audio.port } = how
    const numbers = codecs.map((codec) => codec.split(' ')[0])
    const family = address.includes(':') ? 'IP6' : 'IP4'
    return [
      'v=0',
      `o=- 7 ${++this.#count} IN ${family} ${address}`,
      's=-',
      `c=IN ${family} ${address}`,
      't=0 0',
      `m=audio ${port} RTP/AVP ${numbers.join(' ')}`,
      ...codecs.map((codec) => `a=rtpmap:${codec}`),
      ...lines,
      '',
    ].join('\r\n')
  }

  /** Sends a request once and, if it is challenged, once more with credentials; waits for `what`. */
  async authenticated(request: SipRequest, what: string): Promise<SipResponse> {
    this.#wire.send(request)
    const challenge = await this.seesResponse(`401 ${request.method}`)
    if (request.method === 'INVITE') this.acknowledgesRefusal(request, challenge)
    const again = this.withCredentials(request, challenge)
    if (request.method === 'INVITE') this.outgoing = again
    this.#wire.send(again)
    return this.seesResponse(what)
  }

  /** The same request with the answer to this challenge; `nc`: how often its nonce was used, this time included. */
  withCredentials(request: SipRequest, challenge: SipResponse, { nc: count = 1, algorithm: wanted }: Answer = {}) {
    const params = parseAuth(challenge.headers.first('www-authenticate') ?? '')?.params
    const realm = params?.get('realm') ?? ''
    const nonce = params?.get('nonce') ?? ''
    const algorithm = wanted ?? (params?.get('algorithm') === 'SHA-256' ? 'SHA-256' : 'MD5')
    const nc = count.toString(16).padStart(8, '0')
    const { user, password } = this.options
    const { method, uri } = request
    const secret = ha1(algorithm, user, realm, password)
    const values = { uri: uri.text, nonce, qop: 'auth' as const, nc, cnonce: 'c0ffee', algorithm } as const
    const response = digestResponse({ ...values, ha1: secret, method })
    const headers = request.headers.clone()
    headers.set('Via', this.#via())
    headers.set('CSeq', `${++this.#cSeq} ${method}`)
    headers.set('Authorization', formatCredentials('Digest', { username: user, realm, ...values, response }))
    return createRequest({ method, uri, headers, body: request.body })
  }

  /** Builds a request outside a dialog, or in the dialog described, and sends it. */
  send(method: string, target: string, parts: RequestParts): SipRequest {
    const request = this.request(method, target, parts)
    this.#wire.send(request)
    return request
  }

  /** Sends a request that was built before. */
  sends(request: SipRequest): void {
    this.#wire.send(request)
  }

  sendBytes(bytes: Uint8Array | string): void {
    this.#wire.sendBytes(Buffer.from(bytes))
  }

  request(method: string, target: string, parts: RequestParts): SipRequest {
    const { user, domain } = this.options
    const { to, callId = `call-${this.#name}-${++this.#count}`, from, cSeq, headers = [], sdp = null } = parts
    const uri = parseUri(target)
    if (!uri) throw new Error(`not a URI: ${target}`)
    const all = Headers.of([
      ['Via', this.#via()],
      ['Max-Forwards', '70'],
      ['From', from ?? `<sip:${user}@${domain}>;tag=${this.#tag}-${++this.#count}`],
      ['To', to],
      ['Call-ID', callId],
      ['CSeq', `${cSeq ?? ++this.#cSeq} ${method}`],
    ])
    for (const [name, value] of headers) all.set(name, value)
    if (sdp !== null) all.append('Content-Type', parts.type ?? 'application/sdp')
    return createRequest({ method, uri, headers: all, body: sdp === null ? undefined : Buffer.from(sdp) })
  }

  close(): void {
    this.#wire.close()
    this.audio.close()
  }

  // One of its own for each phone, be they of one user or at one address.
  get #name(): string {
    return `${this.options.user}-${this.audio.port}`
  }

  get #tag(): string {
    return `tag${this.#name}`
  }

  get #address(): string {
    const { claims, claimsPort, transport } = this.options
    // RFC 7118 §5: a page knows no address of its own.
    if (transport === 'wss') return `${this.#name}.invalid`
    return hostPort(claims, claimsPort ?? this.#wire.local.port)
  }

  #via(): string {
    const branch = `z9hG4bK-${this.#name}-${++this.#count}`
    return `SIP/2.0/${this.options.transport.toUpperCase()} ${this.#address};rport;branch=${branch}`
  }

  #target(message: SipMessage): string {
    return targetOf(message)
  }
}

/** What to register: its own contact unless another is given, null for none; waits for the 200 or what `sees` says. */
export interface Registration extends Extra {
  readonly contact?: string | null
  readonly expires?: number
  readonly sees?: string
}

/** An answer that no test looks for. */
export interface AutomaticAnswer {
  /** The request that it answers, with what the network did to it; the one that came if left out. */
  readonly to?: SipRequest
  readonly status: number
  readonly headers?: readonly HeaderLine[]
}

/** How a challenge is answered: by its first algorithm unless another is named. */
export interface Answer {
  readonly nc?: number
  readonly algorithm?: DigestAlgorithm
}

export interface RequestParts extends Extra {
  readonly to: string
  readonly from?: string
  readonly callId?: string
  readonly cSeq?: number
}

/** The dialog that an answer to its INVITE makes. */
export function dialogOf(answer: SipResponse): Dialog {
  return { callId: answer.callId, from: answer.from.text, to: answer.to.text, target: targetOf(answer) }
}

function hasSdp({ headers, body }: SipMessage): boolean {
  return body.length > 0 && headers.first('content-type') === 'application/sdp'
}

// A browser says one direction, and each line but that as it stands.
function inBrowserWords({
  codecs,
  lines = [],
}: {
  codecs?: readonly string[]
  lines?: readonly string[]
}): BrowserSays {
  const direction = lines.map((line) => /^a=(sendrecv|sendonly|recvonly|inactive)$/.exec(line)?.[1]).find(Boolean)
  const others = lines.filter((line) => line !== `a=${direction}`)
  return { lines: others, ...(codecs ? { codecs } : {}), ...(direction ? { direction } : {}) }
}

function targetOf(message: SipMessage): string {
  const found = contacts(message.headers)
  if (found === '*' || !found[0]) throw new Error('no Contact in it')
  return found[0].uri.text
}

// `200 INVITE`, `180`, `BYE`
function matches(message: SipMessage, what: string): boolean {
  const [first = '', method] = what.split(' ')
  if (message.kind === 'request') return message.method === first
  return String(message.status) === first && (method === undefined || message.cSeq.method === method)
}

function nameOf(message: SipMessage): string {
  return message.kind === 'request' ? message.method : `${message.status} ${message.cSeq.method}`
}
