import { readFileSync } from 'node:fs'

/** The packets of an Ogg file (RFC 3533) in the fixtures, without the two headers of Opus (RFC 7845 §3). */
export function packetsOf(name: string): Uint8Array[] {
  const file = new Uint8Array(readFileSync(new URL(`../fixtures/codecs/${name}`, import.meta.url)))
  const packets: Uint8Array[] = []
  let open: number[] = []
  for (let page = 0; page < file.length; ) {
    const segments = file[page + 26] ?? 0
    let at = page + 27 + segments
    for (let nth = 0; nth < segments; nth++) {
      const length = file[page + 27 + nth] ?? 0
      open.push(...file.subarray(at, at + length))
      at += length
      if (length === 255) continue
      packets.push(Uint8Array.from(open))
      open = []
    }
    page = at
  }
  return packets.slice(2)
}
