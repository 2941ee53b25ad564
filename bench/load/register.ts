import { runLoad, settled, user } from '../lib/loadProcess.ts'
import { pace } from '../lib/pacer.ts'
import { percentiles } from '../lib/percentiles.ts'
import { registrations } from '../lib/registrations.ts'

// `rate` registrations a second: REGISTER, 401, REGISTER, 200, of 10,000 users in turn.

await runLoad(async ({ server, rate, seconds }) => {
  const { register } = await registrations(server)
  const run = async (from: number, total: number) => {
    const times: number[] = []
    const lateness = await pace(rate, total, (n) => register(user((from + n) % 10_000), (time) => times.push(time)))
    await settled(2000, () => times.length === total)
    return { times, lateness }
  }
  await run(0, 2 * rate)
  return async () => {
    const total = rate * seconds
    const { times, lateness } = await run(2 * rate, total)
    const latency = { register: percentiles(times) }
    return { started: total, completed: times.length, latency, lateness: percentiles(lateness) }
  }
})
