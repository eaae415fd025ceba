// Requests that nobody should send: each is answered in a Status, at a bounded cost, and the server goes on serving.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { encodeObject, type Plain, type ResourceDefinition } from '../../src/machinery/index.js'
import { builtInResources } from '../../src/resources/index.js'
import { configMap, configMaps, openApp, type Reply, type Sent, shapeOf, type TestApp } from '../support/app.js'
import { type Chance, chanceOf, garbled, mutated } from '../support/chance.js'
import { readSamples } from '../support/samples.js'

let app: TestApp
beforeAll(async () => {
  app = await openApp()
  app.realm.create('v1/configmaps', configMap('t', { data: { a: '1' } }))
})
afterEach(async () => {
  expect((await app.get(`${configMaps}/t`)).status).toBe(200)
  expect(app.mistakes.splice(0)).toEqual([])
})
afterAll(() => app.close())

const pods = '/api/v1/namespaces/samples/pods'
const services = '/api/v1/namespaces/samples/services'
const bodyMax = 3 * 1024 * 1024

/** Two cores may be busy with other tests. */
const millisMax = 8000

async function ask(method: string, path: string, sent: Sent = {}): Promise<Reply> {
  const began = performance.now()
  const reply = await app.ask(method, path, sent)
  expect(performance.now() - began).toBeLessThan(millisMax)
  expect(reply.bytes.length).toBeLessThan(8_000_000)
  return reply
}

const post = (path: string, body: string | Buffer, type = 'application/json') => ask('POST', path, { body, headers: { 'content-type': type } })
const patch = (body: string, type: string, query = '') => ask('PATCH', `${configMaps}/t${query}`, { body, headers: { 'content-type': `application/${type}` } })
const named = (rest: string, name = 'x') => `{"metadata":{"name":"${name}"},${rest}}`
const times = (text: string, count: number, separator = ',') => Array.from({ length: count }, () => text).join(separator)
const members = (count: number, value = '""') => Array.from({ length: count }, (_, index) => `"k${index}":${value}`).join(',')

