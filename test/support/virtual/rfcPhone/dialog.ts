import type { HeaderLine } from '../../../../src/sip/message/headers.ts'
import type { SipMessage, SipRequest, SipResponse } from '../../../../src/sip/message/message.ts'
import { contactOf, requestOf } from './messages.ts'

export type NewVia = () => string

/** RFC 3261 §12 as a phone keeps it; our server never puts itself into a Record-Route. */
export class RfcDialog {
  readonly callId: string
  readonly local: string
  readonly remote: string
  readonly localTag: string
  readonly remoteTag: string
  readonly #via: NewVia
  #target: string
  #cSeq: number
  #remoteCSeq: number | null

  private constructor(
    ids: Pick<RfcDialog, 'callId' | 'local' | 'remote' | 'localTag' | 'remoteTag'>,
    state: { via: NewVia; target: string; cSeq: number; remoteCSeq: number | null },
  ) {
    this.callId = ids.callId
    this.local = ids.local
    this.remote = ids.remote
    this.localTag = ids.localTag
    this.remoteTag = ids.remoteTag
    this.#via = state.via
    this.#target = state.target
    this.#cSeq = state.cSeq
    this.#remoteCSeq = state.remoteCSeq
  }

  static ofCaller(response: SipResponse, via: NewVia): RfcDialog {
    const { callId, from, to, cSeq } = response
    const tags = { localTag: from.tag ?? '', remoteTag: to.tag ?? '' }
    const state = { via, target: contactOf(response), cSeq: cSeq.number, remoteCSeq: null }
    return new RfcDialog({ callId, local: from.text, remote: to.text, ...tags }, state)
  }

  static ofCallee(invite: SipRequest, localTag: string, via: NewVia): RfcDialog {
    const { callId, from, to, cSeq } = invite
    const tags = { localTag, remoteTag: from.tag ?? '' }
    const state = { via, target: contactOf(invite), cSeq: 0, remoteCSeq: cSeq.number }
    return new RfcDialog({ callId, local: `${to.text};tag=${localTag}`, remote: from.text, ...tags }, state)
  }

  get id(): string {
    return dialogId(this.callId, this.localTag, this.remoteTag)
  }

  /** The next request; ACK takes `cSeq`, its INVITE's. */
  request(method: string, parts: { headers?: readonly HeaderLine[]; sdp?: string | null; cSeq?: number } = {}) {
    const { callId, local: from, remote: to } = this
    const { cSeq = ++this.#cSeq } = parts
    return requestOf({ ...parts, method, target: this.#target, via: this.#via(), from, to, callId, cSeq })
  }

  /** §12.2.2: false for a request that a later one has overtaken. */
  inOrder({ cSeq }: SipRequest): boolean {
    if (this.#remoteCSeq !== null && cSeq.number < this.#remoteCSeq) return false
    this.#remoteCSeq = cSeq.number
    return true
  }

  refreshTarget(message: SipMessage): void {
    this.#target = contactOf(message)
  }
}

/** What finds the dialog of a request that came, and of an ACK. */
export function dialogOf(request: SipRequest): string {
  return dialogId(request.callId, request.to.tag ?? '', request.from.tag ?? '')
}

function dialogId(callId: string, localTag: string, remoteTag: string): string {
  return `${callId} ${localTag} ${remoteTag}`
}
