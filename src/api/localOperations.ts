import { hangUp, listCalls, showCall } from './calls.ts'
import { exportConfig, importConfig } from './config/config.ts'
import type { Context } from './context.ts'
import { listDevices } from './devices.ts'
import type { Operations } from './operations.ts'
import { addEntry, listEntries, moveEntry, removeEntry, setEntry, showEntry } from './plan/entries.ts'
import { checkDialplan, testDialplan, testTrunk } from './plan/tests.ts'
import { showStatus } from './status.ts'
import { importUsers } from './userImport.ts'
import { addUser, listUsers, removeUser, setUser, showUser } from './users.ts'

/** Operations carried out here, on the store of a data directory this process owns. */
export function localOperations(context: Context): Operations {
  return {
    status: () => showStatus(context),
    addUser: (user) => addUser(context, user),
    importUsers: (rows) => importUsers(context, rows),
    users: () => listUsers(context),
    user: (name) => showUser(context, name),
    setUser: (name, change) => setUser(context, name, change),
    removeUser: (name) => removeUser(context, name),
    devices: (user) => listDevices(context, user),
    calls: (filter) => listCalls(context, filter),
    call: (id) => showCall(context, id),
    hangUp: (id) => hangUp(context, id),
    entries: (kind) => listEntries(context, kind),
    entry: (kind, name) => showEntry(context, kind, name),
    addEntry: (kind, value, before) => addEntry(context, kind, value, before),
    setEntry: (kind, name, change) => setEntry(context, kind, name, change),
    moveEntry: (kind, name, before) => moveEntry(context, kind, name, before),
    removeEntry: (kind, name) => removeEntry(context, kind, name),
    testDialplan: (call) => testDialplan(context, call),
    checkDialplan: () => checkDialplan(context),
    testTrunk: (name, call) => testTrunk(context, name, call),
    exportConfig: ({ secrets }) => exportConfig(context, secrets),
    importConfig: (how, entries) => importConfig(context, how, entries),
  }
}
