// Makes docs/compatibility.md from what the sources say of themselves: the `Differs:` comments, the recorded answers that are
// known to differ, and which kinds somebody acts on. Only what nobody can derive is written here.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const source = join(root, 'src')

// What acts on these in a real cluster and does not here.
export const whoWouldAct = {
  APIService: 'the aggregation layer, which passes requests on to another API server',
  CSIDriver: 'kubelets and the attach-detach controller',
  CSINode: 'kubelets and the scheduler, which count volumes',
  CSIStorageCapacity: 'the scheduler, which looks for room',
  CertificateSigningRequest: 'the controllers that approve, sign and clean up',
  ClusterRole: 'the RBAC authorizer, and the controller that aggregates roles',
  ClusterRoleBinding: 'the RBAC authorizer',
  ComponentStatus: 'nobody any more: deprecated since 1.19',
  CustomResourceDefinition: 'the API server, which serves what it defines',
  DeviceClass: 'the scheduler, which allocates devices',
  FlowSchema: 'the API server, which holds requests back by it; here it is named in the answers, no more',
  HorizontalPodAutoscaler: 'its controller, which reads metrics of containers that run',
  MutatingWebhookConfiguration: 'the API server, which calls the webhooks',
  NetworkPolicy: 'a network plugin, which is not part of Kubernetes',
  PodTemplate: 'nobody',
  PriorityLevelConfiguration: 'the API server, which holds requests back by it; here it is named in the answers, no more',
  ResourceClaim: 'the scheduler and the controller of claims',
  ResourceClaimTemplate: 'the controller that makes a claim of it for each pod',
  ResourceSlice: 'the scheduler, which allocates devices',
  Role: 'the RBAC authorizer',
  RoleBinding: 'the RBAC authorizer',
  ValidatingAdmissionPolicy: 'the API server, which evaluates it',
  ValidatingAdmissionPolicyBinding: 'the API server, which evaluates its policy',
  ValidatingWebhookConfiguration: 'the API server, which calls the webhooks',
  VolumeAttachment: 'the attach-detach controller',
}

const opening = `# Compatibility

kubedouble answers as Kubernetes 1.35 does. \`npm run conformance\` holds it against everything that is known of a real
control plane: recorded conversations, the contents of a fresh cluster, samples of every built-in kind, and the tables of
groups, resources, columns and selectors. What differs nevertheless is listed here, and a test holds this list against the
one that the run uses. \`npm run generate\` makes this page from what the sources say of themselves.
`

const absent = `## What is absent

It answers 404 or is refused at the start, and is never pretended:

- authorization: everybody may do everything, and reviews of access say so; Roles and bindings are data
- webhooks and policies of admission: their configurations are data
- custom resources: a CustomResourceDefinition is data, and what it defines is not served
- other API servers: an APIService is data
- what reaches into containers: \`log\`, \`exec\`, \`attach\`, \`portforward\` and \`proxy\` of pods, nodes and services
- volumes: nobody makes or binds one; a claim stays Pending, and a pod that uses it runs all the same
- traffic: cluster IPs, node ports and load balancers have addresses, and nothing listens there; no DNS
- alpha and beta versions of the API
`

/** @returns the text of docs/compatibility.md */
export async function compatibilityPage() {
  const known = JSON.parse(readFileSync(join(root, 'test/conformance/known-differences.json'), 'utf8'))
  const recorded = known.map(({ check, reason }) => `- \`${check}\`: ${reason}\n`).join('')
  return [opening, `## Recorded answers that differ\n\n${recorded || 'None.\n'}`, ...kindSections(await sortedKinds()), absent, differenceSection()].join('\n')
}

/** The definitions and controllers themselves: what they watch is the truth. */
async function loadKinds() {
  const contents = "export { controllersOf } from './controllers/index.js'; export * from './resources/index.js'"
  const options = { bundle: true, write: false, format: 'esm', platform: 'node', target: 'node20', logLevel: 'silent' }
  const { outputFiles } = await build({ ...options, stdin: { contents, resolveDir: source, loader: 'ts' } })
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`)
}

function kindSections(kinds) {
  const { acted, read, plain, reviews } = kinds
  return [
    `## Kinds that controllers act on\n\nWhat is done to objects of every kind (namespace deletion, garbage collection, quota) is left out.\n\n${table('kind', 'controllers', acted, ({ controllers }) => controllers.join(', '))}`,
    `## Kinds that others read\n\nNo controller acts on them; what they say counts when something else is written.\n\n${table('kind', 'read in `src/`', read, ({ readers }) => readers.join(', '))}`,
    `## Kinds that are plain data\n\nWhat you write is what you read, with defaults, field ownership, watches and everything else that all kinds have.\n\n${table('kind', 'who would act on it in a real cluster', plain, ({ kind }) => whoWouldAct[kind] ?? '')}`,
    `## Kinds that are not kept\n\nThey are answered or carried out at once: ${reviews.map(({ kind }) => kind).join(', ')}.\n`,
  ]
}

