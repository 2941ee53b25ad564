import type { JSX } from 'preact'
import { nameOf, type Peer } from '../phone/state.ts'
import { Icon } from './icons.tsx'
import { initials } from './words.ts'

/** Who is at the other end: their initials, their name, and the number where they have both. */
export function Person({
  peer,
  id,
  waiting,
}: {
  readonly peer: Peer
  readonly id: string
  readonly waiting: boolean
}): JSX.Element {
  const letters = initials(peer.name)
  const name = nameOf(peer)
  return (
    <div class="person">
      <div class={waiting ? 'avatar waiting' : 'avatar'} aria-hidden="true">
        {letters ?? <Icon name="call" />}
      </div>
      <h2 data-testid={id} data-user={peer.user}>
        {name}
      </h2>
      <p class="number">{name === peer.user ? '\u00a0' : peer.user}</p>
    </div>
  )
}
