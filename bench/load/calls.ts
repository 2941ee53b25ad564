import { callees } from '../lib/callees.ts'
import { type Callers, callers } from '../lib/callers.ts'
import { runLoad, settled, user } from '../lib/loadProcess.ts'
import { pace } from '../lib/pacer.ts'
import { percentiles } from '../lib/percentiles.ts'
import { registrations } from '../lib/registrations.ts'

// `rate` calls a second between 100 callers and 100 callees: set up, up for half a second without media, hung up. In the
// background other users are registered and calls to the echo are up.

/** Calls before the measurement, and at least how many a second: V8 compiles what it runs often, which takes it a while. */
const warmUp = (rate: number): number => Math.min(2_000, 20 * rate)
const warmUpRate = 200
const phones = 100
const upFor = 500

/** How fast the background is made, a second. */
const registrationRate = 1_500
const callsUpRate = 200

await runLoad(async ({ server, rate, seconds, background }) => {
  await callees(
    server,
    Array.from({ length: phones }, (_, i) => user(phones + i)),
    () => 20_000,
  )
  const { place } = await callers(server)
  await register(server, background?.registered ?? 0)
  await callEcho(place, background?.callsUp ?? 0)
  const run = async (total: number, rate: number) => {
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
  await run(warmUp(rate), Math.max(rate, warmUpRate))
  return async () => {
    const total = rate * seconds
    const { setup, release, lateness } = await run(total, rate)
    const latency = { setup: percentiles(setup), release: percentiles(release) }
    return { started: total, completed: release.length, latency, lateness: percentiles(lateness) }
  }
})

async function register(server: number, total: number): Promise<void> {
  const { register } = await registrations(server)
  let registered = 0
  await pace(registrationRate, total, (n) => register(user(2 * phones + n), () => registered++))
  await settled(5000, () => registered === total)
  if (registered < total) throw new Error(`${registered} of ${total} are registered`)
}

async function callEcho(place: Callers['place'], total: number): Promise<void> {
  let up = 0
  await pace(callsUpRate, total, (n) =>
    place({ who: user(n % phones), to: '*43', rtpPort: 20_000, answered: () => up++, ended() {} }),
  )
  await settled(5000, () => up === total)
  if (up < total) throw new Error(`${up} of ${total} calls are up`)
}
