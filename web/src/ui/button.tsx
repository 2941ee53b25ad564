import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Icon, type IconName } from './icons.tsx'

interface RoundButtonProps {
  readonly icon: IconName
  readonly label: string
  readonly id: string
  readonly kind?: 'plain' | 'go' | 'stop'
  /** For a button that is in or out. */
  readonly pressed?: boolean
  readonly disabled?: boolean
  /** Takes the focus when it appears. */
  readonly focused?: boolean
  onPress(): void
}

/** A round button with a picture and its name beneath it. */
export function RoundButton(props: RoundButtonProps): JSX.Element {
  const { icon, label, id, kind = 'plain', pressed, disabled = false, focused = false, onPress } = props
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    // When all is drawn: what lies under a dialog that is going away cannot have it yet.
    if (focused) button.current?.focus()
  }, [])
  return (
    <div class="round">
      <button
        type="button"
        class={`round-button ${kind}`}
        data-testid={id}
        aria-label={label}
        aria-pressed={pressed}
        disabled={disabled}
        onClick={onPress}
        ref={button}
      >
        <Icon name={icon} />
      </button>
      <span aria-hidden="true">{label}</span>
    </div>
  )
}

interface IconButtonProps {
  readonly icon: IconName
  readonly label: string
  readonly id: string
  onPress(): void
}

/** A small button that is a picture alone. */
export function IconButton({ icon, label, id, onPress }: IconButtonProps): JSX.Element {
  return (
    <button type="button" class="icon-button" data-testid={id} aria-label={label} title={label} onClick={onPress}>
      <Icon name={icon} />
    </button>
  )
}

/** A button of words. */
export function TextButton(props: {
  readonly id: string
  readonly children: ComponentChildren
  onPress(): void
}): JSX.Element {
  return (
    <button type="button" class="text-button" data-testid={props.id} onClick={props.onPress}>
      {props.children}
    </button>
  )
}
