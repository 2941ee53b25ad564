const REASONS: Readonly<Record<number, string>> = {
  403: 'not allowed',
  404: 'not found',
  408: 'nobody answered in time',
  410: 'gone',
  480: 'nobody can be reached now',
  484: 'the number is not complete',
  486: 'busy',
  500: 'failed',
  503: 'no way out is free',
  600: 'busy everywhere',
  603: 'declined',
  604: 'does not exist anywhere',
}

/** A reason phrase for a status with which the plan refuses a call. */
export function reasonFor(status: number): string {
  return REASONS[status] ?? 'refused by the dial plan'
}
