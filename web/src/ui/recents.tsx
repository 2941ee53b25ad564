import type { JSX } from 'preact'
import type { PastCall } from '../store/history.ts'
import { TextButton } from './button.tsx'
import { Icon, type IconName } from './icons.tsx'
import { useNow } from './useNow.ts'
import { moment, pastInWords } from './words.ts'

interface RecentsProps {
  readonly calls: readonly PastCall[]
  readonly ready: boolean
  onCall(user: string): void
  onClear(): void
}

/** The calls of this device, the newest first; a click calls back. */
export function Recents({ calls, ready, onCall, onClear }: RecentsProps): JSX.Element {
  const now = useNow()
  return (
    <section class="recents" aria-label="Recent calls">
      <header>
        <h2>Recent calls</h2>
        {calls.length > 0 && (
          <TextButton id="history-clear" onPress={onClear}>
            Clear
          </TextButton>
        )}
      </header>
      {calls.length === 0 ? (
        <p class="empty">
          Nobody yet. Dial <kbd>*43</kbd> to hear yourself.
        </p>
      ) : (
        <ul data-testid="history">
          {calls.map((call) => (
            <Recent key={call.id} call={call} now={now} ready={ready} onCall={onCall} />
          ))}
        </ul>
      )}
    </section>
  )
}

interface RecentProps {
  readonly call: PastCall
  readonly now: number
  readonly ready: boolean
  onCall(user: string): void
}

function Recent({ call, now, ready, onCall }: RecentProps): JSX.Element {
  const { user, name, outcome } = call
  const words = pastInWords(call)
  return (
    <li>
      <button
        type="button"
        class={outcome === 'missed' ? 'recent missed' : 'recent'}
        data-testid="history-item"
        data-outcome={outcome}
        data-user={user}
        disabled={!ready}
        onClick={() => onCall(user)}
      >
        <Icon name={iconOf(call)} />
        <span class="recent-who">
          <span class="sr-only">Call </span>
          {name ?? user}
        </span>
        <span class="recent-how">{name ? `${user} · ${words}` : words}</span>
        <time>{moment(call.at, now)}</time>
      </button>
    </li>
  )
}

function iconOf({ direction, outcome }: PastCall): IconName {
  if (outcome === 'missed') return 'missed'
  return direction === 'in' ? 'incoming' : 'outgoing'
}
