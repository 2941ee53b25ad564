/** `value`, or the nearest in `low` to `high`. */
export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value
}

/** `value`, or the nearest that 16 bits can hold. */
export function saturate(value: number): number {
  return clamp(value, -32768, 32767)
}
