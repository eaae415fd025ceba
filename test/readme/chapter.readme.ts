// The chapter on Services prints what it says it prints.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kubedouble, startKubedouble } from '../../src/index.js'
import { hasTools, toolPath } from '../support/tools.js'
import { normalise, readTranscripts, runShell, writeTranscripts } from './transcripts.js'

const page = join(import.meta.dirname, '..', '..', 'examples', 'services.md')
const steps = readTranscripts(readFileSync(page, 'utf8')).flat()
const scratch = mkdtempSync(join(tmpdir(), 'kubedouble-chapter-'))

describe.skipIf(!hasTools)('examples/services.md', () => {
  let server: Kubedouble
  let env: Record<string, string | undefined>
  const printed: string[] = []

  beforeAll(async () => {
    server = await startKubedouble({ seed: 'services', certDir: scratch, kubeconfig: join(scratch, 'kubeconfig') })
    env = { PATH: `${dirname(toolPath('kubectl'))}:${process.env.PATH}`, HOME: scratch, KUBECONFIG: server.kubeconfig }
  })
  afterAll(async () => {
    await server.close()
    rmSync(scratch, { recursive: true })
    // One flag rewrites what the page says is printed; the difference is for reading.
    if (process.env.REWRITE_TRANSCRIPTS && printed.length === steps.length) writeFileSync(page, writeTranscripts(readFileSync(page, 'utf8'), printed))
  })

  it('tells of every kind of Service', () => {
    const commands = steps.map(({ command }) => command).join('\n')
    for (const word of ['clusterip', 'None', 'NodePort', 'LoadBalancer', 'externalname', 'delete']) expect(commands).toContain(word)
  })

  for (const { command, output, line } of steps) {
    it(`line ${line}: ${command}`, async () => {
      await server.settled()
      const text = await runShell(command, env)
      printed.push(text)
      if (!process.env.REWRITE_TRANSCRIPTS) expect(normalise(text)).toBe(normalise(output))
    })
  }
})
