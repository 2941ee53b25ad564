/**
 * Encoding names of voice codecs as SDP has them (RFC 4855 §3, RFC 3551 and the RFC of each), in lower case. What goes along
 * with a codec (telephone-event, CN) and what only wraps one (red, rtx) is no codec in this sense.
 */
export const codecNames: readonly string[] = [
  ...['opus', 'g722', 'pcma', 'pcmu', 'g729', 'ilbc', 'gsm', 'speex', 'l16', 'amr', 'amr-wb', 'evs'],
  ...['gsm-efr', 'gsm-hr-08', 'g719', 'g7221', 'g723', 'g728', 'g729d', 'g729e', 'g7291', 'g711-0'],
  ...['g726-16', 'g726-24', 'g726-32', 'g726-40', 'aal2-g726-16', 'aal2-g726-24', 'aal2-g726-32', 'aal2-g726-40'],
  ...['l8', 'l20', 'l24', 'dvi4', 'vdvi', 'lpc', 'qcelp', 'evrc', 'evrcb', 'evrcwb', 'evrcnw', 'smv', 'vmr-wb'],
  ...['bv16', 'bv32', 'ipmr', 'uemclip', 'pcma-wb', 'pcmu-wb', 'melp', 'tsvcis', 'isac', 'silk', 'siren7', 'codec2'],
]

/** What people call a codec elsewhere, and how SDP names it. */
export const codecAliases: ReadonlyMap<string, string> = new Map([
  ['ulaw', 'pcmu'],
  ['mulaw', 'pcmu'],
  ['g711u', 'pcmu'],
  ['alaw', 'pcma'],
  ['g711a', 'pcma'],
  ['g711', 'pcma or pcmu'],
  ['g.711', 'pcma or pcmu'],
  ['g.722', 'g722'],
  ['g.729', 'g729'],
  ['g729a', 'g729'],
  ['slin', 'l16'],
])
