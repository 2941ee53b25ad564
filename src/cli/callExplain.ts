import type { Command } from 'commander'
import { explain } from '../api/explain/explain.ts'
import type { CallDetailView } from '../api/operations.ts'
import { systemClock } from '../platform/systemClock.ts'
import { wantsJson } from './options.ts'
import { withOperations } from './reach.ts'
import type { Terminal } from './terminal.ts'
import { json, localTime, plain } from './text.ts'

/** `offhook call explain ID` */
export async function explainCall(id: string, command: Command, terminal: Terminal): Promise<void> {
  const call = await withOperations(command, terminal, (operations) => operations.call(id))
  const now = systemClock.wall().getTime()
  terminal.out(wantsJson(command) ? json({ ...call, explanation: explain(call, now) }) : explainText(call, now))
}

/** The explanation for a terminal: the time of day, the time since the call came in, a sentence. */
export function explainText(call: CallDetailView, now: number): string {
  const { story, audio } = explain(call, now)
  const started = Date.parse(call.startedAt)
  const offsets = story.map(({ at }) => `+${(at / 1000).toFixed(1)} s`)
  const width = Math.max(...offsets.map((offset) => offset.length))
  const lines = story.map(({ at, text }, index) => {
    const time = localTime(new Date(started + at).toISOString()).slice(-8)
    return `  ${time}  ${offsets[index]?.padStart(width)}  ${plain(text)}\n`
  })
  const heard = audio.map((sentence) => `  ${plain(sentence)}\n`)
  const title = `call ${call.id}  ${call.outcome ?? call.state}, ${localTime(call.startedAt)}\n`
  return [title, ...lines, ...(heard.length > 0 ? ['\n', ...heard] : [])].join('')
}
