import { createRequest } from '../message/create.ts'
import { contacts, type NameAddr, routes } from '../message/fields.ts'
import { type HeaderLine, Headers } from '../message/headers.ts'
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts'
import type { Uri } from '../message/uri.ts'
import { throughRoutes } from './routeSet.ts'

/** What a request of ours within a dialog carries beside what the dialog itself knows. */
export interface DialogRequest {
  readonly method: string
  readonly headers?: readonly HeaderLine[]
  readonly body?: Uint8Array
}

/** What a dialog takes from our INVITE. */
type SentInvite = Pick<SipRequest, 'callId' | 'from' | 'cSeq' | 'uri'>

interface DialogState {
  readonly ownsCallId: boolean
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  /** Our From and the peer's To as they stand in our requests, tags included. */
  readonly from: string
  readonly to: string
  readonly routeSet: readonly NameAddr[]
  readonly remoteTarget: Uri
  readonly localCSeq: number
  readonly remoteCSeq: number | null
}

/** RFC 3261 §12: the relation between two user agents that all later requests of a call belong to. */
export class Dialog {
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  /** Whether our INVITE made it (RFC 3261 §14.1). */
  readonly ownsCallId: boolean
  readonly #from: string
  readonly #to: string
  #routeSet: readonly NameAddr[]
  #remoteTarget: Uri
  #localCSeq: number
  #remoteCSeq: number | null

  private constructor(state: DialogState) {
    this.callId = state.callId
    this.localTag = state.localTag
    this.remoteTag = state.remoteTag
    this.ownsCallId = state.ownsCallId
    this.#from = state.from
    this.#to = state.to
    this.#routeSet = state.routeSet
    this.#remoteTarget = state.remoteTarget
    this.#localCSeq = state.localCSeq
    this.#remoteCSeq = state.remoteCSeq
  }

  /** §12.1.1: the dialog that our answer to `invite`, with this To tag, makes. */
  static ofServer(invite: SipRequest, localTag: string, firstCSeq: number): Dialog {
    return new Dialog({
      ownsCallId: false,
      callId: invite.callId,
      localTag,
      remoteTag: invite.from.tag ?? '',
      from: `${invite.to.text};tag=${localTag}`,
      to: invite.from.text,
      routeSet: routes(invite.headers, 'record-route'),
      remoteTarget: targetOf(invite) ?? invite.from.uri,
      localCSeq: firstCSeq,
      remoteCSeq: invite.cSeq.number,
    })
  }

  /** §12.1.2: the dialog that `response`, which has a To tag, makes of our `invite`. */
  static ofClient(invite: SentInvite, response: SipResponse): Dialog {
    return new Dialog({
      ownsCallId: true,
      callId: invite.callId,
      localTag: invite.from.tag ?? '',
      remoteTag: response.to.tag ?? '',
      from: invite.from.text,
      to: response.to.text,
      routeSet: routes(response.headers, 'record-route').toReversed(),
      remoteTarget: targetOf(response) ?? invite.uri,
      localCSeq: invite.cSeq.number,
      remoteCSeq: null,
    })
  }

  /** What finds the dialog for a request of the peer. */
  get id(): string {
    return dialogId(this.callId, this.localTag, this.remoteTag)
  }

  get remoteTarget(): Uri {
    return this.#remoteTarget
  }

  /** The next request of ours (§12.2.1.1), without Via and Contact. ACK takes `cSeq`, its INVITE's number. */
  request(wanted: DialogRequest, cSeq?: number): SipRequest {
    const number = cSeq ?? ++this.#localCSeq
    const { uri, routes } = throughRoutes(this.#remoteTarget, this.#routeSet)
    const headers = new Headers()
    for (const route of routes) headers.append('Route', route)
    headers.append('Max-Forwards', '70')
    headers.append('From', this.#from)
    headers.append('To', this.#to)
    headers.append('Call-ID', this.callId)
    headers.append('CSeq', `${number} ${wanted.method}`)
    for (const [name, value] of wanted.headers ?? []) headers.append(name, value)
    return createRequest({ method: wanted.method, uri, headers, body: wanted.body })
  }

  /** `request` of ours once more, under the next number and with one header more: another that it had of that name goes. */
  again({ method, uri, headers, body }: SipRequest, [name, value]: HeaderLine): SipRequest {
    const repeated = headers.clone()
    repeated.remove('via')
    repeated.set('CSeq', `${++this.#localCSeq} ${method}`)
    repeated.set(name, value)
    return createRequest({ method, uri, headers: repeated, body })
  }

  /** Whether a request of the peer is in order (§12.2.2): one that came before its turn was passed is not to be obeyed. */
  inOrder(request: SipRequest): boolean {
    if (this.#remoteCSeq !== null && request.cSeq.number < this.#remoteCSeq) return false
    this.#remoteCSeq = request.cSeq.number
    return true
  }

  /** A target refresh (§12.2.1.2, §12.2.2): re-INVITEs and their answers may bring a new Contact. */
  refreshTarget(message: SipMessage): void {
    this.#remoteTarget = targetOf(message) ?? this.#remoteTarget
  }

  /** §13.2.2.4: the 2xx to our INVITE counts for the route set, whatever a provisional response said. */
  confirmedBy(response: SipResponse): void {
    this.#routeSet = routes(response.headers, 'record-route').toReversed()
    this.refreshTarget(response)
  }
}

/** The key of a dialog, from the point of view of the side that has the local tag. */
export function dialogId(callId: string, localTag: string, remoteTag: string): string {
  return `${callId} ${localTag} ${remoteTag}`
}

function targetOf(message: SipMessage): Uri | null {
  const found = contacts(message.headers)
  return found === '*' ? null : (found[0]?.uri ?? null)
}
