import { corpusMessage, corpusNames } from '../support/corpus.ts'
import { seededRandom } from '../support/virtual/random.ts'

/** Named in the titles of the tests that use it: with it the same octets are sent again. */
export const SEED = 20_261_120

/** Every message of both RFCs. */
export const corpus: readonly Buffer[] = (['rfc4475', 'rfc5118'] as const).flatMap((rfc) =>
  corpusNames(rfc).map((name) => corpusMessage(rfc, name)),
)

/** `count` of these messages, each with one octet set to another value. */
export function flipped(messages: readonly Buffer[], count: number): Buffer[] {
  const random = seededRandom(SEED)
  return Array.from({ length: count }, () => {
    const bytes = Buffer.from(messages[random.integer(messages.length)] ?? Buffer.of(0))
    const at = random.integer(bytes.length)
    bytes[at] = (bytes[at] ?? 0) ^ (1 + random.integer(255))
    return bytes
  })
}
