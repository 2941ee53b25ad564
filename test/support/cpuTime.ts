/**
 * How long `run` takes this process at best of three, ms of CPU: what is slow is slow every time, while a busy machine
 * pauses us now and then.
 */
export function cpuTime(run: () => unknown): number {
  let best = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < 3; attempt++) {
    const before = process.cpuUsage()
    run()
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, (user + system) / 1000)
  }
  return best
}
