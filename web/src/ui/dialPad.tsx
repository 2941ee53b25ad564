import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { IconButton } from './button.tsx'
import { takeFocus } from './focus.ts'
import { Icon } from './icons.tsx'

const KEYS: readonly (readonly [string, string])[] = [
  ['1', ''],
  ['2', 'ABC'],
  ['3', 'DEF'],
  ['4', 'GHI'],
  ['5', 'JKL'],
  ['6', 'MNO'],
  ['7', 'PQRS'],
  ['8', 'TUV'],
  ['9', 'WXYZ'],
  ['*', ''],
  ['0', '+'],
  ['#', ''],
]
const NAMES: Readonly<Record<string, string>> = { '*': 'star', '#': 'hash' }
/** A key that is held down for so long means its second sign, ms. */
const LONG = 500

/** Twelve keys. `onLong` takes the plus of a zero that is held down. */
export function Keypad({ onKey, onLong }: { onKey(key: string): void; onLong?(sign: string): void }): JSX.Element {
  const held = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const wasLong = useRef(false)
  const down = (key: string): void => {
    wasLong.current = false
    if (key !== '0' || !onLong) return
    held.current = setTimeout(() => {
      wasLong.current = true
      onLong('+')
    }, LONG)
  }
  const up = (): void => clearTimeout(held.current)
  return (
    <fieldset class="keypad" aria-label="Keypad">
      {KEYS.map(([key, letters]) => (
        <button
          key={key}
          type="button"
          class="key"
          data-testid={`keypad-${NAMES[key] ?? key}`}
          aria-label={NAMES[key]}
          onPointerDown={() => down(key)}
          onPointerUp={up}
          onPointerLeave={up}
          onContextMenu={(event) => event.preventDefault()}
          onClick={() => {
            if (!wasLong.current) onKey(key)
            wasLong.current = false
          }}
        >
          <span class="digit">{key === '*' ? '∗' : key}</span>
          <span class="letters">{letters}</span>
        </button>
      ))}
    </fieldset>
  )
}

interface DialPadProps {
  readonly text: string
  /** What is dialled if nothing is typed; null if nobody was called yet. */
  readonly last: string | null
  readonly ready: boolean
  setText(text: string): void
  onKey(key: string): void
  onDial(text: string): void
}

/** The field for a number or name, twelve keys, and the button that calls. Digits typed anywhere on the page land here. */
export function DialPad({ text, last, ready, setText, onKey, onDial }: DialPadProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    // Where there is no keyboard but on the screen, it would cover the keys.
    if (matchMedia('(pointer: fine)').matches) takeFocus(input.current)
  }, [])
  useEffect(() => {
    const typed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || !/^[\d*#+]$/.test(event.key) || isTyping()) return
      input.current?.focus()
    }
    document.addEventListener('keydown', typed)
    return () => document.removeEventListener('keydown', typed)
  }, [])
  const press = (key: string): void => {
    onKey(key)
    setText(text + key)
  }
  const submit = (event: Event): void => {
    event.preventDefault()
    if (text.trim() !== '') onDial(text)
    else if (last !== null) setText(last)
  }
  return (
    <form class="dial" onSubmit={submit}>
      <div class="dial-field">
        <input
          ref={input}
          data-testid="dial-input"
          type="text"
          inputmode="tel"
          enterkeyhint="go"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          aria-label="Number or name to call"
          placeholder="Number or name"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
        {text !== '' && (
          <IconButton
            icon="erase"
            label="Delete the last sign"
            id="dial-erase"
            onPress={() => setText(text.slice(0, -1))}
          />
        )}
      </div>
      <Keypad onKey={press} onLong={(sign) => setText(text + sign)} />
      <button
        class="call-button"
        type="submit"
        data-testid="dial-call"
        disabled={!ready}
        aria-label={text === '' && last !== null ? `Call: take ${last} again` : 'Call'}
      >
        <Icon name="call" />
        <span aria-hidden="true">Call</span>
      </button>
    </form>
  )
}

function isTyping(): boolean {
  const { activeElement } = document
  return activeElement instanceof HTMLInputElement || activeElement instanceof HTMLSelectElement
}
