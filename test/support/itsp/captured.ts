/** A request as it came to the provider, octet by octet, read by nobody's parser but this. */
export interface CapturedRequest {
  readonly method: string
  readonly requestUri: string
  readonly protocol: string
  /** HOST:PORT */
  readonly from: string
  /** Values of the header fields of this name, in their order; any case, long form. */
  headers(name: string): readonly string[]
  /** Its one header field of this name; null: there is none. Throws where there are several. */
  header(name: string): string | null
  readonly body: string
  readonly text: string
}

/** The request in a line of Kamailio's log, as `kamailioConfig` has it written; null: it is another line. */
export function capturedIn(line: string): CapturedRequest | null {
  const [, protocol, host, port, encoded] = /captured (\w+) (\S+) (\d+) ([\w+/=]+)/.exec(line) ?? []
  if (!protocol || !host || !port || !encoded) return null
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const end = text.indexOf('\r\n\r\n')
  const [start = '', ...lines] = text.slice(0, end).split('\r\n')
  const [method = '', requestUri = ''] = start.split(' ')
  const fields = lines.map((field) => ({
    name: field.slice(0, field.indexOf(':')).trim().toLowerCase(),
    value: field.slice(field.indexOf(':') + 1).trim(),
  }))
  const headers = (name: string) =>
    fields.filter((field) => field.name === name.toLowerCase()).map(({ value }) => value)
  return {
    method,
    requestUri,
    protocol,
    from: `${host}:${port}`,
    headers,
    header(name) {
      const [value = null, second] = headers(name)
      if (second !== undefined) throw new Error(`${name} stands twice in:\n${text}`)
      return value
    },
    body: text.slice(end + 4),
    text,
  }
}

/** The log as one can read it. */
export function legible(log: string): string {
  return log.replaceAll(/^.*captured .*$/gm, (line) => {
    const request = capturedIn(line)
    return request ? `${request.protocol} from ${request.from}:\n${request.text.replaceAll('\r', '')}` : line
  })
}
