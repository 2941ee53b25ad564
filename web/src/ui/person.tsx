import type { JSX } from 'preact'
import { nameOf, type Peer } from '../phone/state.ts'
import { Icon } from './icons.tsx'
import { initials } from './words.ts'

interface PersonProps {
  readonly peer: Peer
  readonly id: string
  /** It rings, at one end or the other. */
  readonly waiting: boolean
  /** Without the circle, where room is short. */
  readonly small?: boolean
}

/** Who is at the other end: their initials, their name, and the number where they have both. */
export function Person({ peer, id, waiting, small = false }: PersonProps): JSX.Element {
  const letters = initials(peer.name)
  const name = nameOf(peer)
  return (
    <div class="person">
      {!small && (
        <div class={waiting ? 'avatar waiting' : 'avatar'} aria-hidden="true">
          {letters ?? <Icon name="call" />}
        </div>
      )}
      <h2 data-testid={id} data-user={peer.user}>
        {name}
      </h2>
      {name !== peer.user && <p class="number">{peer.user}</p>}
    </div>
  )
}
