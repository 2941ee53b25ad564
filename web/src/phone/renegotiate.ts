import { RequestPendingError, type Session, SessionState, type Web } from 'sip.js'

/** How a re-INVITE ended: agreed, refused, or answered that there is no such call (481) or not at all. */
export type Agreement = 'agreed' | 'refused' | 'gone'

/** RFC 3261 §14.1: after a 491, the side that owns the Call-ID waits 2.1–4 s, the other up to 2 s; ms. */
const OWNER_WAITS = 2100
const SPREAD = 1900
const TRIES = 4

/**
 * Offers anew what `options` say. Re-INVITEs that meet each other are tried again, as are those that meet one of ours
 * which is not yet answered.
 */
export async function renegotiate(
  session: Session,
  owner: boolean,
  options: Web.SessionDescriptionHandlerOptions,
): Promise<Agreement> {
  for (let i = 0; i < TRIES; i += 1) {
    if (session.state !== SessionState.Established) return 'gone'
    const status = await reinvite(session, options)
    if (status < 300) return 'agreed'
    if (status === 481 || status === 408) return 'gone'
    if (status !== 491) return 'refused'
    await new Promise((resolve) => setTimeout(resolve, (owner ? OWNER_WAITS : 0) + SPREAD * Math.random()))
  }
  return 'refused'
}

/** The status of the answer; 491 as well while another re-INVITE is under way, 500 if there is no offer. */
function reinvite(session: Session, options: Web.SessionDescriptionHandlerOptions): Promise<number> {
  return new Promise((resolve) => {
    const answered = (status: number | undefined): void => resolve(status ?? 500)
    session
      .invite({
        sessionDescriptionHandlerOptions: options,
        requestDelegate: {
          onAccept: ({ message }) => answered(message.statusCode),
          onReject: ({ message }) => answered(message.statusCode),
        },
      })
      .catch((error: unknown) => resolve(error instanceof RequestPendingError ? 491 : 500))
  })
}
