import type { ComponentChildren, JSX } from 'preact'
import type { PhoneState } from '../phone/state.ts'
import { nameOf } from '../phone/state.ts'
import { OFFLINE, type Problem, SILENCE } from '../problems.ts'
import { IconButton, TextButton } from './button.tsx'
import type { Shell } from './shell.ts'
import { useValue } from './useValue.ts'
import { duration } from './words.ts'

/** What went wrong, and what mends it. */
export function ProblemNote({
  problem,
  onDismiss,
}: {
  readonly problem: Problem
  onDismiss?: () => void
}): JSX.Element {
  return (
    <div class="note problem" role="alert" data-testid="error" data-kind={problem.kind}>
      <p>
        <strong>{problem.text}</strong> {problem.mend}{' '}
        {problem.link && <a href={problem.link.href}>{problem.link.label}</a>}
      </p>
      {onDismiss && <IconButton icon="close" label="Close this note" id="error-close" onPress={onDismiss} />}
    </div>
  )
}

function Note({ id, children }: { readonly id: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div class="note" data-testid={id}>
      {children}
    </div>
  )
}

/** The notes above the phone, of which one problem at most shows at a time: the newest that can be mended here. */
export function Notes({ shell, state }: { readonly shell: Shell; readonly state: PhoneState }): JSX.Element {
  const silenced = useValue(shell.silenced)
  const permission = useValue(shell.notifications)
  const problem = problemIn(state)
  return (
    <div class="notes">
      {problem && (
        <ProblemNote
          problem={problem.problem}
          {...(problem.dismissable ? { onDismiss: () => shell.phone.dismiss() } : {})}
        />
      )}
      {silenced && (
        <Note id="sound-blocked">
          <p>The browser keeps this page silent until you touch it: you would not hear it ring.</p>
          <TextButton id="sound-unlock" onPress={shell.tones.unlock}>
            Let it ring
          </TextButton>
        </Note>
      )}
      {permission === 'default' && !silenced && !problem && state.calls.length === 0 && (
        <Note id="notifications-offer">
          <p>Be told of calls while another tab is in front.</p>
          <TextButton id="notifications-allow" onPress={shell.askForNotifications}>
            Turn on
          </TextButton>
        </Note>
      )}
      <p class="sr-only" aria-live="polite" data-testid="announcement">
        {announcement(state)}
      </p>
    </div>
  )
}

function problemIn({
  notice,
  ended,
  line,
  calls,
  active,
}: PhoneState): { problem: Problem; dismissable: boolean } | null {
  if (notice) return { problem: notice, dismissable: true }
  if (ended?.problem) return { problem: ended.problem, dismissable: true }
  if (line.at === 'lost') return { problem: navigator.onLine ? line.problem : OFFLINE, dismissable: false }
  const call = calls.find(({ id }) => id === active)
  return call?.sound === 'silent' && call.state === 'talking' ? { problem: SILENCE, dismissable: false } : null
}

/** What is read out to who cannot see the page. */
function announcement({ calls, ended }: PhoneState): string {
  const incoming = calls.find(({ state }) => state === 'incoming')
  if (incoming) return `${nameOf(incoming.peer)} is calling.`
  const talking = calls.find(({ state }) => state === 'talking')
  if (talking) return `Connected with ${nameOf(talking.peer)}.`
  if (calls.length > 0 || !ended || ended.problem) return ''
  const { answeredAt, peer } = ended.call
  if (ended.outcome === 'missed') return `Missed call from ${nameOf(peer)}.`
  return answeredAt === null ? 'Call ended.' : `Call ended after ${duration((ended.endedAt - answeredAt) / 1000)}.`
}
