import { readdirSync, readFileSync } from 'node:fs'

/** The two RFCs of torture messages, whose files lie in `test/fixtures`. */
export type Corpus = 'rfc4475' | 'rfc5118'

function folder(corpus: Corpus): URL {
  return new URL(`../fixtures/${corpus}/`, import.meta.url)
}

/** The names of all messages of a corpus, sorted. */
export function corpusNames(corpus: Corpus): string[] {
  return readdirSync(folder(corpus))
    .filter((file) => file.endsWith('.dat'))
    .map((file) => file.slice(0, -'.dat'.length))
    .sort()
}

/** One message as it would be on the wire: see the READMEs of the fixtures for what has to be mended. */
export function corpusMessage(corpus: Corpus, name: string): Buffer {
  const bytes = readFileSync(new URL(`${name}.dat`, folder(corpus)))
  return corpus === 'rfc4475' ? bytes : mended(bytes.toString('latin1'))
}

/** With the line ends and lengths of the wire. */
function mended(archived: string): Buffer {
  const text = archived.replaceAll('\n', '\r\n')
  const [head = '', body = ''] = text.split('\r\n\r\n')
  return Buffer.from(text.replace(head, head.replace(/(?<=Content-Length: )[0-9]+/, String(body.length))), 'latin1')
}
