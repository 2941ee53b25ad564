/** A SIP message as linphone has logged it. */
export interface LoggedMessage {
  readonly sent: boolean
  /** `PRACK`, or `200 PRACK` for the response to one. */
  readonly what: string
  readonly text: string
}

/** The SIP messages in a log of linphone's, in order. Over a stream its pieces need not be messages. */
export function messagesIn(log: string): LoggedMessage[] {
  return log.split(/^(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d:\d{3} )/m).flatMap((entry) => {
    const [, way, text = ''] = /: (message sent to|received \[\d+\] new bytes from) [^\n]*\n(.*)/s.exec(entry) ?? []
    const [, method] = /^CSeq: \d+ (\w+)/m.exec(text) ?? []
    if (way === undefined || method === undefined) return []
    const [, status] = /^SIP\/2\.0 (\d{3}) /.exec(text) ?? []
    return [{ sent: way === 'message sent to', what: status === undefined ? method : `${status} ${method}`, text }]
  })
}
