import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { meter } from '../media/meter.ts'
import type { Call } from '../phone/state.ts'
import type { Shell } from './shell.ts'

/** How loud both sides of a call are: it shows at a glance whether the microphone works. */
export function Meters({ shell, call }: { readonly shell: Shell; readonly call: Call }): JSX.Element {
  const sound = shell.phone.leg(call.id)?.sound
  const silenced = call.muted || call.heldByMe
  return (
    <div class="meters">
      <Meter
        label="You"
        id="meter-you"
        context={shell.tones.context}
        stream={silenced ? null : (sound?.local ?? null)}
      />
      <Meter label="Them" id="meter-them" context={shell.tones.context} stream={sound?.remote ?? null} />
    </div>
  )
}

interface MeterProps {
  readonly label: string
  readonly id: string
  readonly context: AudioContext
  readonly stream: MediaStream | null
}

/** A bar as long as the stream is loud. It is drawn past the view library, twenty times a second. */
export function Meter({ label, id, context, stream }: MeterProps): JSX.Element {
  const bar = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const show = (level: number): void => {
      bar.current?.style.setProperty('--level', level.toFixed(3))
    }
    show(0)
    return stream ? meter(context, stream, show) : undefined
  }, [stream, context])
  return (
    <div class="meter">
      <span>{label}</span>
      <div class="meter-bar" ref={bar} data-testid={id} role="presentation" />
    </div>
  )
}
