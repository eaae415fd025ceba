// The clients that need nothing but npm tell their story: test/clients has it.
import { describe, expect, it } from 'vitest'
import { clients } from '../clients/clients.js'
import { cacheFolder, runClient } from '../clients/program.js'
import { promisedChecks } from '../clients/readme-table.js'

const inTests = clients(cacheFolder).filter(({ isInTests }) => isInTests)

describe('the client', () => {
  it.each(inTests.filter(({ absence }) => !absence).map((client) => [client.name, client] as const))(
    '%s tells the whole story, with as many checks as README says',
    async (name, client) => {
      const { passed, failed, output } = await runClient(client)
      expect(failed, output).toBe(0)
      expect(passed).toBe(promisedChecks().get(name))
    },
    240_000,
  )
})
