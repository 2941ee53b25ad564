/** Where the other side is heard. */
export interface Speaker {
  play(stream: MediaStream | null): void
  /** 0–1; iPhones have only the keys on their side for this. */
  setVolume(volume: number): void
  setDevice(device: string | null): void
}

/** An audio element that is not on the page. `onBlocked`: the browser plays nothing before the page is touched. */
export function speaker(onBlocked: () => void): Speaker {
  const audio = new Audio()
  audio.autoplay = true
  return {
    play: (stream) => {
      if (audio.srcObject === stream) return
      audio.srcObject = stream
      if (stream) audio.play().catch((error: unknown) => isBlocked(error) && onBlocked())
    },
    setVolume: (volume) => {
      audio.volume = volume
    },
    setDevice: (device) => void useSink(audio, device),
  }
}

function isBlocked(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'NotAllowedError'
}

/** Sends the sound of `player` to `device`; where that cannot be chosen or is gone, it stays where it is. */
export async function useSink(player: object, device: string | null): Promise<void> {
  if (!hasSink(player)) return
  await player.setSinkId(device ?? '').catch(() => {})
}

function hasSink(player: object): player is { setSinkId(id: string): Promise<void> } {
  return 'setSinkId' in player
}
