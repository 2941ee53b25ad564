import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { benches } from './benches.ts'
import type { LoadName, Measured } from './lib/measure.ts'

// npm run bench -- register|calls|relay [--rate N] [--seconds N] [--json]

const usage = `usage: bench ${Object.keys(benches).join('|')} [--rate N] [--seconds N] [--json]`

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rate: { type: 'string' }, seconds: { type: 'string' }, json: { type: 'boolean' } },
})
const [name = ''] = positionals
if (!isBench(name)) {
  console.error(usage)
  process.exit(2)
}
const bench = benches[name]
const rate = Number(values.rate ?? bench.rate)
const seconds = Number(values.seconds ?? bench.seconds)
const offhook = side(await bench.offhook(rate, seconds))
const floor = side(await bench.floor(rate, seconds))
const timesFloor = round(offhook.cpu / floor.cpu)
const machine = { node: process.version, cores: availableParallelism(), cpu: cpus()[0]?.model ?? null }
const units = { rate: bench.rateIs, cpu: bench.cpuIs, times: 'ms' }
console.log(
  values.json
    ? JSON.stringify({ bench: name, rate, seconds, units, machine, offhook, floor, timesFloor }, null, 2)
    : [
        `${name}: ${rate} ${bench.rateIs}, ${seconds} s`,
        text('offhook', offhook),
        text('floor', floor),
        `${timesFloor} × the floor`,
      ].join('\n'),
)

type Side = ReturnType<typeof side>

function side(measured: Measured) {
  const { started, completed, latency, lateness } = measured.load
  return { cpu: round(bench.cpu(measured, rate)), started, completed, latency, generatorLateness: lateness }
}

function text(who: string, { cpu, started, completed, latency, generatorLateness }: Side): string {
  const times = Object.entries({ ...latency, 'generator late': generatorLateness })
  const lines = times.map(
    ([what, { p50, p95, p99, max }]) => `  ${what}: p50 ${p50}, p95 ${p95}, p99 ${p99}, max ${max} ms`,
  )
  return [`${who}: ${cpu} ${bench.cpuIs}; ${completed} of ${started} done`, ...lines].join('\n')
}

function isBench(word: string): word is LoadName {
  return Object.hasOwn(benches, word)
}

function round(number: number): number {
  return Math.round(number * 100) / 100
}