/** All kinds, told apart by who cares for them. */
export async function sortedKinds() {
  const module = await loadKinds()
  const controllers = module.controllersOf({ maxEndpointsPerSlice: 100, clusterCA: '' })
  const files = readersOf(module)
  // Another version or group of the same objects is no other kind.
  const rows = module.builtInResources
    .filter((definition) => definition.storedAs === definition)
    .map((definition) => ({
      name: definition.group ? `${definition.kind} (${definition.group})` : definition.kind,
      kind: definition.kind,
      isReview: definition.verbs.every((verb) => verb === 'create'),
      controllers: namesOf(controllers.filter(({ watches }) => watches.some((watch) => watch.definition?.storedAs === definition))),
      readers: namesOf(files.filter(({ definitions }) => definitions.includes(definition))),
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
  const kept = rows.filter(({ isReview }) => !isReview)
  const unwatched = kept.filter((row) => row.controllers.length === 0)
  return {
    acted: kept.filter((row) => row.controllers.length > 0),
    read: unwatched.filter((row) => row.readers.length > 0),
    plain: unwatched.filter((row) => row.readers.length === 0),
    reviews: rows.filter(({ isReview }) => isReview),
  }
}

const namesOf = (list) => [...new Set(list.map(({ name }) => name))]

function table(first, second, rows, cell) {
  return [`| ${first} | ${second} |`, '| --- | --- |', ...rows.map((row) => `| ${row.name} | ${cell(row)} |`), ''].join('\n')
}

/** Each file of the rooms that look at other objects, with the definitions that it imports. */
function readersOf(module) {
  return sourceFiles()
    .filter(({ path }) => /^(?:admission|controllers)\//.test(path))
    .map(({ path, text }) => {
      const imported = [...text.matchAll(/import \{([^}]*)\} from '(?:\.\.\/)+resources\/index\.js'/g)].flatMap(([, names]) => names.split(','))
      return { name: `\`${path}\``, definitions: imported.map((name) => module[name.trim().split(' as ')[0]]).filter((value) => value?.plural) }
    })
}

function differenceSection() {
  const lines = sourceFiles().flatMap(({ path, text }) => differencesOf(text).map((sentence) => `- \`${path}\`: ${sentence}\n`))
  return `## What the sources say of their differences\n\nPlaces are in \`src/\`; upstream is Kubernetes' own code.\n\n${lines.join('')}`
}

function sourceFiles() {
  return readdirSync(source, { recursive: true })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !path.startsWith('resources/shapes/'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(source, path), 'utf8') }))
}

/** What each `Differs:` says up to the end of its paragraph; one in the middle of a line needs what stands before it too. */
export function differencesOf(text) {
  const lines = text.split('\n')
  return lines.flatMap((line, index) => {
    if (!isComment.test(line) || !line.includes('Differs:')) return []
    const [before, after] = wordsOf(line).split(/\s*Differs:\s*/)
    const earlier = before ? [...paragraphBefore(lines, index), `${before} `] : []
    const later = []
    for (let next = index + 1; !lines[next - 1].includes('*/') && continues(lines[next]); next++) later.push(wordsOf(lines[next]))
    return [[...earlier, capitalised(after), ...later].join(' ').replace(/\s+/g, ' ').trim()]
  })
}

function paragraphBefore(lines, index) {
  const words = []
  for (let at = index - 1; at >= 0 && !lines[at + 1].includes('/**') && isComment.test(lines[at]) && wordsOf(lines[at]) !== ''; at--)
    words.unshift(wordsOf(lines[at]))
  return words
}

const capitalised = (text) => text.charAt(0).toUpperCase() + text.slice(1)
const isComment = /^\s*(?:\/\/|\/?\*)/
const wordsOf = (line) => line.replace(/^\s*(?:\/\/|\/?\*+\/?)\s*/, '').replace(/\s*\*\/.*$/, '')
/** Whether a line of a comment belongs to the paragraph before it. */
const continues = (line = '') => isComment.test(line) && /^(?!@|Upstream:|Differs:)\S/.test(wordsOf(line))
