import { useEffect, useState } from 'preact/hooks'
import type { Value } from '../store/value.ts'

/** The value as it is now; the component is drawn anew when it changes. */
export function useValue<T>(of: Value<T>): T {
  const [current, set] = useState<T>(of.get())
  useEffect(() => {
    set(() => of.get())
    return of.subscribe((next) => set(() => next))
  }, [of])
  return current
}
