// Keeps the house tidy: who imports whom, what pure rooms may not do, how files are named, what is generated.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, normalize, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const source = join(import.meta.dirname, '..', 'src')
const files = (readdirSync(source, { recursive: true }) as string[])
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'))
  .map((path) => ({ path, text: readFileSync(join(source, path), 'utf8') }))
const written = files.filter(({ path }) => !path.startsWith('resources/shapes/'))

// A room may import the rooms above it, never those below.
const rooms = ['machinery', 'resources', 'admission', 'controllers', 'storage', 'registry', 'manager', 'cluster', 'certificates', 'http', 'grpc', 'server', 'cli', 'testing']
const mayImport: Record<string, string[]> = {
  machinery: [],
  resources: ['machinery'],
  admission: ['machinery', 'resources'],
  controllers: ['machinery', 'resources'],
  storage: ['machinery'],
  registry: ['machinery', 'storage'],
  manager: ['machinery', 'registry', 'resources'],
  cluster: ['machinery', 'resources', 'admission', 'controllers', 'storage', 'registry', 'manager'],
  certificates: [],
  http: ['machinery', 'registry', 'cluster'],
  grpc: ['machinery', 'registry', 'cluster'],
}
const pure = ['machinery', 'resources', 'admission', 'controllers']
const roomOf = (path: string) => (path.includes('/') ? path.split('/')[0] : path === 'index.ts' ? 'testing' : 'server')

function importsOf({ path, text }: { path: string; text: string }) {
  return [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, to]) => ({ to, target: to.startsWith('.') ? normalize(join(dirname(path), to)) : undefined }))
}

describe('the house', () => {
  it('has only rooms that the map knows', () => {
    expect([...new Set(files.map(({ path }) => roomOf(path)))].filter((room) => !rooms.includes(room))).toEqual([])
  })

  it('imports upward only, and other rooms only through their door', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file).flatMap(({ to, target }) => {
        const room = roomOf(file.path)
        const allowed = mayImport[room]
        if (!target || !allowed || roomOf(target) === room) return []
        const throughDoor = basename(target) === 'index.js' && dirname(target) === roomOf(target)
        return allowed.includes(roomOf(target)) && throughDoor ? [] : [`${file.path} imports ${to}`]
      }),
    )
    expect(wrong).toEqual([])
  })

  it.each([
    [/\basync\b|\bawait\b/, 'async'],
    [/\bDate\.now\(|new Date\(\)/, 'the time'],
    [/\bMath\.random\b/, 'randomness'],
    [/from 'node:/, 'Node'],
  ])('keeps pure rooms free of %s', (pattern) => {
    const code = (text: string) => text.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '')
    expect(written.filter(({ path, text }) => pure.includes(roomOf(path)) && pattern.test(code(text))).map(({ path }) => path)).toEqual([])
  })

  it('keeps a file to what fits a head', () => {
    expect(written.filter(({ text }) => text.split('\n').length > 401).map(({ path }) => path)).toEqual([])
  })

  it('names files as nouns in kebab-case', () => {
    const bad = /(?:^|\/)(?:utils?|helpers?|common|types|constants)\.ts$/
    expect(files.map(({ path }) => path).filter((path) => bad.test(path) || !/^[a-z0-9/.-]+\.ts$/.test(path))).toEqual([])
  })

  it('opens every file with what lives in it', () => {
    const bare = written.filter(({ path, text }) => basename(path) !== 'index.ts' && !/^(?:#!.*\n)?(?:\/\/|\/\*\*)/.test(text) && !path.startsWith('resources/'))
    expect(bare.map(({ path }) => path)).toEqual([])
  })

  it('leaves nothing unfinished', () => {
    const words = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].map((word) => `\\b${word}\\b`).join('|'))
    expect(written.filter(({ text }) => words.test(text)).map(({ path }) => path)).toEqual([])
  })

  it('keeps the kinds out of the rooms that serve every kind', () => {
    const kinds = /\b(?:Pod|Service|Endpoints|EndpointSlice|Node|Namespace|ConfigMap|Secret|Deployment)\b(?=['"`])/
    const generic = written.filter(({ path }) => ['registry', 'storage'].includes(roomOf(path)))
    expect(generic.filter(({ text }) => kinds.test(text)).map(({ path }) => path)).toEqual([])
  })

  it('has generated sources as the script makes them', () => {
    expect(() => execFileSync(process.execPath, [join(source, '..', 'scripts', 'generate.mjs'), '--check'], { stdio: 'pipe' })).not.toThrow()
  })

  it('speaks of the product only', () => {
    const top = join(source, '..')
    const listed = execFileSync('git', ['ls-files'], { cwd: top, encoding: 'utf8' }).split('\n').filter(Boolean)
    const foreign = new RegExp(['\\.\\./sha' + 'red', '(?:^|[^a-zA-Z0-9_.])/(?:wo' + 'rk|fa' + 'rm)/', '/ro' + 'ot/'].join('|'))
    const wrong = listed.filter((file) => /\.(?:ts|mjs|js|md|json|sql|txt|ya?ml|sh|proto)$|^Dockerfile$|^\.ci\//.test(file) && statSync(join(top, file), { throwIfNoEntry: false })?.isFile() && foreign.test(readFileSync(join(top, file), 'utf8')))
    expect(wrong.map((file) => relative(top, join(top, file)))).toEqual([])
  })
})
