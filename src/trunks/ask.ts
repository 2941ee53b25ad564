import type { Millis } from '../platform/clock.ts'
import type { ClientDigest } from '../sip/auth/clientDigest.ts'
import { MOST_ANSWERS } from '../sip/auth/clientDigest.ts'
import type { HeaderLine } from '../sip/message/headers.ts'
import type { SipRequest, SipResponse } from '../sip/message/message.ts'
import type { Flow } from '../sip/transport/flow.ts'
import type { Link } from './provider.ts'

/** What came of one request. */
export type Asked =
  | {
      readonly kind: 'answered'
      readonly request: SipRequest
      readonly response: SipResponse
      readonly roundTrip: Millis
    }
  /** Nothing came in time, or it could not be sent. */
  | { readonly kind: 'silent'; readonly sent: boolean }

/** Sends one request and waits for its final response, at most `within` ms. */
export function ask(link: Link, request: SipRequest, flow: Flow, within: Millis): Promise<Asked> {
  return new Promise((resolve) => {
    const sent = link.clock.now()
    const late = link.clock.after(within, () => resolve({ kind: 'silent', sent: true }))
    const end = (asked: Asked): void => {
      late.cancel()
      resolve(asked)
    }
    link.request(request, flow, {
      response: (response) => {
        if (response.status >= 200) end({ kind: 'answered', request, response, roundTrip: link.clock.now() - sent })
      },
      failed: (failure) => end({ kind: 'silent', sent: failure === 'timeout' }),
    })
  })
}

/** The same, with an answer to each challenge that `digest` has one for; `build` makes the request anew each time. */
export async function askProved(
  link: Link,
  build: (headers: readonly HeaderLine[]) => SipRequest,
  how: { readonly flow: Flow; readonly within: Millis; readonly digest: ClientDigest | null },
): Promise<Asked> {
  let proof: HeaderLine | null = null
  let asked = await ask(link, build([]), how.flow, how.within)
  for (let answers = 0; answers < MOST_ANSWERS; answers++) {
    if (asked.kind === 'silent') return asked
    proof = how.digest?.answer(asked.response, asked.request) ?? null
    if (!proof) return asked
    asked = await ask(link, build([proof]), how.flow, how.within)
  }
  return asked
}

/** `promise`, or a rejection after `within` ms. */
export function inTime<T>(link: Link, promise: Promise<T>, within: Millis): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = link.clock.after(within, () => reject(new Error(`nothing came in ${within / 1000} s`)))
    promise.then(resolve, reject).finally(() => late.cancel())
  })
}
