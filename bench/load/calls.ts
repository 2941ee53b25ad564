import { callees } from '../lib/callees.ts'
import { callers } from '../lib/callers.ts'
import { runLoad, settled, user } from '../lib/loadProcess.ts'
import { pace } from '../lib/pacer.ts'
import { percentiles } from '../lib/percentiles.ts'

// `rate` calls a second between 100 callers and 100 callees: set up, up for half a second without media, hung up.

const phones = 100
const upFor = 500

await runLoad(async ({ server, rate, seconds }) => {
  await callees(
    server,
    Array.from({ length: phones }, (_, i) => user(phones + i)),
    () => 20_000,
  )
  const { place } = await callers(server)
  const run = async (total: number) => {
    const setup: number[] = []
    const release: number[] = []
    const lateness = await pace(rate, total, (n) =>
      place({
        who: user(n % phones),
        to: user(phones + (n % phones)).user,
        rtpPort: 20_000,
        answered(time, _serverPort, hangUp) {
          setup.push(time)
          setTimeout(hangUp, upFor)
        },
        ended: (time) => release.push(time),
      }),
    )
    await settled(upFor + 2000, () => release.length === total)
    return { setup, release, lateness }
  }
  await run(2 * rate)
  return async () => {
    const total = rate * seconds
    const { setup, release, lateness } = await run(total)
    const latency = { setup: percentiles(setup), release: percentiles(release) }
    return { started: total, completed: release.length, latency, lateness: percentiles(lateness) }
  }
})
