/** The microphone could not be had; `kind` is the browser's name for why, or `InsecurePage`. */
export class MicrophoneError extends Error {
  readonly kind: string

  constructor(kind: string) {
    super(`no microphone: ${kind}`)
    this.kind = kind
  }
}

/**
 * Opens the microphone with the echo taken out, which people with loudspeakers need. `device` is null for the system's
 * choice; one that is gone counts as null. Rejects with a MicrophoneError.
 */
export async function openMicrophone(device: string | null): Promise<MediaStream> {
  // Pages that came by http:// have no such thing.
  if (!navigator.mediaDevices) throw new MicrophoneError('InsecurePage')
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: constraints(device) })
  } catch (error) {
    const kind = error instanceof DOMException ? error.name : 'unknown'
    if (device !== null && (kind === 'OverconstrainedError' || kind === 'NotFoundError')) return openMicrophone(null)
    throw new MicrophoneError(kind)
  }
}

function constraints(device: string | null): MediaTrackConstraints {
  const voice = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }
  return device === null ? voice : { ...voice, deviceId: { exact: device } }
}

/** Asks for leave to use the microphone, before the first call needs it. Gives what is wrong with it, as a MicrophoneError's kind. */
export async function askForMicrophone(): Promise<string | null> {
  try {
    stop(await openMicrophone(null))
    return null
  } catch (error) {
    return error instanceof MicrophoneError ? error.kind : 'unknown'
  }
}

/** Lets go of a microphone. */
export function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop()
}
