/** Frames a second are too many for a meter: so often it is read, ms. */
const EVERY = 50
/** What counts as nothing, and as all there is, dB relative to full scale. */
const FLOOR = -60
const CEILING = -12

/**
 * Tells how loud `stream` is, 0–1, twenty times a second, until what it gives back is called. A rise shows at once and
 * a fall slowly, as on any meter.
 */
export function meter(context: AudioContext, stream: MediaStream, show: (level: number) => void): () => void {
  if (stream.getAudioTracks().length === 0) return () => {}
  const source = context.createMediaStreamSource(stream)
  const analyser = context.createAnalyser()
  analyser.fftSize = 1024
  source.connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  let shown = 0
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples)
    shown = Math.max(levelOf(samples), shown * 0.8)
    show(shown < 0.01 ? 0 : shown)
  }, EVERY)
  return () => {
    clearInterval(timer)
    source.disconnect()
  }
}

function levelOf(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
  const decibels = 10 * Math.log10(Math.max(power, 1e-12))
  return Math.min(1, Math.max(0, (decibels - FLOOR) / (CEILING - FLOOR)))
}
