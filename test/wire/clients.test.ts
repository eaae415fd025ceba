// The clients that need nothing but npm tell their story: test/clients has it. And what README says of all of them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { clients } from '../clients/clients.js'
import { cacheFolder, runClient } from '../clients/program.js'
import { promisedClients } from '../clients/readme-table.js'

const all = clients(cacheFolder)
const told = all.filter(({ isInTests, absence }) => isInTests && !absence)

describe('the client', () => {
  it.each(told.map((client) => [client.name, client] as const))(
    '%s tells the whole story, with as many checks as README says',
    async (name, client) => {
      const { passed, failed, output } = await runClient(client)
      expect(failed, output).toBe(0)
      expect(passed).toBe(promisedClients().get(name)?.checks)
    },
    300_000,
  )
})

describe('the table of clients in README', () => {
  it('has all of them and no other', () => expect([...promisedClients().keys()].sort()).toEqual(all.map(({ name }) => name).sort()))

  it.each(all.map(({ name, pins }) => [name, pins]))('names the version of %s that %s pins', (name, pins) => {
    const [version] = /\d+\.\d+\.\d+/.exec(promisedClients().get(name)?.version ?? '') ?? []
    expect(version).toBeDefined()
    expect(readFileSync(join(import.meta.dirname, '..', 'clients', pins), 'utf8')).toContain(version)
  })
})
