const cell = new Int32Array(new SharedArrayBuffer(4))
/** What is received meanwhile is noticed so much later, ms. */
const NAP = 0.3

/**
 * Runs `unit(n)` `rate` times a second, evenly spread, `total` times; a unit that comes late does not put off those after
 * it. Resolves with each one's lateness in ms when the last has run: the generator's own error. `naps`: it leaves the core to
 * others between units, and does not turn the loop for the last stretch.
 */
export function pace(rate: number, total: number, unit: (n: number) => void, naps = false): Promise<number[]> {
  const interval = 1000 / rate
  const start = performance.now()
  const lateness: number[] = []
  return new Promise((resolve) => {
    const tick = () => {
      const now = performance.now()
      for (let due = start + lateness.length * interval; due <= now && lateness.length < total; due += interval) {
        lateness.push(now - due)
        unit(lateness.length - 1)
      }
      if (lateness.length === total) resolve(lateness)
      // A timer is late by up to a millisecond: turn the loop for the last stretch.
      else if (start + lateness.length * interval - performance.now() > 2) setTimeout(tick, 1)
      else {
        if (naps) Atomics.wait(cell, 0, 0, NAP)
        setImmediate(tick)
      }
    }
    tick()
  })
}
