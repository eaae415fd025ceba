// The README's transcript prints what the README says it prints.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kubedouble, startKubedouble } from '../../src/index.js'
import { hasTools, toolPath } from '../support/tools.js'
import { normalise, readTranscripts, runShell } from './transcripts.js'

const top = join(import.meta.dirname, '..', '..')
const transcripts = readTranscripts(readFileSync(join(top, 'README.md'), 'utf8'))
const scratch = mkdtempSync(join(tmpdir(), 'kubedouble-readme-'))

describe.skipIf(!hasTools)('README.md', () => {
  let server: Kubedouble
  let env: Record<string, string | undefined>
  beforeAll(async () => {
    server = await startKubedouble({ certDir: scratch, kubeconfig: join(scratch, 'kubeconfig') })
    env = { PATH: `${dirname(toolPath('kubectl'))}:${process.env.PATH}`, HOME: scratch, KUBECONFIG: server.kubeconfig }
  })
  afterAll(async () => {
    await server.close()
    rmSync(scratch, { recursive: true })
  })

  it('has a transcript', () => expect(transcripts.flat().length).toBeGreaterThan(5))

  for (const { command, output, line } of transcripts.flat()) {
    it(`line ${line}: ${command}`, async () => {
      await server.settled()
      const printed = await runShell(command.replace('http://localhost:8080', server.http as string), env)
      expect(normalise(printed)).toBe(normalise(output))
    })
  }
})
