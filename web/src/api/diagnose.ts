import { OFFLINE, type Problem, UNREACHABLE, UNTRUSTED } from '../problems.ts'

/** A server that has not answered by then does not answer, ms. */
const WITHIN = 5000

/**
 * Why no WebSocket could be had: browsers do not say. If the page's own server still answers and has never let us in, it
 * is the certificate: some browsers ask about it for pages alone and refuse WebSockets without a word.
 */
export async function diagnose(everConnected: boolean): Promise<Problem> {
  if (!navigator.onLine) return OFFLINE
  const answers = await fetch('/api/health', {
    cache: 'no-store',
    credentials: 'omit',
    signal: AbortSignal.timeout(WITHIN),
  })
    .then(() => true)
    .catch(() => false)
  return answers && !everConnected ? UNTRUSTED : UNREACHABLE
}
