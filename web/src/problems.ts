/** What went wrong, as the person at the page is told: one sentence that names the thing, one that mends it. */
export interface Problem {
  /** Stands in the page as `data-kind`. */
  readonly kind: string
  readonly text: string
  readonly mend: string
  readonly link?: { readonly href: string; readonly label: string }
}

/** The server took the connection and not the user's password (401 and 403 to REGISTER). */
export function wrongPassword(user: string): Problem {
  return {
    kind: 'wrong-password',
    text: `The server does not accept this password for ${user}.`,
    mend: 'Check the user and the password; whoever runs the server sees users with “offhook user list”.',
  }
}

/** REGISTER was refused with another status than 401 or 403. */
export function registrationRefused(status: number, reason: string): Problem {
  return {
    kind: 'registration-refused',
    text: `The server would not sign you in: it answered ${status} ${reason}.`,
    mend: status >= 500 ? 'It will be tried again by itself.' : 'Tell whoever runs the server what it answered.',
  }
}

/** The page's name for microphone errors; the browser's are in `DOMException.name`. */
export function microphoneProblem(error: string): Problem {
  switch (error) {
    case 'NotAllowedError':
    case 'SecurityError':
      return {
        kind: 'microphone-refused',
        text: 'This page may not use the microphone.',
        mend: 'Allow it by the symbol beside the address, then call again.',
      }
    case 'NotFoundError':
    case 'OverconstrainedError':
      return {
        kind: 'microphone-missing',
        text: 'No microphone was found.',
        mend: 'Connect one, or choose another in the settings, then call again.',
      }
    case 'InsecurePage':
      return {
        kind: 'insecure-page',
        text: 'Browsers give the microphone to pages opened with https:// alone.',
        mend: 'Open this page again with https:// before its address.',
      }
    default:
      return {
        kind: 'microphone-busy',
        text: 'The microphone could not be started; another program may be using it.',
        mend: 'Close programs that record or call, then call again.',
      }
  }
}

/** The page itself can be had from the server, the WebSocket can not: nearly always the certificate. */
export const UNTRUSTED: Problem = {
  kind: 'untrusted',
  text: 'The page loads, but its connection for calls is refused, most often because the browser does not trust the server’s certificate.',
  mend: 'Install the certificate and load this page again; after many wrong passwords, wait some minutes instead.',
  link: { href: '/ca', label: 'How to install it' },
}

export const UNREACHABLE: Problem = {
  kind: 'unreachable',
  text: 'The server does not answer.',
  mend: 'Calls work again as soon as it does; it is tried again by itself.',
}

export const OFFLINE: Problem = {
  kind: 'network-lost',
  text: 'This device has no network.',
  mend: 'Connect it to Wi-Fi or mobile data; the phone signs in again by itself.',
}

export const CONNECTION_LOST: Problem = {
  kind: 'connection-lost',
  text: 'The connection to the server is lost.',
  mend: 'The phone connects again by itself.',
}

/** Both sides are connected, and no sound arrives. */
export const SILENCE: Problem = {
  kind: 'no-sound',
  text: 'No sound arrives from the other side.',
  mend: 'If that stays so, a firewall keeps back audio (UDP): try another network, or tell whoever runs the server.',
}

/** Why a call did not come about; null if it was given up by the caller, which is no problem. */
export function callProblem(status: number, peer: string, q850: number | null): Problem | null {
  switch (status) {
    case 487:
      return null
    case 404:
    case 410:
    case 484:
    case 604:
      return { kind: 'not-found', text: `There is no number ${peer}.`, mend: 'Check it and dial again.' }
    case 486:
    case 600:
      return { kind: 'busy', text: `${peer} is busy.`, mend: 'Call again later.' }
    case 603:
    case 607:
      return { kind: 'declined', text: `${peer} declined the call.`, mend: 'Call again later.' }
    case 408:
      return noAnswer(peer)
    case 480:
      return q850 === 18 || q850 === 19 ? noAnswer(peer) : offline(peer)
    default:
      return failure(status, peer)
  }
}

function noAnswer(peer: string): Problem {
  return { kind: 'no-answer', text: `${peer} did not answer.`, mend: 'Call again later.' }
}

function offline(peer: string): Problem {
  return {
    kind: 'user-offline',
    text: `No phone of ${peer} is signed in just now.`,
    mend: 'Call again when it is switched on and connected.',
  }
}

function failure(status: number, peer: string): Problem {
  if (status === 401 || status === 403 || status === 407) {
    const mend = 'Ask whoever runs the server to allow it.'
    return { kind: 'not-allowed', text: `You may not call ${peer}.`, mend }
  }
  if (status === 488 || status === 606 || status === 415) {
    const text = `${peer} and this browser have no way to send sound in common.`
    return { kind: 'no-codec', text, mend: 'Ask whoever runs the server to allow another codec for it.' }
  }
  const mend = status >= 500 ? 'Try again in a moment.' : 'Tell whoever runs the server what it answered.'
  return { kind: 'call-failed', text: `The call to ${peer} failed: the server answered ${status}.`, mend }
}

/** The call was up or ringing and something of ours failed; `what` is a clause such as “the browser could not …”. */
export function ownFailure(peer: string, what: string): Problem {
  return { kind: 'call-failed', text: `The call with ${peer} failed: ${what}.`, mend: 'Call again.' }
}
