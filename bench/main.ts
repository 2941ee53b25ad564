import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { benches } from './benches.ts'
import type { LoadName } from './lib/measure.ts'
import { benchStart } from './start.ts'
import { benchUnderLoad } from './underLoad.ts'

// npm run bench -- register|calls|relay|start [--rate N] [--seconds N] [--runs N] [--json]

const usage = `usage: bench ${Object.keys(benches).join('|')}|start [--rate N] [--seconds N] [--runs N] [--json]`

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rate: { type: 'string' },
    seconds: { type: 'string' },
    runs: { type: 'string', default: '3' },
    json: { type: 'boolean' },
  },
})
const [name = ''] = positionals
if (name !== 'start' && !isBench(name)) {
  console.error(usage)
  process.exit(2)
}
const runs = Number(values.runs)
const bench = name === 'start' ? null : benches[name]
const { report, text } = bench
  ? await benchUnderLoad(bench, Number(values.rate ?? bench.rate), Number(values.seconds ?? bench.seconds), runs)
  : await benchStart(runs)
const machine = { node: process.version, cores: availableParallelism(), cpu: cpus()[0]?.model ?? null }
console.log(values.json ? JSON.stringify({ bench: name, machine, ...report }, null, 2) : `${name}: ${text}`)

function isBench(word: string): word is LoadName {
  return Object.hasOwn(benches, word)
}