describe('a body that is too large', () => {
  it('is refused before it is read, or as soon as it is', async () => {
    const whole = await ask('POST', configMaps, { body: 'x'.repeat(bodyMax + 1) })
    expect(whole.json).toMatchObject({ code: 413, reason: 'RequestEntityTooLarge', message: 'Request entity too large: limit is 3145728' })
    const piece = `100000\r\n${'x'.repeat(0x100000)}\r\n`
    const answer = await app.speak(
      `POST ${configMaps} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${piece.repeat(4)}0\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect((await post(configMaps, 'x'.repeat(bodyMax))).status).toBe(400)
  })

  it('to be stored is refused as the real store refuses it', async () => {
    const tooLarge = { code: 500, message: 'etcdserver: request is too large' }
    const { json } = await post(pods, named(`"spec":{"containers":[{"name":"a","image":"b","args":["${'x'.repeat(2_000_000)}"]}]}`))
    expect(json).toMatchObject(tooLarge)
    expect(json.reason).toBeUndefined()
    for (const [path, body] of [
      [pods, named(`"spec":{"containers":[${times('{}', 1_000_000)}]}`)],
      [services, named(`"spec":{"ports":[${times('{}', 1_000_000)}]}`)],
      [configMaps, named(`"data":{${members(200_000)}}`)],
    ]) {
      expect((await post(path, body)).json).toMatchObject(tooLarge)
    }
  })
})

describe('a body of many parts', () => {
  it.each([
    ['labels', configMaps, `{"metadata":{"name":"x","labels":{${members(60_000, '"!"')}}}}`, 422],
    ['finalizers', configMaps, `{"metadata":{"name":"x","finalizers":[${times('"!"', 100_000)}]}}`, 422],
    ['owners', configMaps, `{"metadata":{"name":"x","ownerReferences":[${times('{}', 150_000)}]}}`, 422],
    ['entries of managers', configMaps, `{"metadata":{"name":"managers","managedFields":[${times('{}', 300_000)}]}}`, 201],
    ['unknown fields', configMaps, named(members(60_000), 'unknown'), 201],
    ['repeated keys', configMaps, named(`"data":{${times('"k":""', 400_000)}}`, 'repeated'), 201],
    ['ports', services, named(`"spec":{"ports":[${Array.from({ length: 30_000 }, (_, index) => `{"name":"p","port":${index}}`).join(',')}]}`), 422],
  ])('is answered: %s', async (_what, path, body, status) => {
    expect((await post(path, body)).status).toBe(status)
  })
})

describe('a body that is deep', () => {
  it.each([
    ['lists', named(`"data":${'['.repeat(10_000)}${']'.repeat(10_000)}`), 'application/json'],
    ['objects', `{"a":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`, 'application/json'],
    ['lists without end', '['.repeat(3_000_000), 'application/json'],
    ['flows of YAML', '['.repeat(1_500_000), 'application/yaml'],
    ['blocks of YAML', Array.from({ length: 2200 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'), 'application/yaml'],
    ['dashes of YAML', '- '.repeat(1_500_000), 'application/yaml'],
    ['questions of YAML', '? '.repeat(1_500_000), 'application/yaml'],
  ])('is refused: %s', async (_what, body, type) => {
    expect((await post(configMaps, body, type)).json).toMatchObject({ code: 400, reason: 'BadRequest' })
  })

  it('is refused in protobuf, or cut off, whatever it claims', async () => {
    const protobuf = 'application/vnd.kubernetes.protobuf'
    const whole = Buffer.from(encodeObject(shapeOf('v1', 'ConfigMap') as never, configMap('binary', { data: { a: 'b' } })))
    for (let end = 0; end < whole.length; end += 7) expect([400, 422]).toContain((await post(configMaps, whole.subarray(0, end), protobuf)).status)
    expect((await post(configMaps, Buffer.concat([whole.subarray(0, 4), Buffer.alloc(1_000_000, 0x12)]), protobuf)).status).toBe(400)
    const many = Buffer.alloc(3_000_000)
    for (let at = 0; at < many.length; at += 2) many[at] = 0x12
    const head = Buffer.from('6b387300 0a09 0a027631 1203506f64 12c48db701 12c08db701'.replaceAll(' ', ''), 'hex')
    expect([400, 500]).toContain((await post(pods, Buffer.concat([head, many]), protobuf)).status)
  })

  it('may be as deep as anybody needs', async () => {
    const fields = `${'{"f:a":'.repeat(900)}{}${'}'.repeat(900)}`
    expect((await post(configMaps, `{"metadata":{"name":"deep","managedFields":[{"manager":"m","fieldsV1":${fields}}]}}`)).status).toBe(201)
  })
})

describe('YAML that means more than it says', () => {
  it('is refused: aliases of aliases', async () => {
    const letters = [...'abcdefghijklm']
    const lines = letters.map((letter, index) => `${letter}: &${letter} [${times(index ? `*${letters[index - 1]}` : 'x', 10)}]`)
    expect((await post(configMaps, lines.join('\n'), 'application/yaml')).json.message).toContain('document contains excessive aliasing')
  })

  it('is refused: an anchor inside itself', async () => {
    expect((await post(configMaps, 'a: &a [*a]', 'application/yaml')).status).toBe(400)
  })

  it.each([
    ['keys', Array.from({ length: 60_000 }, (_, index) => `k${index}:`).join('\n')],
    ['repeated keys', 'k:\n'.repeat(100_000)],
    ['merges', `a: &a {${members(1000, 'x')}}\n${Array.from({ length: 1000 }, (_, index) => `b${index}: {<<: [*a, *a, *a]}`).join('\n')}`],
    ['documents', '---\n'.repeat(100_000)],
    ['quotes', '"'.repeat(3_000_000)],
    ['colons', 'a: '.repeat(1_000_000)],
    ['tags', '!'.repeat(3_000_000)],
    ['anchors', '&a '.repeat(1_000_000)],
    ['tabs', '\t'.repeat(3_000_000)],
  ])('is answered: many %s', async (_what, body) => {
    expect([400, 422]).toContain((await post(configMaps, body, 'application/yaml')).status)
  })
})

describe('names that mean something to JavaScript', () => {
  it('are names like any other', async () => {
    const data = '{"__proto__":"p","constructor":"c","hasOwnProperty":"h","toString":"t"}'
    const { json } = await post(
      configMaps,
      `{"metadata":{"name":"proto","annotations":{"constructor":"c"},"__proto__":{"name":"other"}},"__proto__":{"kind":"Secret"},"data":${data}}`,
    )
    expect([json.kind, json.metadata.name, JSON.stringify(json.data)]).toEqual(['ConfigMap', 'proto', data])
    expect((await ask('GET', `${configMaps}/proto`)).text).toContain(data)
    expect((await ask('GET', `${configMaps}/proto`, { headers: { accept: 'application/yaml' } })).text).toContain('constructor: c')
  })

  it.each([
    '/api/v1/__proto__',
    '/api/v1/constructor',
    '/apis/__proto__/v1/x',
    '/apis/apps/__proto__/x',
    `${configMaps}/__proto__`,
    `${configMaps}/t/constructor`,
  ])('lead nowhere: %s', async (path) => {
    expect((await ask('GET', path)).status).toBe(404)
  })

  it.each([
    ['json-patch+json', '[{"op":"add","path":"/__proto__/polluted","value":1},{"op":"add","path":"/constructor/prototype/polluted","value":1}]'],
    ['json-patch+json', '[{"op":"add","path":"/data/__proto__","value":{"polluted":1}}]'],
    ['merge-patch+json', '{"__proto__":{"polluted":1},"metadata":{"constructor":{"prototype":{"polluted":1}}}}'],
    ['strategic-merge-patch+json', '{"__proto__":{"polluted":1},"data":{"__proto__":null}}'],
    ['apply-patch+yaml?fieldManager=a&force=true', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"t"},"__proto__":{"polluted":1}}'],
  ])('change nothing else in a patch: %s', async (type, body) => {
    const [mediaType, query] = type.split('?')
    await patch(body, mediaType, query ? `?${query}` : '')
    expect(({} as Plain).polluted).toBeUndefined()
    expect((await app.get(`${configMaps}/t`)).json.polluted).toBeUndefined()
  })
})

describe('text that is none', () => {
  it('is mended as the real API mends it', async () => {
    const bad = Buffer.concat([Buffer.from('{"metadata":{"name":"bad"},"data":{"a":"'), Buffer.from([0xff, 0xc0, 0x80]), Buffer.from('"}}')])
    expect((await post(configMaps, bad)).json.data.a).toMatch(/^\ufffd+$/)
    expect((await post(configMaps, named('"data":{"a":"\\ud800x \\ud83d\\ude00"}', 'half'))).json.data.a).toBe('\ufffdx 😀')
  })

  it.each([
    ['a zero byte in a name', '{"metadata":{"name":"a\\u0000b"}}', 422],
    ['half a letter in a key', named('"data":{"\\udc00":"b"}'), 422],
    ['a very long name', `{"metadata":{"name":"${'a'.repeat(1_000_000)}"}}`, 422],
    ['a very long prefix', `{"metadata":{"generateName":"${'A'.repeat(1_000_000)}"}}`, 422],
  ])('is refused: %s', async (_what, body, status) => {
    expect((await post(configMaps, body)).json).toMatchObject({ code: status })
  })
})

describe('numbers that nobody can hold', () => {
  it.each(['1e400', '-1e400', '9'.repeat(400), '1000000000000000000000000000000', '9223372036854775808', '0.5', '1.0', '1e0'])(
    'are refused where an integer is wanted: %s',
    async (number) => {
      const { json } = await post(pods, named(`"spec":{"terminationGracePeriodSeconds":${number},"containers":[{"name":"a","image":"b"}]}`))
      expect([json.code, json.message]).toEqual([400, expect.stringContaining('Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64')])
    },
  )

  it.each(['1e300', '"1e999999999"', `"${'9'.repeat(1000)}"`, '"1Kii"', '""', '"."', '"1e"', '"-"'])('are refused as quantities: %.40s', async (quantity) => {
    expect((await post(pods, named(`"spec":{"containers":[{"name":"a","image":"b","resources":{"limits":{"cpu":${quantity}}}}]}`))).json.code).toBe(400)
  })
})

describe('a patch', () => {
  it('of too many operations is refused', async () => {
    const { json } = await patch(`[${times('{"op":"test","path":"/kind","value":"ConfigMap"}', 10_001)}]`, 'json-patch+json')
    expect(json).toMatchObject({ code: 413, message: 'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001' })
  })

  it.each([
    [
      'that copies itself again and again',
      `[{"op":"add","path":"/data/b","value":"${'x'.repeat(1000)}"},${times('{"op":"copy","from":"/data","path":"/data/c"}', 60)}]`,
    ],
    ['that goes very deep', `[{"op":"add","path":"${'/a'.repeat(500_000)}","value":1}]`],
    ['that goes very far', '[{"op":"add","path":"/metadata/finalizers","value":[]},{"op":"add","path":"/metadata/finalizers/99999999","value":"x"}]'],
    ['of nonsense', '[{},{"op":"frob"},{"op":"add"},{"op":"add","path":"x","value":1}]'],
  ])('of JSON %s is refused', async (_what, body) => {
    expect((await patch(body, 'json-patch+json')).json.code).toBe(422)
  })

  it.each([
    'null',
    '[]',
    '1',
    '"x"',
    '',
    '{',
    '{"metadata":null}',
    '{"metadata":[]}',
    '{"data":[]}',
    '{"$patch":1}',
    '{"metadata":{"$setElementOrder/finalizers":5}}',
    '{"metadata":{"finalizers":{}}}',
  ])('of %s is answered in every form', async (body) => {
    for (const type of ['json-patch+json', 'merge-patch+json', 'strategic-merge-patch+json', 'apply-patch+yaml']) {
      const { json } = await patch(body, type, type.startsWith('apply') ? '?fieldManager=m' : '')
      expect(['Status', 'ConfigMap']).toContain(json.kind)
      expect(json.reason).not.toBe('InternalError')
    }
  })
})

describe('options without end', () => {
  const long = (text: string) => encodeURIComponent(text).slice(0, 60_000)
  it.each([
    ['labels', `labelSelector=${long(Array.from({ length: 4000 }, (_, index) => `k${index}=v`).join(','))}`],
    ['values', `labelSelector=${long(`a in (${'b,'.repeat(9000)}c)`)}`],
    ['brackets', `labelSelector=${long('('.repeat(50_000))}`],
    ['fields', `fieldSelector=${long('metadata.name=x,'.repeat(2000))}metadata.name=x`],
    ['escapes', `fieldSelector=metadata.name%3D${long('\\'.repeat(10_000))}`],
    ['a token', `continue=${'A'.repeat(50_000)}`],
    ['a deep token', `continue=${Buffer.from('['.repeat(30_000)).toString('base64url')}`],
    ['a token from the future', `continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":1e300,"start":"a\\u0000"}').toString('base64url')}`],
    ['a version', `resourceVersion=${'9'.repeat(19)}`],
    ['a long version', `resourceVersion=${'9'.repeat(50_000)}`],
    ['a timeout', `timeout=${'1'.repeat(50_000)}`],
    ['a timeout of parts', `timeout=${'1h'.repeat(20_000)}x`],
    ['the same', 'dryRun=x&'.repeat(6000)],
    ['escapes that are none', '%'.repeat(10_000)],
  ])('are answered: %s', async (_what, query) => {
    const { status, json } = await ask('GET', `${configMaps}?limit=1&${query}`)
    expect([200, 400, 504]).toContain(status)
    expect(json.kind).toMatch(/^(?:Status|ConfigMapList)$/)
  })

  it('are answered: forms', async () => {
    for (const accept of [
      'a/b,'.repeat(10_000),
      `application/json${';a=b'.repeat(10_000)}`,
      ';'.repeat(4000),
      ','.repeat(4000),
      `${'x'.repeat(30_000)}/json`,
    ]) {
      expect([200, 406]).toContain((await ask('GET', `${configMaps}/t`, { headers: { accept } })).status)
    }
  })
})

describe('requests made by chance', () => {
  const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']
  const segments = [
    'api',
    'apis',
    'v1',
    'apps',
    'namespaces',
    'samples',
    'configmaps',
    'pods',
    'deployments',
    't',
    'status',
    'scale',
    'watch',
    'binding',
    '',
    '..',
    '%00',
    'a%2Fb',
    'кириллица',
    '__proto__',
  ]
  const types = [
    'application/json',
    'application/yaml',
    'application/vnd.kubernetes.protobuf',
    'application/merge-patch+json',
    'application/strategic-merge-patch+json',
    'application/json-patch+json',
    'application/apply-patch+yaml',
    'text/plain',
    '',
    'x/y;z',
  ]
  const queries = [
    'watch=1&timeoutSeconds=1&resourceVersion=x',
    'limit=1',
    'dryRun=All',
    'fieldManager=m',
    'force=true',
    'fieldValidation=Strict',
    'labelSelector=a,!b,c in (d)',
    'fieldSelector=metadata.name=t',
    'continue=x',
    'pretty=1',
    'resourceVersion=0',
    'propagationPolicy=Foreground',
    'gracePeriodSeconds=-1',
    '%%%',
    '=&=',
  ]
  const podSeed = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', labels: { a: 'b' } },
    spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }], env: [{ name: 'A', value: 'b' }] }] },
  }
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
    spec: { replicas: 1, selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: podSeed.spec } },
  }
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports: [{ port: 80, targetPort: 'http' }], selector: { a: 'b' } } }
  const places: [path: string, seed: Plain][] = [
    [configMaps, configMap('t', { data: { a: '1' }, binaryData: { b: 'AAE=' } })],
    [pods, podSeed],
    [services, service],
    ['/apis/apps/v1/namespaces/samples/deployments', deployment],
  ]

  function bodyOf(seed: Plain, type: string, next: Chance): Buffer {
    let object = seed as unknown
    for (let count = next(4); count > 0; count--) object = mutated(object, next)
    if (type.includes('json-patch'))
      object = [
        {
          op: ['add', 'remove', 'replace', 'move', 'copy', 'test'][next(6)],
          path: ['/metadata/labels', '/spec', '', '/data/a', '/metadata/name', '/x/y'][next(6)],
          from: '/metadata',
          value: object,
        },
      ]
    const shape = type.includes('protobuf') ? shapeOf(seed.apiVersion, seed.kind) : undefined
    const bytes = shape ? Buffer.from(encodeObject(shape, seed)) : Buffer.from(JSON.stringify(object) ?? '')
    return next(3) === 0 || shape ? garbled(bytes, next) : bytes
  }

  function requestBy(next: Chance): { method: string; path: string; sent: Sent } {
    const [place, seed] = places[next(places.length)]
    const name = next(2) ? `/${seed.metadata.name}` : ''
    const anywhere = () => `/${Array.from({ length: 1 + next(8) }, () => segments[next(segments.length)]).join('/')}`
    const path = next(5) === 0 ? anywhere() : place + name + (next(6) === 0 ? `/${segments[next(segments.length)]}` : '')
    const query = Array.from({ length: next(3) }, () => queries[next(queries.length)]).join('&')
    const method = methods[next(methods.length)]
    const type = types[next(method === 'PATCH' ? 10 : 3)]
    const hasBody = !['GET', 'HEAD', 'OPTIONS'].includes(method) && next(10) > 0
    const accept = ['*/*', 'application/json', 'application/yaml', 'application/json;as=Table;g=meta.k8s.io;v=v1', 'x'][next(5)]
    return {
      method,
      path: encodeURI(`${path}${query ? `?${query}` : ''}`).replaceAll('%25', '%'),
      sent: { headers: { accept, ...(type ? { 'content-type': type } : {}) }, ...(hasBody ? { body: bodyOf(seed, type, next) } : {}) },
    }
  }

  it('are all answered, and none is a mistake of ours', async () => {
    const next = chanceOf(20261126)
    const codes = new Map<number, number>()
    for (let round = 0; round < 2000; round++) {
      const { method, path, sent } = requestBy(next)
      const { status, headers, text } = await app.ask(method, path, sent)
      const what = `${round}: ${method} ${path} ${JSON.stringify(sent.headers)} ${sent.body?.toString().slice(0, 2000)}\n→ ${status} ${text.slice(0, 500)}`
      codes.set(status, (codes.get(status) ?? 0) + 1)
      expect(headers['audit-id'], what).toBeDefined()
      // Upstream has two of its own: what its store says, and versions from the future.
      if (status >= 500) expect(text, what).toMatch(/"code": ?50[04]|code: 50[04]/)
      expect(text, what).not.toContain('InternalError')
      if (headers['content-type'] === 'application/json' && method !== 'HEAD' && !path.includes('watch'))
        expect(JSON.parse(text).kind, what).toEqual(expect.any(String))
      expect(app.mistakes, what).toEqual([])
    }
    // They are no use when all are refused for the same reason.
    expect([200, 201, 400, 404, 405, 422].every((code) => (codes.get(code) ?? 0) > 10)).toBe(true)
    app.realm.create('v1/configmaps', configMap('t'))
  })

  it('for objects of every kind are answered, and none is a mistake of ours', async () => {
    const next = chanceOf(31)
    const made: [path: string, object: Plain][] = []
    const codes = new Set<number>()
    const kinds = readSamples().map(({ resource, send }): [path: string, object: Plain] => {
      const { group, apiVersion, namespaced, plural, kind } = builtInResources.find(({ key }) => key === resource) as ResourceDefinition
      return [`${group ? '/apis' : '/api'}/${apiVersion}${namespaced ? '/namespaces/samples' : ''}/${plural}`, { apiVersion, kind, ...send }]
    })
    for (const [path, body] of kinds) {
      const { status, json } = await app.ask('POST', path, { body })
      if (status === 201 && json.metadata.resourceVersion) made.push([`${path}/${json.metadata.name}`, json])
    }
    for (let round = 0; round < 1500; round++) {
      const method = ['POST', 'PUT', 'PATCH'][next(3)]
      const [path, seed] = method === 'POST' ? kinds[next(kinds.length)] : made[next(made.length)]
      const part = method !== 'POST' && next(5) === 0 ? `/${['status', 'scale', 'resize', 'approval', 'finalize'][next(5)]}` : ''
      const type = method === 'PATCH' ? types[3 + next(4)] : types[0]
      const body = JSON.stringify(mutated(next(2) ? mutated(seed, next) : seed, next)) ?? ''
      const { status, text } = await app.ask(method, `${path}${part}?dryRun=All${type.includes('apply') ? '&fieldManager=m&force=true' : ''}`, {
        headers: { 'content-type': type },
        body,
      })
      codes.add(status)
      const what = `${round}: ${method} ${path}${part} ${type} ${body.slice(0, 2000)}\n→ ${status} ${text.slice(0, 500)}`
      expect(JSON.parse(text).kind, what).toEqual(expect.any(String))
      expect(app.mistakes, what).toEqual([])
    }
    expect([...codes]).toEqual(expect.arrayContaining([200, 201, 400, 404, 409, 422]))
  })
})
