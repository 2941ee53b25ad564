import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'

/** CPU time that all threads of process `pid` have used so far, user and system, ms: fields 14 and 15 of proc(5). */
export function cpuTime(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  // The second field is the name in parentheses, and may itself hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond
}

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'latin1' }))

/** How long each core was busy so far with whatever there was, this machine's other programs included, and how long it has counted, ms. */
export function coreTimes(): readonly { readonly busy: number; readonly total: number }[] {
  return cpus().map(({ times: { user, nice, sys, idle, irq } }) => {
    const busy = user + nice + sys + irq
    return { busy, total: busy + idle }
  })
}

/** Ties the first thread of process `pid` to a core, and leaves the others where they are: of a server, that which signals. */
export function moveFirstThread(pid: number, core: 0 | 1): void {
  if (availableParallelism() > 1) execFileSync('taskset', ['-p', '-c', String(core), String(pid)], { stdio: 'ignore' })
}

/** The start of a command line that ties a program to one core: what is measured to 0, the load to 1, where there are two. */
export function onCore(core: 0 | 1): string[] {
  return availableParallelism() > 1 ? ['taskset', '-c', String(core)] : []
}
