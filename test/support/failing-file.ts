// A data file that does not take some rows, as a full or broken disk would not.
import { connect } from '../../src/storage/connection.js'
import { openStore } from '../../src/storage/index.js'

/** `at once` fails the row, `all` ends the whole transaction as SQLite does when the disk is full, `late` fails when the transaction is to be kept. */
export type Failure = 'at once' | 'all' | 'late'

// What a trigger does instead; a foreign key that leads nowhere is found out at the end.
const actions: Record<Failure, string> = {
  'at once': "SELECT RAISE(ABORT, 'disk full')",
  all: "SELECT RAISE(ROLLBACK, 'disk full')",
  late: 'INSERT INTO promise VALUES (1)',
}

/** @param condition of the row that is not taken, as SQL: `NEW.name = 'x'` */
export function refuseRows(path: string, failure: Failure, condition: string): void {
  prepare(path, `CREATE TRIGGER refusal AFTER INSERT ON log WHEN ${condition} BEGIN ${actions[failure]}; END`)
}

/** The rows of the past cannot be removed. @param condition of the row */
export function refuseRemoval(path: string, condition: string): void {
  prepare(path, `CREATE TRIGGER refusal BEFORE DELETE ON log WHEN ${condition} BEGIN ${actions['at once']}; END`)
}

/** The disk is as it was. */
export function mend(path: string): void {
  const database = connect(path)
  database.exec('DROP TRIGGER refusal')
  database.close()
}

function prepare(path: string, trigger: string): void {
  openStore({ path, now: () => 0 }).close()
  const database = connect(path)
  database.exec(`
    CREATE TABLE IF NOT EXISTS nowhere (id INTEGER PRIMARY KEY) STRICT;
    CREATE TABLE IF NOT EXISTS promise (id INTEGER REFERENCES nowhere (id) DEFERRABLE INITIALLY DEFERRED) STRICT;
    ${trigger}`)
  database.close()
}
