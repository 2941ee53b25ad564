import type { Command } from 'commander'
import type { Terminal } from './terminal.ts'
export function callerCommands(_number: Command, _terminal: Terminal): void {}
