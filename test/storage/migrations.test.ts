// Files of the past: each schema there ever was opens, with all that is in it.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { connect, readValue } from '../../src/storage/connection.js'
import { openStore, type WatchEvent } from '../../src/storage/index.js'

const folder = mkdtempSync(join(tmpdir(), 'kubedouble-migrations-'))
afterAll(() => rmSync(folder, { recursive: true }))

const migrations = join(import.meta.dirname, '..', '..', 'migrations')
const steps = readdirSync(migrations)
  .sort()
  .map((file) => readFileSync(join(migrations, file), 'utf8'))

// What a program of that schema left behind, by schema; the first is a file that was only just begun.
const contents = [
  '',
  `INSERT INTO log VALUES (4, 1, 1, 'v1/configmaps', 'a', 'kept', '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"kept","namespace":"a","resourceVersion":"4"}}');
   INSERT INTO log VALUES (6, 2, 2, 'v1/configmaps', 'a', 'kept', '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"kept","namespace":"a","resourceVersion":"6"}}');
   INSERT INTO log VALUES (7, 2, 3, 'v1/configmaps', 'a', 'gone', '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"gone","namespace":"a","resourceVersion":"7"}}');
   INSERT INTO log VALUES (5, 2, 1, 'v1/configmaps', 'a', 'gone', '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"gone","namespace":"a","resourceVersion":"5"}}');
   INSERT INTO fact VALUES ('compacted', 4);`,
  `INSERT INTO log VALUES (4, 1, 1, 'v1/configmaps', 'a', 'kept', '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"kept","namespace":"a","resourceVersion":"4"}}', 3290508647);
   INSERT INTO log VALUES (6, 2, 2, 'v1/configmaps', 'a', 'kept', '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"kept","namespace":"a","resourceVersion":"6"}}', 1335101327);
   INSERT INTO log VALUES (7, 2, 3, 'v1/configmaps', 'a', 'gone', '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"gone","namespace":"a","resourceVersion":"7"}}', 160762950);
   INSERT INTO log VALUES (5, 2, 1, 'v1/configmaps', 'a', 'gone', '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"gone","namespace":"a","resourceVersion":"5"}}', 3698932585);
   INSERT INTO fact VALUES ('compacted', 4);`,
]

function fileOf(schema: number): string {
  const path = join(folder, `schema-${schema}.db`)
  const database = connect(path)
  for (const step of steps.slice(0, schema)) database.exec(step)
  database.exec(`PRAGMA application_id = ${0x6b64626c}`)
  database.exec(`PRAGMA user_version = ${schema}`)
  database.exec(contents[schema].replaceAll("'{", "CAST('{").replace(/\}'(?=[,)])/g, "}' AS BLOB)"))
  database.close()
  return path
}

it('every schema has a file of its own here', () => {
  expect(contents).toHaveLength(steps.length + 1)
})

describe.each(contents.map((_, schema) => schema))('a file of schema %i', (schema) => {
  it('opens with what is in it, goes on from there, and opens again', () => {
    const path = fileOf(schema)
    const expected = schema === 0 ? { revision: 0, compacted: 0, items: [], events: [] } : { revision: 7, compacted: 4, items: ['kept@6'], events: [5, 6, 7] }
    for (let time = 0; time < 2; time++) {
      const store = openStore({ path, now: () => 2 })
      const items = store.list('v1/configmaps').map(({ name, revision }) => `${name}@${revision}`)
      const events = (store.after(store.compactedRevision) as readonly WatchEvent[]).map(({ revision }) => revision)
      expect({ revision: store.revision, compacted: store.compactedRevision, items, events }).toEqual(expected)
      store.close()
    }
    const database = connect(path)
    expect(readValue(database, 'PRAGMA user_version')).toBe(steps.length)
    database.close()
  })
})
