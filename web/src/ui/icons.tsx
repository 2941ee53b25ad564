import type { JSX } from 'preact'

const PATHS = {
  call: 'M6.6 3.2c.7-.3 1.5 0 1.8.7l1.2 2.7c.3.6.1 1.3-.4 1.7L8 9.3c1 2.1 2.6 3.7 4.7 4.7l1-1.2c.4-.5 1.1-.7 1.7-.4l2.7 1.2c.7.3 1 1.1.7 1.8-.6 1.8-2.2 2.9-4.1 2.6A13.4 13.4 0 0 1 4 7.3c-.3-1.9.8-3.5 2.6-4.1z',
  keypad: 'M5 5h.01M12 5h.01M19 5h.01M5 12h.01M12 12h.01M19 12h.01M5 19h.01M12 19h.01M19 19h.01',
  mute: 'M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM6 11a6 6 0 0 0 12 0M12 17v4',
  muted:
    'M9 9v2a3 3 0 0 0 4.6 2.5M15 10V6a3 3 0 0 0-5.8-1M6 11a6 6 0 0 0 9.5 4.9M18 11a6 6 0 0 1-.5 2.4M12 17v4M4 4l16 16',
  hold: 'M8 5v14M16 5v14',
  resume: 'M8 5l11 7-11 7z',
  add: 'M12 5v14M5 12h14',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5',
  leave: 'M10 5H6a1 1 0 0 0-1 1v12a1 1 0 0 0 1 1h4M15 8l4 4-4 4M19 12H10',
  erase: 'M9 6h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H9l-5-6zM12 10l4 4M16 10l-4 4',
  incoming: 'M17 7L8 16M8 9v7h7',
  outgoing: 'M7 17l9-9M9 8h7v7',
  missed: 'M4 8l7 7 9-9M4 13V8h5',
  close: 'M6 6l12 12M18 6L6 18',
  volume: 'M5 10v4h3l4 4V6l-4 4zM16 9a4 4 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11',
  recents: 'M12 7v5l3 2M12 3a9 9 0 1 0 9 9 9 9 0 0 0-9-9z',
} as const

export type IconName = keyof typeof PATHS

/** A picture for a button or line that says in words what it is. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class={`icon ${kindOf(name)}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}

function kindOf(name: IconName): string {
  if (name === 'call' || name === 'resume') return 'filled'
  return name === 'keypad' ? 'dotted' : ''
}
