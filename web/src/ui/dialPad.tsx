import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { IconButton } from './button.tsx'
import { takeFocus } from './focus.ts'
import { Icon } from './icons.tsx'
import { Keypad } from './keypad.tsx'

interface DialPadProps {
  readonly text: string
  /** What is dialled if nothing is typed; null if nobody was called yet. */
  readonly last: string | null
  readonly ready: boolean
  setText(text: string): void
  onKey(key: string): void
  onDial(text: string): void
}

/** The field for a number or name, twelve keys, and the button that calls. */
export function DialPad({ text, last, ready, setText, onKey, onDial }: DialPadProps): JSX.Element {
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
      <DialField text={text} setText={setText} />
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

/** Digits typed anywhere on the page land in this field. */
function DialField({ text, setText }: Pick<DialPadProps, 'text' | 'setText'>): JSX.Element {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    // Where there is no keyboard but on the screen, it would cover the keys.
    if (matchMedia('(pointer: fine)').matches) takeFocus(input.current)
    return onDigit(() => input.current?.focus())
  }, [])
  return (
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
      {text !== '' && <EraseButton onPress={() => setText(text.slice(0, -1))} />}
    </div>
  )
}

function EraseButton({ onPress }: { onPress(): void }): JSX.Element {
  return <IconButton icon="erase" label="Delete the last sign" id="dial-erase" onPress={onPress} />
}

/** Calls `run` when a digit is typed that no field would get, until what it gives back is called. */
function onDigit(run: () => void): () => void {
  const typed = (event: KeyboardEvent): void => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey
    if (isPlain && /^[\d*#+]$/.test(event.key) && !isTyping()) run()
  }
  document.addEventListener('keydown', typed)
  return () => document.removeEventListener('keydown', typed)
}

function isTyping(): boolean {
  const { activeElement } = document
  return activeElement instanceof HTMLInputElement || activeElement instanceof HTMLSelectElement
}
