// Tables: what a server says of its groups, resources, columns and selectors, against the table of the real ones.
// What a server serves besides (custom resources, other groups) is not looked at.
import type { Plain } from '../../src/machinery/index.js'
import type { Client } from './client.js'
import { differences, withoutUndefined } from './comparison.js'
import type { Outcome } from './outcome.js'
import { readPath } from './path.js'
import { collectionOf, type GroupRow, groupRows, keyOf, type ResourceRow, resourceRows, rootOf, rowsOf, type SubresourceRow } from './resource-table.js'

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

type Read = (path: string, accept?: string) => Promise<{ code: number; body: Plain }>
type Report = (check: string, expected: unknown, got: unknown) => void

export async function checkTables(client: Client): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  const report: Report = (check, expected, got) => {
    outcomes.push({ check: `tables/${check}`, differences: differences(withoutUndefined(expected), withoutUndefined(got)) })
  }
  const read: Read = async (path, accept) => {
    const { code, bytes } = await client.send({ method: 'GET', path, accept })
    return { code, body: bytes.length ? (JSON.parse(bytes.toString()) as Plain) : {} }
  }
  await checkGroups(read, report)
  await checkResources(read, report)
  await checkAggregated(read, report)
  for (const row of resourceRows.filter(({ verbs }) => verbs.includes('list'))) {
    await checkLists(row, read, report)
    await checkSelectors(row, read, report)
  }
  return outcomes
}

async function checkGroups(read: Read, report: Report): Promise<void> {
  const named = groupRows.filter(([group]) => group)
  const known = new Set(named.map(([group]) => group))
  report('groups/core', ['v1'], readPath((await read('/api')).body, '.versions'))
  const groups = (readPath((await read('/apis')).body, '.groups') ?? []) as Plain[]
  const order = groups.map(({ name }) => name).filter((name) => known.has(name))
  report('groups/order', [...known], order)
  for (const row of named) {
    const [name] = row
    const found = groups.find((group) => group.name === name)
    report(`groups/${name}`, groupOf(row), found)
    report(`groups/${name} alone`, { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(row) }, (await read(`/apis/${name}`)).body)
  }
}

function groupOf([name, ...versions]: GroupRow) {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: entries, preferredVersion: entries[0] }
}

async function checkResources(read: Read, report: Report): Promise<void> {
  for (const [group, ...versions] of groupRows) {
    for (const version of versions) {
      const served = (readPath((await read(rootOf({ group, version }))).body, '.resources') ?? []) as Plain[]
      const expected = rowsOf(group, version).flatMap((row) => [
        resourceOf(row),
        ...(row.subresources ?? []).map((subresource) => subresourceOf(row, subresource)),
      ])
      report(`discovery${rootOf({ group, version })}`, namesOf(expected), namesOf(served))
      for (const each of expected) {
        const found = served.find(({ name }) => name === each.name)
        report(`discovery${rootOf({ group, version })}/${each.name}`, each, found)
      }
    }
  }
}

const namesOf = (resources: { name?: string }[]) => resources.map(({ name }) => name)

function resourceOf({ plural, singular, namespaced, kind, verbs, shortNames, categories, storageVersionHash }: ResourceRow) {
  return { name: plural, singularName: singular, namespaced, kind, verbs, shortNames, categories, storageVersionHash }
}

function subresourceOf({ plural, namespaced }: ResourceRow, { name, group, version, kind, verbs, explicit }: SubresourceRow) {
  return { name: `${plural}/${name}`, singularName: '', namespaced, ...(explicit ? { group, version } : {}), kind, verbs }
}

async function checkAggregated(read: Read, report: Report): Promise<void> {
  const documents = [await read('/api', aggregated), await read('/apis', aggregated)]
  const items = documents.flatMap(({ body }) => (body.items ?? []) as Plain[])
  const nameOf = (item: Plain) => item.metadata?.name ?? ''
  const order = items.map(nameOf).filter((name) => groupRows.some(([group]) => group === name))
  report(
    'aggregated/order',
    groupRows.map(([group]) => group),
    order,
  )
  for (const [group, ...versions] of groupRows) {
    const item = items.find((each) => nameOf(each) === group)
    for (const version of versions) {
      const served = ((item?.versions ?? []) as Plain[]).find((each) => each.version === version)
      report(`aggregated${rootOf({ group, version })}`, 'Current', served?.freshness)
      for (const row of rowsOf(group, version)) {
        const found = ((served?.resources ?? []) as Plain[]).find(({ resource }) => resource === row.plural)
        report(`aggregated${rootOf(row)}/${row.plural}`, aggregatedOf(row), found)
      }
    }
  }
}

function aggregatedOf({ plural, namespaced, singular, kind, verbs, shortNames, categories, subresources }: ResourceRow) {
  return {
    resource: plural,
    responseKind: { group: '', version: '', kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    shortNames,
    categories,
    subresources: subresources?.map(({ name, group, version, kind, verbs, explicit }) => ({
      subresource: name,
      responseKind: explicit ? { group, version, kind } : { group: '', version: '', kind },
      verbs,
    })),
  }
}

async function checkLists(row: ResourceRow, read: Read, report: Report): Promise<void> {
  const path = `${collectionOf(row)}?limit=1`
  const { body } = await read(path)
  const apiVersion = row.group ? `${row.group}/${row.version}` : row.version
  report(`lists/${keyOf(row)}`, { kind: row.listKind, apiVersion }, { kind: body.kind, apiVersion: body.apiVersion })
  const printed = (await read(path, table)).body
  const columns = ((printed.columnDefinitions ?? []) as Plain[]).map(({ name, type, format, priority }) => [name, type, format, priority])
  report(
    `columns/${keyOf(row)}`,
    { kind: 'Table', apiVersion: 'meta.k8s.io/v1', columns: row.columns },
    { kind: printed.kind, apiVersion: printed.apiVersion, columns },
  )
}

async function checkSelectors(row: ResourceRow, read: Read, report: Report): Promise<void> {
  const ask = (field: string) => read(`${collectionOf(row)}?limit=1&fieldSelector=${encodeURIComponent(`${field}=x`)}`)
  for (const field of row.fieldSelectors ?? []) report(`selectors/${keyOf(row)} ${field}`, 200, (await ask(field)).code)
  const { code, body } = await ask('no.such.field')
  report(`selectors/${keyOf(row)} of no field`, { code: 400, reason: 'BadRequest' }, { code, reason: body.reason })
}
