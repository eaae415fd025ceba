// What others bring into the product and into its development: why each is there, under which terms, and what it may run.
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { isAccepted, refuseUnknownLicenses } from '../scripts/licenses.mjs'
import { releases } from './package/nodes.js'

const top = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(top, file), 'utf8')

interface Entry {
  version: string
  license?: string
  integrity?: string
  dev?: boolean
  hasInstallScript?: boolean
}

const manifest = JSON.parse(read('package.json')) as Record<'dependencies' | 'devDependencies' | 'overrides' | 'allowScripts', Record<string, unknown>>
const packages = Object.entries((JSON.parse(read('package-lock.json')) as { packages: Record<string, Entry> }).packages)
  .filter(([path]) => path !== '')
  .map(([path, entry]) => ({ name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length), ...entry }))
const installed = packages.filter(({ dev }) => !dev)

/** What `src/` names: packages, no paths and nothing of Node. */
const importsOfSources = new Set(
  readdirSync(join(top, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...read(join('src', file)).matchAll(/(?:from |import |import\(|require\()'((?:@[\w.-]+\/)?[a-z][\w.-]*)'/g)].map(([, name]) => name!)),
)

/** @returns the first and the last cell of each row, by the heading that the table stands under */
function tablesOf(page: string): Record<string, Map<string, string>> {
  const sections = page.split(/^## /m).slice(1)
  return Object.fromEntries(
    sections.map((section) => {
      const rows = [...section.matchAll(/^\| (?!package|---)([^|]+) \|(?:.*\|)? ([^|]+) \|$/gm)]
      return [section.split('\n')[0], new Map(rows.map(([, name, reason]) => [name!, reason!]))]
    }),
  )
}

describe('a dependency', () => {
  const tables = tablesOf(read('docs/dependencies.md'))
  const rowsOf = (...headings: string[]) => headings.flatMap((heading) => [...tables[heading]!.keys()]).sort()

  it('is named at one exact version', () => {
    const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(String(version)))).toEqual([])
  })

  it('is fetched only with the hash that the lock file has', () => {
    expect(packages.filter(({ integrity }) => !integrity?.startsWith('sha512-')).map(({ name }) => name)).toEqual([])
  })

  it('has its reason on docs/dependencies.md, as have overrides and what install scripts may run', () => {
    expect(rowsOf('Installed with the package')).toEqual(Object.keys(manifest.dependencies).sort())
    expect(rowsOf('Bundled', 'For development')).toEqual(Object.keys(manifest.devDependencies).sort())
    expect(rowsOf('Overrides')).toEqual(Object.keys(manifest.overrides).sort())
    expect(rowsOf('Install scripts')).toEqual(Object.keys(manifest.allowScripts).sort())
  })

  it('is bundled only when the page says so', () => {
    // What is imported by name from src/ and not installed with the package.
    const imported = rowsOf('Bundled').filter((name) => importsOfSources.has(name))
    expect(imported).toEqual(rowsOf('Bundled'))
    const known = new Set([...rowsOf('Bundled'), ...Object.keys(manifest.dependencies)])
    expect([...importsOfSources].filter((name) => !known.has(name))).toEqual([])
  })
})

describe('an install script', () => {
  it("is only better-sqlite3's where the package is installed", () => {
    expect(installed.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name)).toEqual(['better-sqlite3'])
  })

  it('has been decided on, and better-sqlite3 alone may run one', () => {
    const withScripts = packages.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name)
    expect(Object.keys(manifest.allowScripts).sort()).toEqual([...new Set(withScripts)].sort())
    expect(Object.entries(manifest.allowScripts).filter(([, isAllowed]) => isAllowed)).toEqual([['better-sqlite3', true]])
  })
})

