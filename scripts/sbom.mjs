// The bill of materials: what the bundles hold and what an installation brings, as npm knows it, in CycloneDX.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The same lock file makes the same text: it has no serial number and no time.
 * @param bundled the packages whose code is in the bundles
 * @param installed what comes with them
 */
export function sbomOf(root, { bundled, installed }) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const { $schema, bomFormat, specVersion, components, dependencies } = JSON.parse(askNpm(root))
  const inBundles = new Set(bundled.map(reference))
  const wanted = new Set([...inBundles, ...installed.map(reference)])
  const kept = components.filter((component) => wanted.has(component['bom-ref']))
  const known = new Set([`${name}@${version}`, ...kept.map((component) => component['bom-ref'])])
  const missing = [...wanted].filter((each) => !known.has(each))
  if (missing.length > 0) throw new Error(`npm does not know of ${missing.join(', ')}`)
  return lines({
    $schema,
    bomFormat,
    specVersion,
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: {
        'bom-ref': `${name}@${version}`,
        type: 'application',
        name,
        version,
        purl: `pkg:npm/${name}@${version}`,
        licenses: [{ license: { id: license } }],
      },
    },
    components: kept.map((component) => briefly(component, inBundles.has(component['bom-ref']))).sort(by('bom-ref')),
    dependencies: dependencies
      .filter(({ ref }) => known.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: (dependsOn ?? []).filter((each) => known.has(each)).sort() }))
      .sort(by('ref')),
  })
}

function askNpm(root) {
  const [command, ...first] = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm']
  return execFileSync(command, [...first, 'sbom', '--sbom-format', 'cyclonedx'], { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
}

const reference = ({ name, version }) => `${name}@${version}`

/** What comes with the package where it is installed, by the lock file. */
export function installedPackages(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  return Object.entries(packages)
    .filter(([path, { dev, devOptional, optional }]) => path !== '' && !dev && !devOptional && !optional)
    .map(([path, entry]) => ({ path, name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length), ...entry }))
}

/** What tells a package from others, and under which terms it comes. */
function briefly({ 'bom-ref': bomReference, type, name, version, purl, hashes, licenses }, isBundled) {
  return {
    'bom-ref': bomReference,
    type,
    name,
    version,
    scope: 'required',
    purl,
    hashes,
    licenses,
    properties: [{ name: 'cdx:npm:package:bundled', value: String(isBundled) }],
  }
}

const by = (key) => (one, other) => (one[key] < other[key] ? -1 : 1)

/** JSON with a line for each component, so that two releases can be compared. */
function lines({ components, dependencies, ...rest }) {
  const list = (items) => `[\n${items.map((item) => JSON.stringify(item)).join(',\n')}\n]`
  return `${JSON.stringify(rest).slice(0, -1)},\n"components":${list(components)},\n"dependencies":${list(dependencies)}}\n`
}
