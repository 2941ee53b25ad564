import type { RelayedLeg } from './call.ts'

/**
 * Refreshes the session of a phone that takes no UPDATE: a re-INVITE that offers once more what is in force (RFC 4028 §7.4).
 * Gives the status of its answer.
 */
export async function refreshMedia({ media, session }: Pick<RelayedLeg, 'media' | 'session'>): Promise<number> {
  const made = media.offerAgain()
  if (made.kind === 'rejected' || !session) return 488
  const outcome = await session.reoffer(made.body)
  if (outcome.kind === 'rejected') {
    media.offerRefused()
    return outcome.status
  }
  outcome.acknowledge()
  const answered = media.takeAnswer(outcome.response)
  return answered.kind === 'rejected' ? answered.status : outcome.response.status
}
