import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Line } from '../phone/state.ts'
import { ProblemNote } from './notes.tsx'
import type { Shell } from './shell.ts'

/** The form by which a person signs in. */
export function Login({ shell, line }: { readonly shell: Shell; readonly line: Line }): JSX.Element {
  const [user, setUser] = useState('')
  const [password, setPassword] = useState('')
  const [stay, setStay] = useState(false)
  const busy = line.at === 'signing-in'
  const submit = (event: Event): void => {
    event.preventDefault()
    shell.tones.unlock()
    if (user.trim() !== '' && password !== '') shell.signIn(user.trim(), password, stay)
  }
  return (
    <main class="login">
      <img class="login-mark" src="/icon.svg" alt="" width="72" height="72" />
      <h1>Offhook</h1>
      <p class="quiet">Call and be called from this browser, as on any phone.</p>
      <form class="card" onSubmit={submit}>
        {line.at === 'signed-out' && line.problem && <ProblemNote problem={line.problem} />}
        <Field label="User" id="login-user" name="username" placeholder="101" value={user} setValue={setUser} />
        <Field
          label="Password"
          id="login-password"
          name="current-password"
          type="password"
          value={password}
          setValue={setPassword}
        />
        <StayChoice stay={stay} setStay={setStay} />
        <button class="primary" type="submit" data-testid="login-submit" disabled={busy}>
          {busy ? 'Signing in …' : 'Sign in'}
        </button>
      </form>
      <p class="quiet small">
        Does the browser warn of this page? <a href="/ca">Install the server’s certificate once.</a>
      </p>
    </main>
  )
}

interface FieldProps {
  readonly label: string
  readonly id: string
  /** What password managers know it by. */
  readonly name: 'username' | 'current-password'
  readonly type?: 'text' | 'password'
  readonly placeholder?: string
  readonly value: string
  setValue(value: string): void
}

function Field({ label, id, name, type = 'text', placeholder, value, setValue }: FieldProps): JSX.Element {
  return (
    <label>
      {label}
      <input
        data-testid={id}
        name={name}
        type={type}
        autocomplete={name}
        autocapitalize="none"
        spellcheck={false}
        required
        placeholder={placeholder}
        value={value}
        onInput={({ currentTarget }) => setValue(currentTarget.value)}
      />
    </label>
  )
}

function StayChoice({ stay, setStay }: { readonly stay: boolean; setStay(stay: boolean): void }): JSX.Element {
  return (
    <label class="check">
      <input
        data-testid="login-stay"
        type="checkbox"
        checked={stay}
        onChange={({ currentTarget }) => setStay(currentTarget.checked)}
      />
      Stay signed in on this device
    </label>
  )
}
