import type { ComponentChildren, JSX } from 'preact'
import type { PhoneState } from '../phone/state.ts'
import { nameOf } from '../phone/state.ts'
import { type Problem, SILENCE } from '../problems.ts'
import { IconButton, TextButton } from './button.tsx'
import type { Shell } from './shell.ts'
import { useValue } from './useValue.ts'
import { duration } from './words.ts'

interface ProblemNoteProps {
  readonly problem: Problem
  /** What can be done about it here. */
  readonly children?: ComponentChildren
}

/** What went wrong, and what mends it. */
export function ProblemNote({ problem, children }: ProblemNoteProps): JSX.Element {
  const { kind, text, mend, link } = problem
  return (
    <div class="note problem" role="alert" data-testid="error" data-kind={kind}>
      <p>
        <strong>{text}</strong> {mend} {link && <a href={link.href}>{link.label}</a>}
      </p>
      {children}
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
      {problem && <ShownProblem shell={shell} shown={problem} />}
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

/** A problem, and the way out of it that the page offers. */
interface Shown {
  readonly problem: Problem
  readonly way: 'dismiss' | 'retry' | 'none'
}

function ShownProblem({ shell: { phone }, shown }: { readonly shell: Shell; readonly shown: Shown }): JSX.Element {
  return (
    <ProblemNote problem={shown.problem}>
      {shown.way === 'dismiss' && (
        <IconButton icon="close" label="Close this note" id="error-close" onPress={() => phone.dismiss()} />
      )}
      {shown.way === 'retry' && (
        <TextButton id="error-retry" onPress={() => phone.check()}>
          Try now
        </TextButton>
      )}
    </ProblemNote>
  )
}

function problemIn({ notice, ended, line, calls, active }: PhoneState): Shown | null {
  if (notice) return { problem: notice, way: 'dismiss' }
  if (ended?.problem) return { problem: ended.problem, way: 'dismiss' }
  if (line.at === 'lost') return { problem: line.problem, way: line.retryAt === null ? 'none' : 'retry' }
  const call = calls.find(({ id }) => id === active)
  return call?.sound === 'silent' && call.state === 'talking' ? { problem: SILENCE, way: 'none' } : null
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
