import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** CPU time that all threads of process `pid` have used so far, user and system, ms: fields 14 and 15 of proc(5). */
export function cpuTime(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  // The second field is the name in parentheses, and may itself hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond
}

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'latin1' }))

/** The start of a command line that ties a program to one core: what is measured to 0, the load to 1, where there are two. */
export function onCore(core: 0 | 1): string[] {
  return availableParallelism() > 1 ? ['taskset', '-c', String(core)] : []
}
