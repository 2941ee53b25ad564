import { useEffect, useState } from 'preact/hooks'

/** The time, ms since 1970, anew each second. */
export function useNow(): number {
  const [now, set] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => set(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return now
}
