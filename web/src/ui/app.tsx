import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { type Call, nameOf, type PhoneState } from '../phone/state.ts'
import { IconButton } from './button.tsx'
import { CallView } from './callView.tsx'
import { DialPad } from './dialPad.tsx'
import { Header } from './header.tsx'
import { Icon } from './icons.tsx'
import { Incoming, Waiting } from './incoming.tsx'
import { Login } from './login.tsx'
import { Notes } from './notes.tsx'
import { IS_IOS } from './platform.ts'
import { Recents } from './recents.tsx'
import { SettingsDialog } from './settings.tsx'
import type { Shell } from './shell.ts'
import { useValue } from './useValue.ts'
import { shownState } from './words.ts'

/** The page: the form to sign in, or the phone. */
export function App({ shell }: { readonly shell: Shell }): JSX.Element {
  const state = useValue(shell.phone.state)
  const { line } = state
  const isOut = line.at === 'signed-out' || (line.at === 'signing-in' && line.typed)
  return isOut ? <Login shell={shell} line={line} /> : <PhonePage shell={shell} state={state} />
}

type View = 'phone' | 'recents'

function PhonePage({ shell, state }: { readonly shell: Shell; readonly state: PhoneState }): JSX.Element {
  const [settings, setSettings] = useState(false)
  const [view, setView] = useState<View>('phone')
  const recent = useValue(shell.recent)
  const rings = state.calls.some((call) => call.state === 'incoming')
  useEffect(() => {
    if (state.calls.length > 0) setView('phone')
  }, [state.calls.length])
  useEffect(() => {
    // Behind a dialog a call could not be answered.
    if (rings) setSettings(false)
  }, [rings])
  return (
    <div class={`page shows-${view}`}>
      <Header shell={shell} line={state.line} onSettings={() => setSettings(true)} />
      <Notes shell={shell} state={state} />
      <main>
        <section class="card phone" aria-label="Phone">
          <PhoneCard shell={shell} state={state} />
        </section>
        <section class="card side" aria-label="Calls until now">
          <Recents
            calls={recent}
            ready={state.line.at === 'ready'}
            onCall={(user) => void shell.phone.dial(user)}
            onClear={shell.clearRecent}
          />
        </section>
      </main>
      {IS_IOS && <p class="ios quiet small">iPhone and iPad let this page ring only while it is open in front.</p>}
      <Tabs view={view} setView={setView} missed={recent.filter(({ outcome }) => outcome === 'missed').length} />
      {settings && !rings && <SettingsDialog shell={shell} onClose={() => setSettings(false)} />}
    </div>
  )
}

/** On a narrow screen the phone and the list take turns. */
function Tabs({
  view,
  setView,
  missed,
}: {
  readonly view: View
  readonly missed: number
  setView(view: View): void
}): JSX.Element {
  return (
    <nav class="tabs" aria-label="Parts of the phone">
      <button
        type="button"
        data-testid="tab-phone"
        aria-current={view === 'phone' ? 'page' : undefined}
        onClick={() => setView('phone')}
      >
        <Icon name="keypad" />
        Phone
      </button>
      <button
        type="button"
        data-testid="tab-recents"
        aria-current={view === 'recents' ? 'page' : undefined}
        onClick={() => setView('recents')}
      >
        <Icon name="recents" />
        Recent calls
        {missed > 0 && <span class="sr-only">, {missed} missed</span>}
      </button>
    </nav>
  )
}

/** The dial pad, or the call; above a call the others that wait or are held. */
function PhoneCard({ shell, state }: { readonly shell: Shell; readonly state: PhoneState }): JSX.Element {
  const [text, setText] = useState('')
  const [adding, setAdding] = useState(false)
  const { calls, active, line } = state
  const call = calls.find(({ id }) => id === active)
  const last = useValue(shell.recent).find(({ direction }) => direction === 'out')?.user ?? null
  useEffect(() => setAdding(false), [active, calls.length])
  const dial = (to: string): void => {
    setText('')
    void shell.phone.dial(to)
  }
  const others = calls.filter(({ id }) => id !== active || adding)
  return (
    <>
      {others.map((other) => (
        <OtherCall key={other.id} shell={shell} call={other} onBack={() => setAdding(false)} />
      ))}
      {call && !adding && call.state === 'incoming' && <Incoming key={call.id} shell={shell} call={call} />}
      {call && !adding && call.state !== 'incoming' && (
        <CallView key={call.id} shell={shell} call={call} onAdd={() => setAdding(true)} />
      )}
      {(!call || adding) && (
        <DialPad
          text={text}
          last={last}
          ready={line.at === 'ready'}
          setText={setText}
          onKey={shell.tones.key}
          onDial={dial}
        />
      )}
    </>
  )
}

function OtherCall({
  shell,
  call,
  onBack,
}: {
  readonly shell: Shell
  readonly call: Call
  onBack(): void
}): JSX.Element {
  if (call.state === 'incoming') return <Waiting shell={shell} call={call} />
  const back = (): void => {
    onBack()
    shell.phone.switchTo(call.id)
  }
  return (
    <div class="other-call" data-testid="other-call" data-state={shownState(call)}>
      <button type="button" data-testid="call-switch" onClick={back}>
        <Icon name={call.heldByMe ? 'hold' : 'call'} />
        <strong>{nameOf(call.peer)}</strong>
        <span class="quiet">{call.heldByMe ? 'on hold' : 'in the background'}</span>
        <span class="switch">Switch</span>
      </button>
      <IconButton
        icon="close"
        label={`Hang up ${nameOf(call.peer)}`}
        id="other-hangup"
        onPress={() => shell.phone.end(call.id)}
      />
    </div>
  )
}
