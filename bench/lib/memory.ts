import { readFileSync } from 'node:fs'

/** Resident memory of process `pid`, MB: VmRSS of proc(5). */
export function residentMemory(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1024
}

/** Watches the resident memory of process `pid` until it is told to stop; then gives the most it saw, MB. */
export function watchMemory(pid: number): () => number {
  let most = 0
  const look = () => {
    most = Math.max(most, residentMemory(pid))
  }
  const timer = setInterval(look, 100)
  return () => {
    clearInterval(timer)
    look()
    return most
  }
}
