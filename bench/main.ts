import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { type Bench, benches, type FlooredName, mixedRelay, transcoding } from './benches.ts'
import { benchGrowth } from './growth.ts'
import { benchJitter } from './jitter.ts'
import { TooLate } from './lib/rounds.ts'
import { benchPlc } from './plc.ts'
import { benchStart } from './start.ts'
import { benchStorm } from './storm.ts'
import { benchUnderLoad } from './underLoad.ts'
import { benchWebRtc } from './webrtc.ts'

// npm run bench -- register|calls|relay|transcode|webrtc|start|storm|growth|jitter [--rate N] [--seconds N] [--runs N] [--json]
//   relay --codecs mixed: PCMU on one side, PCMA on the other
//   transcode --busy N: N registrations a second at the same time; --fec: the Opus phones ask for it;
//     --apart: signalling shares the core of the load, not that of the media thread
//   webrtc --part setup|calls|relay: of its three parts that alone; --brief: only whether it runs
// npm run bench -- plc --wav FILE [--loss 0.05] [--burst 1.5] [--seed 1] [--codec pcmu|pcma|g722] [--out FILE] [--json]

const names = [...Object.keys(benches), 'start', 'storm', 'growth', 'jitter'].join('|')
const usage = `usage: bench ${names} [--rate N] [--seconds N] [--runs N] [--json]
       bench relay [--codecs mixed], bench transcode [--busy N] [--fec] [--apart], bench webrtc [--part setup|calls|relay] [--brief]
       bench plc --wav FILE [--loss N] [--burst N] [--seed N] [--codec pcmu|pcma|g722] [--out FILE] [--json]`

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rate: { type: 'string' },
    seconds: { type: 'string' },
    runs: { type: 'string', default: '3' },
    json: { type: 'boolean' },
    wav: { type: 'string' },
    loss: { type: 'string', default: '0.05' },
    burst: { type: 'string', default: '1.5' },
    seed: { type: 'string', default: '1' },
    codec: { type: 'string', default: 'pcmu' },
    out: { type: 'string' },
    codecs: { type: 'string' },
    busy: { type: 'string', default: '0' },
    fec: { type: 'boolean' },
    apart: { type: 'boolean' },
    part: { type: 'string' },
    brief: { type: 'boolean' },
  },
})
const [name = ''] = positionals
const runs = Number(values.runs)
const { report, text } = await run().catch(giveUp)
const machine = { node: process.version, cores: availableParallelism(), cpu: cpus()[0]?.model ?? null }
console.log(values.json ? JSON.stringify({ bench: name, machine, ...report }, null, 2) : `${name}: ${text}`)

function run(): Promise<{ report: object; text: string }> {
  if (!(runs >= 1)) return refuse()
  if (name === 'start') return benchStart(runs)
  if (name === 'storm') return benchStorm(Number(values.rate ?? 300))
  if (name === 'growth') return benchGrowth(Number(values.rate ?? 100), runs)
  if (name === 'jitter') return benchJitter(Number(values.seconds ?? 120), runs)
  if (name === 'plc') return conceal()
  if (!isBench(name)) return refuse()
  const bench = chosen(name)
  const [rate, seconds] = [Number(values.rate ?? bench.rate), Number(values.seconds ?? bench.seconds)]
  return name === 'webrtc' ? inParts(rate, seconds) : benchUnderLoad(bench, rate, seconds, runs)
}

function chosen(name: FlooredName): Bench {
  if (name === 'relay' && values.codecs === 'mixed') return mixedRelay
  if (name !== 'transcode') return benches[name]
  const { fec = false, apart = false, busy } = values
  return transcoding({ fec, apart, registrations: Number(busy) })
}

async function inParts(rate: number, seconds: number): Promise<{ report: object; text: string }> {
  const { part, brief = false } = values
  return (await benchWebRtc({ rate, seconds, runs, part, brief })) ?? refuse()
}

async function conceal(): Promise<{ report: object; text: string }> {
  const { loss, burst, seed } = values
  return benchPlc({ ...values, loss: Number(loss), burst: Number(burst), seed: Number(seed) }) ?? refuse()
}

function refuse(): never {
  console.error(usage)
  process.exit(2)
}

function giveUp(error: unknown): never {
  if (!(error instanceof TooLate)) throw error
  console.error(`${name}: ${error.message}`)
  process.exit(1)
}

function isBench(word: string): word is FlooredName {
  return Object.hasOwn(benches, word)
}
