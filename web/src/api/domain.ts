/** A server that has not answered by then does not answer, ms. */
const WITHIN = 5000

/**
 * The host of our SIP addresses: the server says which, for a name that the network made up (`homeserver.lan`) is none that it
 * knows. `hostname`, the page's own, where it does not say.
 */
export async function sipDomain(hostname: string): Promise<string> {
  try {
    const signal = AbortSignal.timeout(WITHIN)
    const answer = await fetch('/api/health', { credentials: 'omit', signal })
    return domainIn(await answer.json()) ?? hostname
  } catch {
    return hostname
  }
}

/** What `/api/health` says of it; null: nothing that can stand in an address. */
export function domainIn(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null || !('domain' in answer)) return null
  const { domain } = answer
  return typeof domain === 'string' && /^(?:[\w.-]+|\[[\da-f:.]+\])$/i.test(domain) ? domain : null
}