describe('a license', () => {
  it.each([
    ['MIT', true],
    ['(MIT OR WTFPL)', true],
    ['MIT OR GPL-3.0-only', true],
    ['(MIT AND BSD-3-Clause)', true],
    ['(MIT AND GPL-3.0-only)', false],
    ['GPL-3.0-only', false],
    ['SEE LICENSE IN LICENSE.md', false],
    ['', false],
    [undefined, false],
  ])('%s is accepted: %s', (license, expected) => expect(isAccepted(license)).toBe(expected))

  it('that is not accepted stops the build', () => {
    const packages = [
      { name: 'fine', version: '1.0.0', license: 'MIT' },
      { name: 'other', version: '2.0.0', license: 'BUSL-1.1' },
    ]
    expect(() => refuseUnknownLicenses(packages)).toThrow('other 2.0.0 (BUSL-1.1)')
  })

  it('of everything that is installed with the package is accepted', () => {
    expect(() => refuseUnknownLicenses(installed)).not.toThrow()
  })

  it('is known of everything that development needs', () => {
    // Tools whose code nobody is given.
    const tolerated = new Set(['MPL-2.0', 'PSF-2.0', 'Python-2.0', 'Unlicense', '(MIT AND Zlib)'])
    expect(packages.filter(({ license = '' }) => !isAccepted(license) && !tolerated.has(license))).toEqual([])
  })
})

describe('npm run audit', () => {
  const advisory = { id: 1, url: '', title: 'Answers too much', severity: 'high', vulnerable_versions: '*', cwe: [], cvss: { score: 8, vectorString: null } }

  it.each([
    ['passes a clean answer', 200, {}, 0, /^1 passed, 0 failed$/m],
    ['fails when something is found', 200, { ws: [advisory] }, 1, /^high ws: Answers too much$[\s\S]*^0 passed, [1-9]\d* failed$/m],
    ['says that it is skipped where the registry answers no audits', 405, {}, 0, /^SKIPPED npm audit: .* answered 405/m],
    ['fails when the registry does', 400, { error: 'no' }, 1, /^0 passed, 1 failed$/m],
  ])('%s', async (_name, statusCode, answer, code, printed) => {
    const registry = createServer((request, reply) => {
      const isAudit = request.url?.includes('/security/')
      request.resume().once('end', () => reply.writeHead(isAudit ? statusCode : 404, { 'content-type': 'application/json' }).end(JSON.stringify(answer)))
    })
    await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve))
    const env = { ...process.env, npm_config_registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`, npm_config_fetch_retries: '0' }
    const ending = await new Promise<{ code: number; stdout: string }>((resolve) => {
      execFile(process.execPath, [join(top, 'scripts', 'audit.mjs')], { cwd: top, env }, (error, stdout) => resolve({ code: Number(error?.code ?? 0), stdout }))
    })
    registry.close()
    expect(ending.stdout).toMatch(printed)
    expect(ending.code).toBe(code)
  })
})

describe('the workflow', () => {
  interface Job {
    needs?: string
    uses?: string
    permissions?: Record<string, string>
    strategy?: { matrix: { node: number[] } }
    steps?: { uses?: string; run?: string }[]
  }
  const texts = Object.fromEntries(['test', 'publish'].map((name) => [name, read(`.github/workflows/${name}.yml`)]))
  const workflow = (name: string) => load(texts[name]!) as { permissions: Record<string, string>; jobs: Record<string, Job> }

  it('uses only actions of GitHub itself, each held by its commit', () => {
    const uses = Object.values(texts).flatMap((text) => [...text.matchAll(/^ +(?:- )?uses: (.*)$/gm)].map(([, action]) => action!))
    expect(uses.filter((action) => !/^(?:actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\.\/\.github\/workflows\/test\.yml)$/.test(action))).toEqual([])
    // One action, one commit.
    expect(new Set(uses.map((action) => action.split('@')[0])).size).toBe(new Set(uses).size)
  })

  it('tests on each line of Node that the package is tried on', () => {
    const { test } = workflow('test').jobs
    expect(test!.strategy!.matrix.node.map(String)).toEqual(Object.keys(releases))
    expect(test!.steps!.at(-1)!.run).toBe('bash .ci/run')
  })

  it('publishes with provenance, after the tests, and only there may sign', () => {
    const { permissions, jobs } = workflow('publish')
    expect(permissions).toEqual({ contents: 'read' })
    expect(jobs.test!.uses).toBe('./.github/workflows/test.yml')
    expect([jobs.pack!.needs, jobs.publish!.needs]).toEqual(['test', 'pack'])
    expect(Object.values(jobs).map((job) => job.permissions)).toEqual([undefined, undefined, { 'id-token': 'write' }])
    const commands = jobs.publish!.steps!.flatMap(({ run }) => run ?? [])
    expect(commands).toEqual([expect.stringMatching(/^npm publish .*--provenance --access public/)])
  })
})
