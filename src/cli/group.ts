import type { Command } from 'commander'
import { addEntry, type Face, listEntries, removeEntry, setEntry, showEntry } from './entries.ts'
import type { Terminal } from './terminal.ts'

const GROUPS: Face<'groups'> = {
  kind: 'groups',
  word: 'group',
  key: ({ name }) => name,
  columns: [
    { heading: 'GROUP' },
    { heading: 'ORDER' },
    { heading: 'STEP', align: 'right' },
    { heading: 'MEMBERS', shrinksTo: 20 },
  ],
  row: ({ name, order, step, members }) => [name, order, `${step} s`, members.join(', ')],
  none: 'no groups; add one: offhook group add sales --members 101,102',
}

/** `offhook group …` */
export function groupCommands(program: Command, terminal: Terminal): void {
  const group = program.command('group').description('users that are rung by one name')
  withFields(group.command('add').argument('<name>', 'as in sales'))
    .requiredOption('--members <users>', 'in the order in which they are rung, as in 101,102')
    .description('add a group: calls reach it as group:NAME')
    .addHelpText('after', '\nExample:\n  offhook group add sales --members 101,102 --order in-turn --step 15s\n')
    .action((name, options, command) => addEntry(GROUPS, { name, ...options }, undefined, { command, terminal }))
  group
    .command('list')
    .description('all groups')
    .action((_options, command) => listEntries(GROUPS, { command, terminal }))
  group
    .command('show')
    .argument('<name>')
    .description('one group')
    .action((name, _options, command) => showEntry(GROUPS, name, { command, terminal }))
  withFields(group.command('set').argument('<name>'))
    .option('--members <users>', 'in the order in which they are rung, as in 101,102')
    .description('change what is given')
    .action((name, options, command) => setEntry(GROUPS, name, options, { command, terminal }))
  group
    .command('remove')
    .argument('<name>')
    .description('remove a group that nothing leads to')
    .action((name, _options, command) => removeEntry(GROUPS, name, { command, terminal }))
}

function withFields(command: Command): Command {
  return command
    .option('--order <order>', 'together, in-turn or longest-idle (default: together)')
    .option('--step <time>', 'how long each is rung, where they are rung one after the other (default: 15s)')
}
