import { readlinkSync } from 'node:fs'
import { getPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { stepBack } from '../../src/platform/threadPriority.ts'

const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
const first = getPriority(thread)
stepBack(5)
parentPort?.postMessage({ first, last: getPriority(thread) })
