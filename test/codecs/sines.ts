/** Whatever can be read frame by frame. */
interface Source {
  read(out: Int16Array): boolean
}

/** The next `count` samples of a source. */
export function samplesOf(source: Source, count: number): Int16Array {
  const pcm = new Int16Array(count)
  source.read(pcm)
  return pcm
}

/** The amplitude of the sine of `hz` in `pcm`. */
export function sineIn(pcm: Int16Array, hz: number, rate: number): number {
  let [inPhase, quadrature] = [0, 0]
  for (let i = 0; i < pcm.length; i++) {
    inPhase += (pcm[i] ?? 0) * Math.sin((2 * Math.PI * hz * i) / rate)
    quadrature += (pcm[i] ?? 0) * Math.cos((2 * Math.PI * hz * i) / rate)
  }
  return (2 * Math.hypot(inPhase, quadrature)) / pcm.length
}
