import t from 'tap'
import {
  callProblem,
  microphoneProblem,
  ownFailure,
  registrationRefused,
  wrongPassword,
} from '../../web/src/problems.ts'

t.test('why a call did not come about', async (t) => {
  const kinds: readonly (readonly [number, number | null, string])[] = [
    [404, null, 'not-found'],
    [484, null, 'not-found'],
    [604, null, 'not-found'],
    [486, null, 'busy'],
    [600, null, 'busy'],
    [603, null, 'declined'],
    [408, null, 'no-answer'],
    [480, 18, 'no-answer'],
    [480, 19, 'no-answer'],
    [480, 20, 'user-offline'],
    [480, null, 'user-offline'],
    [403, null, 'not-allowed'],
    [488, null, 'no-codec'],
    [503, null, 'call-failed'],
    [301, null, 'call-failed'],
  ]
  for (const [status, q850, kind] of kinds) t.equal(callProblem(status, '102', q850)?.kind, kind, `${status}/${q850}`)
  t.equal(callProblem(487, '102', null), null, 'who gives up knows why')
})

t.test('each is a sentence that names the thing, and one that mends it', async (t) => {
  const calls = [404, 486, 603, 408, 480, 403, 488, 500, 499].map((status) => callProblem(status, 'Bob', null))
  const microphones = ['NotAllowedError', 'NotFoundError', 'NotReadableError', 'InsecurePage'].map(microphoneProblem)
  const others = [wrongPassword('101'), registrationRefused(500, 'Oops'), ownFailure('Bob', 'no sound')]
  for (const problem of [...calls, ...microphones, ...others]) {
    t.match(problem?.text, /^[A-Z].+\.$/)
    t.match(problem?.mend, /^[A-Z].+\.$/)
  }
  for (const problem of calls) t.match(problem?.text, 'Bob')
  t.equal(new Set(microphones.map(({ kind }) => kind)).size, 4)
})
