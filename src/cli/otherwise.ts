import type { Command } from 'commander'

/** Where a call goes on, as flags. */
export interface OtherwiseOptions {
  readonly busy?: string
  /** `--no-answer DEST` as commander has it: true where it was not given. */
  readonly answer?: string | true
  readonly offline?: string
  readonly unavailable?: string
}

export function withOtherwise(command: Command): Command {
  return command
    .option('--busy <dest>', 'where it goes on when that is busy')
    .option('--no-answer <dest>', 'when nobody answers')
    .option('--offline <dest>', 'when no phone of it is registered')
    .option('--unavailable <dest>', 'when it cannot be reached')
}

export function otherwiseFields({ busy, answer, offline, unavailable }: OtherwiseOptions): object {
  return { busy, noAnswer: answer === true ? undefined : answer, offline, unavailable }
}
