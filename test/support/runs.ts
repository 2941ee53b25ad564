/** How often a property is tried: as often as said in CI, an eighth of that by whoever waits for it. */
export function runs(inCi: number): number {
  return process.env.CI === 'true' ? inCi : Math.ceil(inCi / 8)
}
