// The options of a query: which are taken, which are refused and in which words.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configMap, configMaps, openApp, type TestApp } from '../support/app.js'

let app: TestApp
beforeAll(async () => {
  app = await openApp()
  for (const name of ['a', 'b', 'c']) app.realm.create('v1/configmaps', configMap(name))
})
afterAll(() => app.close())

const forbidden = (field: string, message: string) => ({ reason: 'FieldValueForbidden', field, message: `Forbidden: ${message}` })
const match = 'resourceVersionMatch'

describe('options of a list or watch', () => {
  it.each([
    ['resourceVersionMatch=Exact', [forbidden(match, 'resourceVersionMatch is forbidden unless resourceVersion is provided')]],
    ['resourceVersion=0&resourceVersionMatch=Exact', [forbidden(match, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')]],
    [
      'resourceVersion=1&resourceVersionMatch=x',
      [{ reason: 'FieldValueNotSupported', field: match, message: 'Unsupported value: "x": supported values: "Exact", "NotOlderThan", ""' }],
    ],
    ['resourceVersion=1&resourceVersionMatch=Exact&continue=x', [forbidden(match, 'resourceVersionMatch is forbidden when continue is provided')]],
    ['sendInitialEvents=true', [forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list')]],
    ['watch=1&sendInitialEvents=true', [forbidden(match, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')]],
    ['watch=1&sendInitialEvents=false', [forbidden(match, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')]],
    [
      'watch=1&sendInitialEvents=true&resourceVersionMatch=Exact',
      [
        forbidden(match, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'),
        { reason: 'FieldValueNotSupported', field: match, message: 'Unsupported value: "Exact": supported values: "NotOlderThan"' },
      ],
    ],
    ['watch=1&resourceVersionMatch=NotOlderThan', [forbidden(match, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')]],
    [
      'watch=1&sendInitialEvents=1&resourceVersionMatch=NotOlderThan&continue=x',
      [forbidden(match, 'resourceVersionMatch is forbidden when continue is provided')],
    ],
  ])('are refused: %s', async (query, causes) => {
    const { status, json } = await app.get(`${configMaps}?${query}`)
    const details = causes.map(({ field, message }) => `${field}: ${message}`)
    expect(status).toBe(422)
    expect(json).toMatchObject({
      reason: 'Invalid',
      message: `ListOptions.meta.k8s.io "" is invalid: ${details.length > 1 ? `[${details.join(', ')}]` : details[0]}`,
      details: { group: 'meta.k8s.io', kind: 'ListOptions', causes },
    })
  })

  it.each([
    ['limit=abc', 400, 'strconv.ParseInt: parsing "abc": invalid syntax'],
    ['limit=', 400, 'strconv.ParseInt: parsing "": invalid syntax'],
    ['limit=99999999999999999999', 400, 'strconv.ParseInt: parsing "99999999999999999999": value out of range'],
    [`limit=${'9'.repeat(500)}`, 400, `strconv.ParseInt: parsing "${'9'.repeat(500)}": value out of range`],
    ['watch=1&timeoutSeconds=1.5', 400, 'strconv.ParseInt: parsing "1.5": invalid syntax'],
    ['resourceVersion=abc', 400, 'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax'],
    ['watch=1&resourceVersion=abc', 500, 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax'],
    ['continue=e30', 400, 'invalid continue token: continue key is not valid'],
    [`continue=${btoa('{"v":"meta.k8s.io/v1","rv":1e300,"start":"a\\u0000"}')}`, 400, 'invalid continue token: continue key is not valid'],
    ['timeout=5x', 400, 'invalid timeout specified in the request URL - time: invalid duration "5x"'],
    ['timeout=5', 400, 'invalid timeout specified in the request URL - time: missing unit in duration "5"'],
    ['export=true', 400, 'the export parameter, deprecated since v1.14, is no longer supported'],
    ['fieldSelector=x', 400, "invalid selector: 'x'; can't understand 'x'"],
    ['labelSelector=x%3D%3D%3D', 400, "unable to parse requirement: found '=', expected: identifier"],
  ])('are wrong: %s', async (query, status, message) => {
    const { json } = await app.get(`${configMaps}?${query}`)
    expect([json.code, json.message]).toEqual([status, message])
  })

  it.each([
    'timeout=32s',
    'timeout=1h2m3.5s',
    'timeout=0',
    'limit=-1',
    'limit=0',
    'unknown=1',
    'export=false',
    'watch=0',
    'watch=False',
    '',
    '&&&',
    'limit=500&limit=x',
    'limit=%zz',
    'labelSelector=a%3Db;limit=1',
    'labelSelector=%',
    'fieldSelector=metadata.name!%3Dx&fieldSelector=metadata.name%3Da',
    'watch=0&watch=1',
  ])('do no harm: %s', async (query) => {
    const { status, json } = await app.get(`${configMaps}?${query}`)
    expect([status, json.items?.length]).toEqual([200, 3])
  })

  it('divide a list into pages of one version', async () => {
    const first = (await app.get(`${configMaps}?limit=2`)).json
    expect(first.metadata).toMatchObject({ remainingItemCount: 1, continue: expect.any(String) })
    app.realm.create('v1/secrets', { metadata: { name: 'between' } })
    const second = (await app.get(`${configMaps}?limit=2&continue=${first.metadata.continue}`)).json
    expect([...first.items, ...second.items].map((item) => item.metadata.name)).toEqual(['a', 'b', 'c'])
    expect(second.metadata).toEqual({ resourceVersion: first.metadata.resourceVersion })
    const refused = await app.get(`${configMaps}?limit=2&continue=${first.metadata.continue}&resourceVersion=5`)
    expect(refused.json).toMatchObject({ code: 400, message: 'specifying resource version is not allowed when using continue' })
  })

  it('from the future are answered with a time to come back', async () => {
    const { status, headers, json } = await app.get(`${configMaps}?resourceVersion=99999999`)
    expect([status, headers['retry-after'], json.reason]).toEqual([504, '1', 'Timeout'])
    expect(json.details).toEqual({ causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }], retryAfterSeconds: 1 })
  })
})

describe('options of a write', () => {
  it.each([
    ['POST', 'CreateOptions', 'dryRun=Some', 'dryRun: Unsupported value: ["Some"]: supported values: "All"'],
    ['POST', 'CreateOptions', 'dryRun=', 'dryRun: Unsupported value: [""]: supported values: "All"'],
    ['POST', 'CreateOptions', 'fieldValidation=x', 'fieldValidation: Unsupported value: "x": supported values: "", "Ignore", "Strict", "Warn"'],
    ['POST', 'CreateOptions', 'fieldManager=a%01', 'fieldManager: Invalid value: "a\\x01": invalid character U+0001 (at position 1)'],
    ['POST', 'CreateOptions', `fieldManager=${'x'.repeat(129)}`, 'fieldManager: Too long: may not be more than 128 bytes'],
    [
      'POST',
      'CreateOptions',
      'dryRun=x&fieldManager=%C3%A4%02&fieldValidation=y',
      '[fieldManager: Invalid value: "ä\\x02": invalid character U+0002 (at position 2), dryRun: Unsupported value: ["x"]: supported values: "All", fieldValidation: Unsupported value: "y": supported values: "", "Ignore", "Strict", "Warn"]',
    ],
    ['PUT', 'UpdateOptions', 'dryRun=x', 'dryRun: Unsupported value: ["x"]: supported values: "All"'],
    ['PATCH', 'PatchOptions', 'force=true', 'force: Forbidden: may not be specified for non-apply patch'],
    [
      'DELETE',
      'DeleteOptions',
      'propagationPolicy=x',
      'propagationPolicy: Unsupported value: "x": supported values: "Foreground", "Background", "Orphan", "nil"',
    ],
    [
      'DELETE',
      'DeleteOptions',
      'propagationPolicy=Orphan&orphanDependents=true',
      'propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set',
    ],
    ['DELETE', 'DeleteOptions', 'dryRun=x', 'dryRun: Unsupported value: ["x"]: supported values: "All"'],
  ])('are refused: %s with %s of %s', async (method, kind, query, message) => {
    const headers = method === 'PATCH' ? { 'content-type': 'application/merge-patch+json' } : {}
    const path = `${configMaps}${method === 'POST' ? '' : '/a'}?${query}`
    const { status, json } = await app.ask(method, path, { headers, ...(method === 'DELETE' ? {} : { body: configMap('a') }) })
    expect([status, json.message]).toEqual([422, `${kind}.meta.k8s.io "" is invalid: ${message}`])
  })

  it('that are no numbers are refused', async () => {
    const { json } = await app.ask('DELETE', `${configMaps}/a?gracePeriodSeconds=x`)
    expect([json.code, json.message]).toEqual([400, 'strconv.ParseInt: parsing "x": invalid syntax'])
  })

  it('name the manager, or the client is named', async () => {
    const managerOf = async (query: string, userAgent?: string) => {
      const headers = userAgent === undefined ? {} : { 'user-agent': userAgent }
      const { json } = await app.ask('POST', `${configMaps}?dryRun=All${query}`, { headers, body: configMap('managed', { data: { a: 'b' } }) })
      return json.metadata.managedFields?.[0]?.manager
    }
    expect(await managerOf('&fieldManager=me')).toBe('me')
    expect(await managerOf('', 'kubectl/v1.35 (linux/amd64)')).toBe('kubectl')
    expect(await managerOf('')).toBe('unknown')
    expect(await managerOf('', 'x'.repeat(500))).toBe('x'.repeat(128))
  })

  it('of a deletion are read from the query only without a body', async () => {
    app.realm.create('v1/configmaps', configMap('both'))
    await app.ask('DELETE', `${configMaps}/both?propagationPolicy=Nonsense`, { body: { dryRun: ['All'] } })
    expect((await app.get(`${configMaps}/both`)).status).toBe(200)
  })

  it('dry runs leave nothing behind', async () => {
    expect((await app.ask('POST', `${configMaps}?dryRun=All`, { body: configMap('dry') })).status).toBe(201)
    expect((await app.get(`${configMaps}/dry`)).status).toBe(404)
  })
})
