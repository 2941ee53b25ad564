/** The causes in the Reason headers of a message (RFC 3326): the Q.850 cause and the SIP status, where they are named. */
export interface Causes {
  readonly q850: number | null
  readonly sip: number | null
}

/** Reads the values of all Reason headers of a message; what cannot be read counts as not there. */
export function causesOf(headers: readonly string[]): Causes {
  const all = headers.join(',')
  return {
    q850: causeOf(all, /\bQ\.850\b[^,]*?;\s*cause\s*=\s*(\d{1,3})\b/i),
    sip: causeOf(all, /\bSIP\b[^,]*?;\s*cause\s*=\s*(\d{3})\b/i),
  }
}

function causeOf(text: string, pattern: RegExp): number | null {
  const cause = pattern.exec(text)?.[1]
  return cause === undefined ? null : Number(cause)
}
