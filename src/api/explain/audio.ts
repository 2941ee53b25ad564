import type { CallDetailView, LegView } from '../operations.ts'
import { spanWords } from './words.ts'

/** A party that says nothing for so long before the end, ms, was probably gone. */
const LONG_SILENCE = 10_000

/** Before so long, ms, nothing can be said of audio that did not come. */
const SHORT_TALK = 2_000

const WENT_DIRECTLY =
  'The audio went directly from browser to browser, as both users may (media: direct), so nothing is known of it here.'

/** How the audio of a call that was answered went, in sentences; none where nothing is known of it. */
export function audio(call: CallDetailView): string[] {
  if (call.answeredAt === null) return []
  if (call.legs.some(({ way }) => way === 'direct')) return [WENT_DIRECTLY]
  return call.legs.flatMap((leg) => (leg.stats === null ? [] : legAudio(call, leg, leg.stats)))
}

function legAudio(call: CallDetailView, leg: LegView, stats: NonNullable<LegView['stats']>): string[] {
  const { received, lost, jitter, silentFor, dropped } = stats
  const listener = otherParty(call, leg)
  if (received.packets === 0 && (call.duration ?? 0) * 1000 < SHORT_TALK) return []
  if (received.packets === 0) {
    const held = call.events.some((event) => event.type === 'media' && event.change === 'held')
    const why = droppedWords(dropped) || (held ? ' The call was on hold for some of the time.' : '')
    return [`No audio came from ${leg.user}${listener === null ? '' : `: ${listener} heard nothing`}.${why}`]
  }
  const codec = (leg.codec ?? stats.codec)?.split('/')[0]?.toUpperCase()
  const quality = jitter === null ? '' : `, jitter ${jitter.toFixed(1)} ms`
  const share = ((100 * lost) / (received.packets + lost)).toFixed(1)
  const sentences = [
    `${leg.user} sent ${codec ?? 'audio'}: ${packets(received.packets)}, ${lost === 0 ? 'none' : `${share} %`} lost${quality}.`,
  ]
  if (silentFor !== null && silentFor >= LONG_SILENCE) {
    sentences.push(
      `The last that came from ${leg.user} came ${spanWords(silentFor)} before ${call.endedAt ? 'the end' : 'now'}.`,
    )
  }
  return sentences
}

function otherParty(call: CallDetailView, leg: LegView): string | null {
  return call.legs.find((other) => other !== leg && (other.role === 'caller') !== (leg.role === 'caller'))?.user ?? null
}

function packets(count: number): string {
  return count === 1 ? '1 packet' : `${count} packets`
}

// Why packets that did come were not taken says where to look.
function droppedWords({ source, format, direction, forged }: NonNullable<LegView['stats']>['dropped']): string {
  if (forged > 0) return ` ${packets(forged)} came that were not sealed with the keys of this call.`
  if (source > 0) return ` ${packets(source)} came from an address that is not the phone's.`
  if (format > 0) return ` ${packets(format)} came in a codec that was not agreed.`
  if (direction > 0) return ` ${packets(direction)} came while the audio was on hold.`
  return ''
}
