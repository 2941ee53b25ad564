import type { Command } from 'commander'
import type { Terminal } from './terminal.ts'

/** `offhook config …` */
export function configCommands(program: Command, terminal: Terminal): void {
  const config = program.command('config').description('everything an admin made, as one YAML file')
  config
    .command('export')
    .description('write it to stdout; registrations and calls are not in it')
    .option('--secrets', 'with the hashes of passwords, and those of trunks: who has the file can be any user')
    .action(async (options, command) => {
      const { exportConfig } = await import('./config.ts')
      await exportConfig(options.secrets === true, command, terminal)
    })
  config
    .command('import')
    .argument('<file>', 'as export writes it; - reads stdin')
    .description(
      'add what is new and change what exists, all or nothing; an entry says all of its thing, but a password ' +
        'left out stays (a new user needs one); what the file does not name stays too, unless with --replace',
    )
    .option('--replace', 'remove what the sections of the file do not name')
    .action(async (file, options, command) => {
      const { importConfig } = await import('./config.ts')
      await importConfig(file, options.replace === true, command, terminal)
    })
}
