import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Phone } from '../phone/phone.ts'
import { type Call, nameOf } from '../phone/state.ts'
import { inWords, verdict } from '../quality/verdict.ts'
import { RoundButton } from './button.tsx'
import { takeFocus } from './focus.ts'
import { Icon } from './icons.tsx'
import { Keypad } from './keypad.tsx'
import { Meters } from './meters.tsx'
import { Person } from './person.tsx'
import type { Shell } from './shell.ts'
import { useNow } from './useNow.ts'
import { useValue } from './useValue.ts'
import { shownState, stateInWords } from './words.ts'

interface CallViewProps {
  readonly shell: Shell
  readonly call: Call
  /** Another call is to be dialled beside this one. */
  onAdd(): void
}

/** The call on the screen: who it is with, how it goes, and what can be done with it. */
export function CallView({ shell, call, onAdd }: CallViewProps): JSX.Element {
  const [keys, setKeys] = useState<string | null>(null)
  const press = (key: string): void => {
    shell.tones.key(key)
    shell.phone.key(call.id, key)
    setKeys((before) => (before ?? '') + key)
  }
  return (
    <section class="call" aria-label={`Call with ${nameOf(call.peer)}`} tabIndex={-1} ref={takeFocus}>
      <Person peer={call.peer} id="call-peer" waiting={call.state !== 'talking'} small={keys !== null} />
      <Status call={call} />
      {keys === null ? (
        call.state === 'talking' && <Meters shell={shell} call={call} />
      ) : (
        <div class="sent-keys">
          <output data-testid="sent-keys" aria-label="Keys sent">
            {keys.slice(-18) || '\u00a0'}
          </output>
          <Keypad onKey={press} />
        </div>
      )}
      <Controls
        shell={shell}
        call={call}
        keysShown={keys !== null}
        onKeys={() => setKeys(keys === null ? '' : null)}
        onAdd={onAdd}
      />
      {call.state === 'talking' && <KeysByKeyboard press={press} />}
    </section>
  )
}

/** How the call goes, and how it sounds. */
function Status({ call }: { readonly call: Call }): JSX.Element {
  const now = useNow()
  const shown = shownState(call)
  const { quality, sound } = call
  return (
    <>
      <p class="call-state" data-testid="call-state" data-state={shown} data-sound={sound}>
        {stateInWords(call, now)}
      </p>
      <p
        class="quality"
        data-testid="quality"
        data-verdict={quality ? verdict(quality) : ''}
        data-mos={quality?.mos.toFixed(2)}
      >
        {quality && shown === 'talking' ? inWords(quality) : '\u00a0'}
      </p>
    </>
  )
}

interface ControlsProps {
  readonly shell: Shell
  readonly call: Call
  readonly keysShown: boolean
  onKeys(): void
  onAdd(): void
}

function Controls({ shell, call, keysShown, onKeys, onAdd }: ControlsProps): JSX.Element {
  const { phone } = shell
  const talking = call.state === 'talking'
  const end = (): void => phone.end(call.id)
  return (
    <>
      <div class="controls">
        <MuteButton phone={phone} call={call} />
        <RoundButton
          icon="keypad"
          label="Keypad"
          id="call-keypad"
          pressed={keysShown}
          disabled={!talking}
          onPress={onKeys}
        />
        <HoldButton phone={phone} call={call} />
        <RoundButton icon="add" label="Add call" id="call-add" disabled={!talking} onPress={onAdd} />
      </div>
      <Volume settings={shell.settings} />
      <RoundButton icon="call" kind="stop" label={talking ? 'Hang up' : 'Give up'} id="call-hangup" onPress={end} />
    </>
  )
}

interface CallButtonProps {
  readonly phone: Phone
  readonly call: Call
}

function MuteButton({ phone, call: { id, muted } }: CallButtonProps): JSX.Element {
  const [icon, label] = muted ? (['muted', 'Muted'] as const) : (['mute', 'Mute'] as const)
  const press = (): void => phone.mute(id, !muted)
  return <RoundButton icon={icon} label={label} id="call-mute" pressed={muted} onPress={press} />
}

function HoldButton({ phone, call: { id, heldByMe, state } }: CallButtonProps): JSX.Element {
  const [icon, label] = heldByMe ? (['resume', 'Resume'] as const) : (['hold', 'Hold'] as const)
  return (
    <RoundButton
      icon={icon}
      label={label}
      id="call-hold"
      pressed={heldByMe}
      disabled={state !== 'talking'}
      onPress={() => phone.hold(id, !heldByMe)}
    />
  )
}

function Volume({ settings }: Pick<Shell, 'settings'>): JSX.Element {
  const { volume } = useValue(settings)
  return (
    <label class="volume">
      <Icon name="volume" />
      <span class="sr-only">Volume</span>
      <input
        data-testid="volume"
        type="range"
        min="0"
        max="1"
        step="0.05"
        value={volume}
        onInput={({ currentTarget }) => settings.set({ ...settings.get(), volume: Number(currentTarget.value) })}
      />
    </label>
  )
}

/** Digits on the keyboard are keys of the call, as long as they are not typed into a field. */
function KeysByKeyboard({ press }: { press(key: string): void }): null {
  useEffect(() => {
    const typed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !/^[\d*#]$/.test(event.key)) return
      if (!(document.activeElement instanceof HTMLInputElement)) press(event.key)
    }
    document.addEventListener('keydown', typed)
    return () => document.removeEventListener('keydown', typed)
  })
  return null
}
