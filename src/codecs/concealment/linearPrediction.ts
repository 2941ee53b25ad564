/**
 * Linear prediction of speech: the spectral envelope of a stretch of sound as an all-pole filter, which for a few tens of ms
 * is what the mouth does, told apart from what the throat does (the residual).
 */

/** How far the envelope's peaks are widened, Hz, lest a filter made of one stretch rings on another. */
const LAG_WINDOW = 40
/** White noise laid under everything, -40 dB, so that sound of few frequencies still makes a stable filter. */
const WHITE_NOISE = 1.0001

/** Autocorrelation of `samples` (`sampleRate` Hz) at lags 0 to `out.length` - 1, of which `predictor` makes a stable filter. */
export function autocorrelation(samples: Float32Array, sampleRate: number, out: Float64Array): void {
  for (let lag = 0; lag < out.length; lag++) {
    let sum = 0
    for (let at = lag; at < samples.length; at++) sum += (samples[at] ?? 0) * (samples[at - lag] ?? 0)
    out[lag] = sum * Math.exp(-0.5 * ((2 * Math.PI * LAG_WINDOW * lag) / sampleRate) ** 2)
  }
  // One more than nothing, so that silence too has an envelope.
  out[0] = (out[0] ?? 0) * WHITE_NOISE + 1 + 0.001 * samples.length
}

/**
 * The filter that best predicts a sample from those before it, by Levinson's and Durbin's recursion: `a[0]` is 1, and the sum
 * of `a[k]` · `x[n - k]` is what prediction leaves of `x`. Gives the energy of that, where `correlation[0]` is the sound's.
 */
export function predictor(correlation: Float64Array, a: Float64Array): number {
  a.fill(0)
  a[0] = 1
  let error = correlation[0] ?? 0
  for (let order = 1; order < a.length; order++) {
    let sum = correlation[order] ?? 0
    for (let k = 1; k < order; k++) sum += (a[k] ?? 0) * (correlation[order - k] ?? 0)
    const reflection = -sum / error
    for (let k = 1; k <= order >> 1; k++) {
      const [low, high] = [a[k] ?? 0, a[order - k] ?? 0]
      a[k] = low + reflection * high
      a[order - k] = high + reflection * low
    }
    a[order] = reflection
    error *= 1 - reflection * reflection
  }
  return error
}

/** What prediction by `a` leaves of `samples` from `from` to `to`, at the same places in `out`. Looks back `a.length` - 1. */
export function residual(samples: Float32Array, from: number, to: number, a: Float64Array, out: Float32Array): void {
  for (let at = from; at < to; at++) {
    let sum = 0
    for (let k = 0; k < a.length; k++) sum += (a[k] ?? 0) * (samples[at - k] ?? 0)
    out[at] = sum
  }
}
