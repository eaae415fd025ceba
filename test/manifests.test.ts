// Manifests: what is applied at the start, in which order, and what is said when it cannot be.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { StartProblem, startKubedouble } from '../src/index.js'
import type { Plain } from '../src/machinery/index.js'

const folder = mkdtempSync(join(tmpdir(), 'kubedouble-manifests-'))
const cache = process.env.XDG_CACHE_HOME
beforeAll(() => {
  process.env.XDG_CACHE_HOME = folder
})
afterAll(() => {
  process.env.XDG_CACHE_HOME = cache
  if (cache === undefined) delete process.env.XDG_CACHE_HOME
  rmSync(folder, { recursive: true })
})

function file(name: string, text: string): string {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  return path
}

const start = (...manifests: string[]) => startKubedouble({ securePort: 'off', grpcPort: 'off', nodes: 1, manifests, logLevel: 'silent' })

const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, labels: {app: web}}\nspec: {containers: [{name: c, image: i}]}\n'
const service = 'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n'
const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n'
const list = JSON.stringify({
  apiVersion: 'v1',
  kind: 'ConfigMapList',
  items: [{ metadata: { name: 'one', namespace: 'shop' } }, { metadata: { name: 'two' }, data: { a: 'b' } }],
})

describe('manifests', () => {
  it('are applied in an order in which they can be, and their consequences are there when the server is ready', async () => {
    const paths = [file('shop/a.yaml', `# a comment\n---\n${pod}---\n---\n${service}`), file('shop/b.yml', namespace), file('shop/c.json', list)]
    file('shop/readme.txt', 'not a manifest: [')
    expect(paths).toHaveLength(3)
    const server = await start(join(folder, 'shop'))
    const read = async (path: string) => (await fetch(`${server.http}${path}`)).json() as Promise<Plain>
    expect((await read('/api/v1/namespaces/shop/pods/web')).status.phase).toBe('Running')
    expect((await read('/api/v1/namespaces/shop/endpoints/web')).subsets[0].addresses).toHaveLength(1)
    expect((await read('/api/v1/namespaces/shop/configmaps/one')).kind).toBe('ConfigMap')
    expect((await read('/api/v1/namespaces/default/configmaps/two')).metadata.managedFields[0]).toMatchObject({ operation: 'Apply' })
    await server.close()
  })

  it.each([
    ['is no YAML', `${namespace}---\na: [\n`, /^.*bad\.yaml, document 2: yaml: line \d+: .+$/],
    ['is no YAML, after a comment', `# first\n---\na: [\n`, /^.*bad\.yaml, document 1: yaml: line \d+: .+$/],
    ['is no object', `${namespace}---\n- a\n`, /^.*bad\.yaml, document 2 is no object/],
    ['has no kind', 'apiVersion: v1\n', /^.*bad\.yaml, document 1 has no apiVersion or no kind$/],
    ['is of a kind that is not there', 'apiVersion: v1\nkind: Nothing\n', /^.*bad\.yaml, document 1: no matches for kind "Nothing" in version "v1"$/],
    ['says a key twice', 'apiVersion: v1\nkind: Pod\nkind: Pod\n', /^.*bad\.yaml, document 1: .*key "kind" already set/s],
    ['has a field that is not there', `${namespace}spce: {}\n`, /^.*bad\.yaml, document 1: .*\.spce: field not declared in schema/],
    ['is invalid', `${namespace}---\n${service.replace('80', '0')}`, /^.*bad\.yaml, document 2: Service "web" is invalid: .*must be between 1 and 65535/],
    ['needs what is not there', pod, /^.*bad\.yaml, document 1: namespaces "shop" not found$/],
  ])('a document that %s stops the start and is named', async (_, text, message) => {
    const refusal = await start(file('bad/bad.yaml', text)).catch((error) => error)
    expect(refusal).toBeInstanceOf(StartProblem)
    expect(refusal.message).toMatch(message)
  })
})
