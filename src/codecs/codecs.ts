import type { Codec } from './codec.ts'
import { pcma, pcmu } from './g711.ts'
import { g722 } from './g722.ts'

const byName: ReadonlyMap<string, Codec> = new Map([
  ['pcmu/8000/1', pcmu],
  ['pcma/8000/1', pcma],
  ['g722/8000/1', g722],
])

export function codecNamed(codec: string, _fmtp: string | null = null, _wantedRate?: number): Codec | null {
  return byName.get(codec) ?? null
}
