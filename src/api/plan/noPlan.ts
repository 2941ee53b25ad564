import { EMPTY_NETWORK, kindNames, type PhoneNetwork } from './network.ts'
import type { Planning } from './planning.ts'

/** Whether an admin has made nothing yet of the phone network and the dial plan. */
export function isEmpty(network: PhoneNetwork): boolean {
  return network === EMPTY_NETWORK || kindNames.every((kind) => network[kind].length === 0)
}

/** In the place of `planning` where there is no plan, and nobody makes one: what that takes to load is saved. */
export const NO_PLAN: Planning = {
  e164: () => unasked(),
  localTime: () => unasked(),
  compile: () => ({ broken: () => [], explain: () => unasked() }),
  check: () => unasked(),
  trunkProblem: () => unasked(),
  usualHost: () => unasked(),
}

function unasked(): never {
  throw new Error('the dial plan was asked, and was not loaded')
}
