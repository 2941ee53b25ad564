import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Device } from '../media/devices.ts'
import { MicrophoneError, openMicrophone, stop } from '../media/microphone.ts'
import { microphoneProblem } from '../problems.ts'
import type { Settings } from '../store/settings.ts'
import { IconButton, TextButton } from './button.tsx'
import { Meter } from './meters.tsx'
import { IS_IOS } from './platform.ts'
import type { Shell } from './shell.ts'
import { useValue } from './useValue.ts'

/** The dialog with what a person can choose on this device. */
export function SettingsDialog({ shell, onClose }: { readonly shell: Shell; onClose(): void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
    void shell.devices.refresh()
  }, [])
  const ring = (): void => {
    shell.tones.unlock()
    shell.tones.set('ring')
    setTimeout(() => shell.tones.set('none'), 2000)
  }
  return (
    <dialog ref={dialog} class="settings" aria-label="Settings" data-testid="settings" onClose={onClose}>
      <header>
        <h2>Settings</h2>
        <IconButton
          icon="close"
          label="Close the settings"
          id="settings-close"
          onPress={() => dialog.current?.close()}
        />
      </header>
      <Sound shell={shell} />
      <h3>Ringing</h3>
      <DeviceChoice shell={shell} label="Rings on" id="settings-ringer" field="ringer" of="speakers" />
      <Slider shell={shell} label="Loudness of the ring" id="settings-ring-volume" field="ringVolume" />
      <TextButton id="settings-ring" onPress={ring}>
        Ring once
      </TextButton>
      <Notifications shell={shell} />
      <Install shell={shell} />
    </dialog>
  )
}

function Sound({ shell }: { readonly shell: Shell }): JSX.Element {
  return (
    <>
      <h3>Sound</h3>
      <DeviceChoice shell={shell} label="Microphone" id="settings-microphone" field="microphone" of="microphones" />
      <MicrophoneTest shell={shell} />
      <DeviceChoice shell={shell} label="Calls are heard on" id="settings-speaker" field="speaker" of="speakers" />
      <Slider shell={shell} label="Loudness of calls" id="settings-volume" field="volume" />
    </>
  )
}

interface DeviceChoiceProps {
  readonly shell: Shell
  readonly label: string
  readonly id: string
  readonly field: 'microphone' | 'speaker' | 'ringer'
  readonly of: 'microphones' | 'speakers'
}

/** Nothing where there is nothing to choose. */
function DeviceChoice({ shell, label, id, field, of }: DeviceChoiceProps): JSX.Element | null {
  const settings = useValue(shell.settings)
  const all: readonly Device[] = useValue(shell.devices)[of]
  if (all.length === 0) return null
  const chosen = all.some((one) => one.id === settings[field]) ? (settings[field] ?? '') : ''
  return (
    <label>
      {label}
      <select
        data-testid={id}
        value={chosen}
        onChange={({ currentTarget }) => change(shell, { [field]: currentTarget.value || null })}
      >
        <option value="">As the system has it</option>
        {all.map((device) => (
          <option key={device.id} value={device.id}>
            {device.label}
          </option>
        ))}
      </select>
    </label>
  )
}

interface SliderProps {
  readonly shell: Shell
  readonly label: string
  readonly id: string
  readonly field: 'volume' | 'ringVolume'
}

function Slider({ shell, label, id, field }: SliderProps): JSX.Element {
  const settings = useValue(shell.settings)
  return (
    <label>
      {label}
      <input
        data-testid={id}
        type="range"
        min="0"
        max="1"
        step="0.05"
        value={settings[field]}
        onInput={({ currentTarget }) => change(shell, { [field]: Number(currentTarget.value) })}
      />
    </label>
  )
}

function change({ settings }: Shell, part: Partial<Settings>): void {
  settings.set({ ...settings.get(), ...part })
}

/** The microphone's level, as long as it is asked for: does it hear me? */
function MicrophoneTest({ shell }: { readonly shell: Shell }): JSX.Element {
  const { microphone } = useValue(shell.settings)
  const [on, setOn] = useState(false)
  const [problem, setProblem] = useState('')
  const fail = (kind: string): void => {
    const { text, mend } = microphoneProblem(kind)
    setProblem(`${text} ${mend}`)
    setOn(false)
  }
  const stream = useMicrophone(on, microphone, fail)
  useEffect(() => {
    // Only now have devices their names.
    if (stream) void shell.devices.refresh()
  }, [stream])
  return (
    <>
      {stream && <Meter label="Level" id="settings-meter" context={shell.tones.context} stream={stream} />}
      <TextButton
        id="settings-try-microphone"
        onPress={() => {
          shell.tones.unlock()
          setProblem('')
          setOn(!on)
        }}
      >
        {on ? 'Stop the trial' : 'Try the microphone'}
      </TextButton>
      {problem && <p role="alert">{problem}</p>}
    </>
  )
}

/** The microphone while it is wanted `on`; null before it is open. `fail` takes a MicrophoneError's kind. */
function useMicrophone(on: boolean, device: string | null, fail: (kind: string) => void): MediaStream | null {
  const [stream, setStream] = useState<MediaStream | null>(null)
  useEffect(() => {
    if (!on) return undefined
    let over = false
    const opening = openMicrophone(device)
    opening
      .then((opened) => {
        if (!over) setStream(opened)
      })
      .catch((error: unknown) => fail(error instanceof MicrophoneError ? error.kind : 'unknown'))
    return () => {
      over = true
      setStream(null)
      opening.then(stop).catch(() => {})
    }
  }, [on, device])
  return stream
}

function Notifications({ shell }: { readonly shell: Shell }): JSX.Element {
  const permission = useValue(shell.notifications)
  return (
    <>
      <h3>While another tab is in front</h3>
      {permission === 'granted' && <p>Calls are announced by a notification and in the tab’s title.</p>}
      {permission === 'denied' && (
        <p>
          Calls are announced in the tab’s title. To get notifications, allow them for this page in the browser’s
          settings.
        </p>
      )}
      {permission === 'default' && (
        <TextButton id="settings-notifications" onPress={shell.askForNotifications}>
          Turn on notifications
        </TextButton>
      )}
    </>
  )
}

function Install({ shell }: { readonly shell: Shell }): JSX.Element {
  const install = useValue(shell.install)
  return (
    <>
      <h3>As an app</h3>
      {install ? (
        <TextButton id="settings-install" onPress={install}>
          Install
        </TextButton>
      ) : (
        <p>
          Where its certificate is trusted, browsers can install this page by their menu (“Install”, or “Add to Home
          Screen”).
        </p>
      )}
      <p class={IS_IOS ? 'emphasis' : 'quiet small'}>
        iPhone and iPad stop this page when it is not in front or the screen is locked: it then neither rings nor
        notifies, and a call may fall silent. Keep it open while you expect calls, or use a SIP app there.
      </p>
    </>
  )
}
