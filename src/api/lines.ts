import { OffhookError } from '../errors.ts'

/** Splits text at line feeds; what follows the last one is dropped. Throws BAD_REQUEST at a line above `limit`. */
export async function* lines(input: AsyncIterable<string>, limit: number): AsyncGenerator<string, void> {
  let parts: string[] = []
  let length = 0
  for await (const chunk of input) {
    let from = 0
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', from)) {
      if (length + end - from > limit) throw tooLong(limit)
      yield parts.join('') + chunk.slice(from, end)
      parts = []
      length = 0
      from = end + 1
    }
    parts.push(chunk.slice(from))
    length += chunk.length - from
    if (length > limit) throw tooLong(limit)
  }
}

function tooLong(limit: number): OffhookError {
  return new OffhookError('BAD_REQUEST', `a line is longer than ${limit} characters; send less in one`)
}
