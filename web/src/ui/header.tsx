import type { JSX } from 'preact'
import type { Line } from '../phone/state.ts'
import { IconButton } from './button.tsx'
import type { Shell } from './shell.ts'
import { useNow } from './useNow.ts'
import { lineInWords } from './words.ts'

interface HeaderProps {
  readonly shell: Shell
  readonly line: Line
  onSettings(): void
}

/** Who is signed in, whether the server is there, and the way to settings and out. */
export function Header({ shell, line, onSettings }: HeaderProps): JSX.Element {
  const now = useNow()
  const user = line.at === 'signed-out' ? '' : line.user
  return (
    <header class="top">
      <h1 class="sr-only">Offhook phone</h1>
      <img src="/icon.svg" alt="" width="32" height="32" />
      <p class="who">
        <strong data-testid="user">{user}</strong>
        <span class={`status ${line.at}`} data-testid="status" data-state={line.at} role="status">
          {lineInWords(line, now)}
        </span>
      </p>
      <IconButton icon="settings" label="Settings" id="settings-open" onPress={onSettings} />
      <IconButton icon="leave" label="Sign out" id="logout" onPress={shell.signOut} />
    </header>
  )
}
