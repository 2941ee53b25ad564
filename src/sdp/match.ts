import type { CodecFormat } from './description.ts'

/**
 * The a=fmtp parameters that make one encoding name several codecs, because packets differ by them and don't say how: both
 * sides must use the same (RFC 4867 §8.3 for AMR, RFC 5577 for G.722.1). Every other parameter is the two ends' own matter.
 */
const configuration: ReadonlyMap<string, readonly string[]> = new Map([
  ['amr', ['octet-align', 'crc', 'robust-sorting', 'interleaving']],
  ['amr-wb', ['octet-align', 'crc', 'robust-sorting', 'interleaving']],
  ['g7221', ['bitrate']],
])

/** Formats that name payload types inside their fmtp or their packets, so that they can't cross to another numbering. */
const bound = new Set(['red', 'rtx'])

/** Formats that go along with a voice codec and are no conversation by themselves. */
const companions = new Set(['telephone-event', 'cn', 'tone'])

/**
 * The codec that a format is: `name/clockRate/channels` in lower case, as in `opus/48000/2`. Equal strings are the same
 * codec; where RFCs make a configuration part of the codec it follows the name, as in `amr-wb;octet-align=1/16000/1`.
 */
export function codecOf(format: CodecFormat): string {
  const name = format.name.toLowerCase()
  const parameters = format.fmtp === null ? undefined : configuration.get(name)
  const suffix = parameters === undefined ? '' : configured(format.fmtp ?? '', parameters)
  return `${name}${suffix}/${format.clockRate}/${format.channels}`
}

/** The named parameters that are there, in the table's order; a 0 is as good as none. */
function configured(fmtp: string, parameters: readonly string[]): string {
  const given = new Map<string, string>()
  for (const parameter of fmtp.toLowerCase().split(';')) {
    const [name = '', value = ''] = parameter.split('=', 2)
    given.set(name.trim(), value.trim())
  }
  let suffix = ''
  for (const name of parameters) {
    const value = given.get(name) ?? '0'
    if (/^[\w.-]+$/.test(value) && value !== '0') suffix += `;${name}=${value}`
  }
  return suffix
}

/** Those of `a`, in its order, whose codec `b` has too. */
export function shared<F extends CodecFormat>(a: readonly F[], b: readonly CodecFormat[]): F[] {
  const codecs = new Set(b.map(codecOf))
  return a.filter((format) => codecs.has(codecOf(format)))
}

/** Those that can be told to another leg: each codec once, where it stood first, and none that is bound to a numbering. */
export function crossing<F extends CodecFormat>(formats: readonly F[]): F[] {
  const seen = new Set<string>()
  return formats.filter((format) => {
    const codec = codecOf(format)
    if (seen.has(codec) || bound.has(format.name.toLowerCase())) return false
    seen.add(codec)
    return true
  })
}

/** Whether there is a codec among them that carries speech, not only DTMF or comfort noise. */
export function carriesVoice(formats: readonly CodecFormat[]): boolean {
  return formats.some(isVoice)
}

/** Whether a format carries speech. */
export function isVoice({ name }: Pick<CodecFormat, 'name'>): boolean {
  return !companions.has(name.toLowerCase())
}
