// The page on gRPC prints what it says it prints, and its clients tell the same story in every language that is at hand.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kubedouble, startKubedouble } from '../../src/index.js'
import { grpcurlFolder } from '../support/grpcurl.js'
import { normalise, readTranscripts, runShell, writeTranscripts } from './transcripts.js'

const top = join(import.meta.dirname, '..', '..')
const examples = join(top, 'examples', 'grpc')
const proto = join(top, 'proto')
const page = join(examples, 'README.md')
const steps = readTranscripts(readFileSync(page, 'utf8')).flat()
const scratch = mkdtempSync(join(tmpdir(), 'kubedouble-grpc-page-'))
const tools = grpcurlFolder()

describe('examples/grpc', () => {
  let server: Kubedouble
  const printed: string[] = []
  beforeAll(async () => {
    server = await startKubedouble({ seed: 'grpc', certDir: scratch, kubeconfig: join(scratch, 'kubeconfig') })
  })
  afterAll(async () => {
    await server?.close()
    rmSync(scratch, { recursive: true })
    if (process.env.REWRITE_TRANSCRIPTS && printed.length === steps.length) writeFileSync(page, writeTranscripts(readFileSync(page, 'utf8'), printed))
  })

  describe.skipIf(!tools)('README.md', () => {
    for (const { command, output, line } of steps) {
      it(`line ${line}: ${command.slice(0, 100)}`, async () => {
        await server.settled()
        const text = await runShell(command.replaceAll('localhost:50051', server.grpc as string), { ...process.env, PATH: `${tools}:${process.env.PATH}` })
        printed.push(text)
        if (!process.env.REWRITE_TRANSCRIPTS) expect(normalise(text)).toBe(normalise(output))
      })
    }
  })

  const story = ['service story of type ClusterIP', 'two endpoints are ready', 'one endpoint is left', 'services "story" already exists', ''].join('\n')
  const protos = () =>
    (readdirSync(proto, { recursive: true }) as string[]).filter((file) => /^(?:k8s|kubedouble)\/.*\.proto$/.test(file.replaceAll('\\', '/')))
  const generate = (...options: string[]) => execFileSync('python3', ['-m', 'grpc_tools.protoc', '-I', proto, ...options, ...protos()], { cwd: scratch })

  it('is told in Node', async () => {
    expect(await runShell(`node ${join(examples, 'node', 'story.mjs')} ${server.grpc}`, process.env)).toBe(story)
  })

  it.skipIf(!runs('python3', ['-c', 'import grpc_tools']))('is told in Python', async () => {
    generate('--python_out=.', '--grpc_python_out=.')
    copyFileSync(join(examples, 'python', 'story.py'), join(scratch, 'story.py'))
    expect(await runShell(`cd ${scratch} && python3 story.py ${server.grpc}`, process.env)).toBe(story)
  })

  const hasGo = runs('go', ['version']) && runs('protoc-gen-go', ['--version']) && runs('protoc-gen-go-grpc', ['--version'])
  it.skipIf(!hasGo || !runs('python3', ['-c', 'import grpc_tools']))('is told in Go', async () => {
    const [go, grpc] = ['go', 'go-grpc'].map((name) => [`--${name}_out=.`, `--${name}_opt=module=kubedouble`])
    generate(...go, ...grpc)
    for (const file of readdirSync(join(examples, 'go'))) copyFileSync(join(examples, 'go', file), join(scratch, file))
    execFileSync('go', ['build', '-o', 'story', '.'], { cwd: scratch, stdio: 'ignore', timeout: 100_000 })
    expect(await runShell(`${join(scratch, 'story')} ${server.grpc}`, process.env)).toBe(story)
  })
})

function runs(command: string, words: string[]): boolean {
  try {
    execFileSync(command, words, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
