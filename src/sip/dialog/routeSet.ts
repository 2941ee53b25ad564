import type { NameAddr } from '../message/fields.ts'
import type { Uri } from '../message/uri.ts'

/**
 * Request-URI and Route values of a request that goes to `target` through `routeSet` (RFC 3261 §12.2.1.1): a first route
 * without `lr` is a strict router of RFC 2543, which wants to be the Request-URI itself.
 */
export function throughRoutes(
  target: Uri,
  routeSet: readonly NameAddr[],
): { readonly uri: Uri; readonly routes: readonly string[] } {
  const [first, ...others] = routeSet
  if (first === undefined || !isStrictRouter(first.uri))
    return { uri: target, routes: routeSet.map(({ text }) => text) }
  return { uri: first.uri, routes: [...others.map(({ text }) => text), `<${target.text}>`] }
}

function isStrictRouter(uri: Uri): boolean {
  return uri.kind === 'sip' && !uri.params.has('lr')
}
