import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'

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

interface KeypadProps {
  onKey(key: string): void
  /** Takes the plus of a zero that is held down. */
  onLong?(sign: string): void
}

/** The twelve keys of a phone. */
export function Keypad({ onKey, onLong }: KeypadProps): JSX.Element {
  return (
    <fieldset class="keypad" aria-label="Keypad">
      {KEYS.map(([key, letters]) => (
        <Key key={key} sign={key} letters={letters} onKey={onKey} {...(key === '0' && onLong ? { onLong } : {})} />
      ))}
    </fieldset>
  )
}

function Key(props: KeypadProps & { readonly sign: string; readonly letters: string }): JSX.Element {
  const { sign, letters, onKey, onLong } = props
  const held = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const wasLong = useRef(false)
  const down = (): void => {
    wasLong.current = false
    if (!onLong) return
    held.current = setTimeout(() => {
      wasLong.current = true
      onLong('+')
    }, LONG)
  }
  const up = (): void => clearTimeout(held.current)
  const press = (): void => {
    if (!wasLong.current) onKey(sign)
    wasLong.current = false
  }
  return (
    <button
      type="button"
      class="key"
      data-testid={`keypad-${NAMES[sign] ?? sign}`}
      aria-label={NAMES[sign]}
      onPointerDown={down}
      onPointerUp={up}
      onPointerLeave={up}
      onContextMenu={(event) => event.preventDefault()}
      onClick={press}
    >
      <span class="digit">{sign === '*' ? '∗' : sign}</span>
      <span class="letters">{letters}</span>
    </button>
  )
}
