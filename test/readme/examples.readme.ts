// Every example, copied to where nothing else is and run as its first lines say.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startKubedouble } from '../../src/index.js'
import { hasTools, kubectlFor, toolPath } from '../support/tools.js'
import { type Ending, run, top } from './installation.js'

const examples = join(top, 'examples')
const scratch = mkdtempSync(join(tmpdir(), 'kubedouble-examples-'))
const bin = join(scratch, 'bin')
const folder = join(scratch, 'examples')
const isThere = (command: string, ...args: string[]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0
const environment = () => ({
  ...process.env,
  PATH: `${bin}:${hasTools ? `${dirname(toolPath('kubectl'))}:` : ''}${process.env.PATH}`,
  XDG_CACHE_HOME: join(scratch, 'cache'),
  // What has been compiled once stays compiled.
  GOCACHE: isThere('go', 'version') ? execFileSync('go', ['env', 'GOCACHE'], { encoding: 'utf8' }).trim() : undefined,
})

beforeAll(() => {
  cpSync(examples, folder, { recursive: true })
  // As `npm install` and `npm install --global` would leave it.
  mkdirSync(bin)
  chmodSync(join(top, 'dist', 'kubedouble.js'), 0o755)
  symlinkSync(join(top, 'dist', 'kubedouble.js'), join(bin, 'kubedouble'))
  mkdirSync(join(scratch, 'node_modules', '@kubernetes'), { recursive: true })
  symlinkSync(top, join(scratch, 'node_modules', 'kubedouble'))
  for (const name of ['vitest', '@kubernetes/client-node']) symlinkSync(join(top, 'node_modules', name), join(scratch, 'node_modules', name))
})
afterAll(() => rmSync(scratch, { recursive: true }))

/** Fails with what was printed. */
async function must(command: string, args: readonly string[], name: string, timeout = 100_000): Promise<Ending> {
  const ending = await run(command, args, { cwd: join(folder, name), env: environment(), timeout })
  expect(ending.code, `${ending.stdout}${ending.stderr}`).toBe(0)
  return ending
}

describe('examples/', () => {
  it('has each example in its list', () => {
    const list = readFileSync(join(examples, 'README.md'), 'utf8')
    const names = readdirSync(examples).filter((name) => name !== 'README.md')
    expect(names.filter((name) => !list.includes(`](${name}`))).toEqual([])
  })

  it('fits a screen, each', () => {
    const texts = (readdirSync(examples, { recursive: true }) as string[]).filter((path) => /\.(?:js|mjs|py|go|sh|yaml)$/.test(path))
    const long = texts.filter((path) => readFileSync(join(examples, path), 'utf8').split('\n').length > 120)
    expect(long).toEqual([])
  })

  it('vitest: passes', async () => {
    const { stdout } = await must(process.execPath, [join(top, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--root', '.'], 'vitest')
    expect(stdout).toMatch(/Tests .*2 passed/)
  })

  it('node-test: passes', async () => {
    const { stdout } = await must(process.execPath, ['--test', '--test-reporter', 'tap'], 'node-test')
    expect(stdout).toMatch(/^# pass 2$/m)
  })

  it.skipIf(!isThere('python3', '-m', 'pytest', '--version'))('pytest: passes', async () => {
    const { stdout } = await must('python3', ['-m', 'pytest', '-q', '-p', 'no:cacheprovider'], 'pytest')
    expect(stdout).toMatch(/^(?:2 passed, 1 skipped|3 passed) in/m)
  })

  it.skipIf(!hasTools)('ci.sh: deploys, and leaves nothing behind', async () => {
    const { stdout } = await must('bash', ['ci.sh'], '.')
    expect(stdout).toMatch(/^deployment\.apps\/web created\n[\s\S]*^endpointslice\.discovery\.k8s\.io\/web-\w{5} condition met\n$/m)
  })

  it.skipIf(!hasTools)('manifests: stand in the cluster from the start', async () => {
    const server = await startKubedouble({
      manifests: [join(folder, 'manifests')],
      certDir: join(scratch, 'certificates'),
      kubeconfig: join(scratch, 'kubeconfig'),
    })
    const kubectl = kubectlFor(server.kubeconfig)
    try {
      await server.settled()
      expect((await kubectl('get', 'deployment', 'cart', '-n', 'shop', '--no-headers')).stdout).toMatch(/^cart\s+2\/2\s+2\s+2\s/)
      expect((await kubectl('describe', 'service', 'cart', '-n', 'shop')).stdout).toMatch(/^Endpoints: +10\.244\.\d+\.\d+:8080,10\.244\.\d+\.\d+:8080$/m)
      expect((await kubectl('get', 'pod', 'crashing', '-o', 'jsonpath={.metadata.annotations.kubedouble\\.dev/exit-after}')).stdout).toBe('2s')
    } finally {
      await server.close()
      rmSync(kubectl.home, { recursive: true })
    }
  })

  // Compiling client-go for the first time takes minutes; where its sources are not at hand there is nothing to compile.
  const hasSources = (name: string) => spawnSync('go', ['mod', 'download'], { cwd: join(examples, name), stdio: 'ignore', timeout: 60_000 }).status === 0
  it.skipIf(!isThere('go', 'version') || !hasSources('go'))('go: passes', { timeout: 600_000 }, async () => {
    expect(existsSync(join(folder, 'go', 'go.sum'))).toBe(true)
    const { stdout } = await must('go', ['test', '-vet=off', '-count=1', '-v'], 'go', 600_000)
    expect(stdout).toMatch(/^--- PASS: TestAnInformerHearsOfEndpoints/m)
  })

  it.skipIf(!isThere('go', 'version') || !hasSources('operator'))('operator: passes', { timeout: 600_000 }, async () => {
    const { stdout } = await must('go', ['test', '-vet=off', '-count=1', '-v'], 'operator', 600_000)
    expect(stdout.match(/^--- PASS: /gm)).toHaveLength(8)
  })
})
