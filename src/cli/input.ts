/** What stands on the first line of an input. */
export async function firstLine(input: AsyncIterable<Uint8Array | string>): Promise<string> {
  let text = ''
  for await (const chunk of input) {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')
    if (text.includes('\n')) break
  }
  return text.split('\n', 1)[0]?.replace(/\r$/, '') ?? ''
}
