// Manifests: files of YAML or JSON that are applied when the server starts.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isObject, type Plain, StatusError, type UserInfo } from './machinery/index.js'
import { apply, create, type Realm, type WriteCall } from './registry/index.js'
import { StartProblem } from './start-problem.js'

/** One object of a file, and where it stands. */
export interface Manifest {
  object: Plain
  /** `pods.yaml, document 2` */
  place: string
}

const extensions = /\.(?:ya?ml|json)$/

/** Reads all objects, in a sensible order. @param paths files or folders @throws {StartProblem} */
export async function readManifests(paths: readonly string[]): Promise<Manifest[]> {
  if (!paths.length) return []
  const { duplicateKeysProblem, parseYAMLDocuments } = await import('./http/body/yaml-body.js')
  const manifests = paths.flatMap(filesOf).flatMap((file) => {
    const text = readText(file)
    const documents = parseYAMLDocuments(text)
    if ('error' in documents) throw new StartProblem(`${file}, document ${brokenDocument(text, parseYAMLDocuments)}: ${documents.error}`)
    return documents.flatMap(({ value, duplicateKeys }, index) => {
      const place = `${file}, document ${index + 1}`
      if (duplicateKeys.length) throw new StartProblem(`${place}: ${duplicateKeysProblem(duplicateKeys)}`)
      return value === null || value === undefined ? [] : objectsOf(value, place)
    })
  })
  return manifests
    .map((manifest, index) => ({ manifest, index }))
    .sort((one, other) => rankOf(one.manifest) - rankOf(other.manifest) || one.index - other.index)
    .map(({ manifest }) => manifest)
}

/** The number of the first document that is no YAML. */
function brokenDocument(text: string, parse: (text: string) => object): number {
  const [head, ...rest] = text.split(/^---(?=\s|$)/m)
  // What stands before the first line of dashes is a document if it says anything.
  const documents = /^\s*[^\s#%]/m.test(head) ? [head, ...rest] : rest
  return documents.findIndex((document) => 'error' in parse(document)) + 1 || 1
}

/** A folder stands for the files in it, not for those of its folders. */
function filesOf(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path]
    const files = readdirSync(path)
      .filter((file) => extensions.test(file))
      .sort()
    if (files.length) return files.map((file) => join(path, file))
  } catch (error) {
    throw new StartProblem(`--manifests: ${path} cannot be read (${(error as Error).message}): name a file or folder that exists`)
  }
  throw new StartProblem(`--manifests: ${path} has no file that ends in .yaml, .yml or .json`)
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new StartProblem(`--manifests: ${file} cannot be read (${(error as Error).message}): name a file or folder that exists`)
  }
}

/** A list stands for its items. */
function objectsOf(value: unknown, place: string): Manifest[] {
  if (!isObject(value)) throw new StartProblem(`${place} is no object: it needs apiVersion, kind and metadata`)
  const { apiVersion, kind, items } = value as Plain
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') throw new StartProblem(`${place} has no apiVersion or no kind`)
  if (!kind.endsWith('List') || !Array.isArray(items)) return [{ object: value, place }]
  return items.flatMap((item, index) =>
    objectsOf(isObject(item) ? { apiVersion, kind: kind.slice(0, -'List'.length), ...item } : item, `${place}, item ${index + 1}`),
  )
}

// What others need comes before those who need it.
const order = [
  'Namespace',
  'CustomResourceDefinition',
  'PriorityClass',
  'RuntimeClass',
  'StorageClass',
  'IngressClass',
  'ServiceCIDR',
  'Node',
  'ResourceQuota',
  'LimitRange',
  'ServiceAccount',
  'Secret',
  'ConfigMap',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'ClusterRole',
  'ClusterRoleBinding',
  'Role',
  'RoleBinding',
  'Service',
]
const ranks = new Map(order.map((kind, index) => [kind, index]))
const rankOf = ({ object }: Manifest) => ranks.get(object.kind) ?? order.length

const fieldManager = 'kubedouble-manifests'

/** Applies one object. @throws {StartProblem} that names file, document and cause */
export function applyManifest(realm: Realm, { object, place }: Manifest, user: UserInfo): void {
  const { apiVersion, kind } = object as { apiVersion: string; kind: string }
  const definition = realm.catalogue.findKind(apiVersion, kind)
  if (!definition) throw new StartProblem(`${place}: no matches for kind "${kind}" in version "${apiVersion}"`)
  const metadata: Plain = isObject(object.metadata) ? object.metadata : {}
  const name = typeof metadata.name === 'string' ? metadata.name : ''
  const namespace = definition.namespaced ? metadata.namespace || 'default' : ''
  const options = { fieldManager, fieldValidation: 'Strict' as const }
  const call: WriteCall = { definition, namespace, name, subresource: '', user, warn() {}, options }
  try {
    if (name && definition.verbs.includes('patch')) apply(realm, { ...call, options: { ...options, force: true } }, { value: object })
    else create(realm, call, { value: object })
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    throw new StartProblem(`${place}: ${error.message}`)
  }
}
