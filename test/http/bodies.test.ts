// What a client sends: formats, kinds, and what is said of a body that is none of what was expected.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeObject, type Plain } from '../../src/machinery/index.js'
import { configMap, configMaps, openApp, shapeOf, type TestApp } from '../support/app.js'

let app: TestApp
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app.close())

const protobuf = 'application/vnd.kubernetes.protobuf'
const services = '/api/v1/namespaces/samples/services'
const send = (type: string | undefined, body: string | Buffer, path = configMaps, method = 'POST') =>
  app.ask(method, path, { headers: type === undefined ? {} : { 'content-type': type }, body })

function binary(object: Plain): Buffer {
  const shape = shapeOf(object.apiVersion, object.kind)
  if (!shape) throw new Error('no shape')
  return Buffer.from(encodeObject(shape, object))
}

let count = 0
const fresh = () => `made-${count++}`

describe('a body', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON', undefined])('is JSON as %s', async (type) => {
    expect((await send(type, JSON.stringify(configMap(fresh(), { data: { a: 'ü' } })))).json).toMatchObject({ kind: 'ConfigMap', data: { a: 'ü' } })
  })

  it('is JSON where its type is empty, and a patch by what stands before the parameters', async () => {
    const name = fresh()
    expect((await send('', JSON.stringify(configMap(name)))).status).toBe(201)
    const patch = (type: string) => send(type, '{"data":{"a":"2"}}', `${configMaps}/${name}`, 'PATCH')
    expect((await patch('application/merge-patch+json; charset="')).json.data).toEqual({ a: '2' })
    expect([(await patch('')).status, (await send('/', '{}')).status, (await send('/', '{}', '/nowhere')).status]).toEqual([415, 415, 404])
  })

  it.each(['__proto__', 'constructor', 'toString'])('is of no type that only JavaScript knows: %s', async (type) => {
    const { status } = await send('application/json', JSON.stringify(configMap(fresh())))
    const name = `made-${count - 1}`
    expect([status, (await send(type, '{}')).status, (await send(type, '{}', `${configMaps}/${name}`, 'PATCH')).status]).toEqual([201, 415, 415])
    expect((await app.get(`${configMaps}/${name}`, { accept: `${type},application/json` })).status).toBe(200)
  })

  it('is YAML, or JSON that says it is', async () => {
    const yaml = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${fresh()}}\ndata:\n  a: "1"\n`
    expect((await send('application/yaml', yaml)).json.data).toEqual({ a: '1' })
    expect((await send('application/yaml', JSON.stringify(configMap(fresh())))).status).toBe(201)
    expect((await send('application/json', yaml)).json).toMatchObject({ code: 400 })
  })

  it.each(['application/json', protobuf])('is an eviction of the older API too, as %s', async (type) => {
    const pods = '/api/v1/namespaces/samples/pods'
    const name = fresh()
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [{ name: 'main', image: 'nginx' }] } }
    expect((await send('application/json', JSON.stringify(pod), pods)).status).toBe(201)
    const shape = shapeOf('policy/v1', 'Eviction')
    const eviction = { apiVersion: 'policy/v1beta1', kind: 'Eviction', metadata: { name } }
    const body = type === protobuf && shape ? Buffer.from(encodeObject(shape, eviction)) : JSON.stringify(eviction)
    expect((await send(type, body, `${pods}/${name}/eviction`)).json).toMatchObject({ kind: 'Status', status: 'Success' })
  })

  it('is protobuf', async () => {
    const made = await send(protobuf, binary(configMap(fresh(), { data: { a: '1' }, binaryData: { b: 'AAE=' } })))
    expect([made.status, made.json.data, made.json.binaryData]).toEqual([201, { a: '1' }, { b: 'AAE=' }])
    const back = await send(protobuf, binary(made.json), `${configMaps}/${made.json.metadata.name}`, 'PUT')
    expect([back.status, back.json.metadata.resourceVersion]).toEqual([200, made.json.metadata.resourceVersion])
  })

  it('may come in pieces, without a word about its length or type', async () => {
    const text = JSON.stringify(configMap(fresh()))
    const chunks = [text.slice(0, 20), text.slice(20)].map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('')
    const answer = await app.speak(
      `POST ${configMaps} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunks}0\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 201 /)
  })

  it('takes its kind from the path when it does not name one', async () => {
    expect((await app.ask('POST', configMaps, { body: { metadata: { name: fresh() } } })).json).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' })
  })

  it('is not asked for by GET and DELETE, whatever their headers say', async () => {
    expect((await send('application/json', '', configMaps, 'GET')).status).toBe(200)
    const name = fresh()
    await app.ask('POST', configMaps, { body: configMap(name) })
    expect((await send('application/json', '', `${configMaps}/${name}`, 'DELETE')).status).toBe(200)
  })

  it.each([
    ['application/xml', 'POST', configMaps],
    ['text/plain', 'POST', configMaps],
    ['nonsense', 'POST', configMaps],
    ['application/merge-patch+json', 'PUT', `${configMaps}/x`],
    ['application/x-www-form-urlencoded', 'DELETE', `${configMaps}/x`],
  ])('in a format nobody reads is refused: %s %s', async (type, method, path) => {
    const { status, json } = await send(type, '{}', path, method)
    expect([status, json.reason, json.message]).toEqual([
      415,
      'UnsupportedMediaType',
      `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, ${protobuf}`,
    ])
  })

  it.each(['application/json', 'application/yaml', 'nonsense', undefined])('that is no patch is refused: %s', async (type) => {
    const { status, json } = await send(type, '{}', `${configMaps}/x`, 'PATCH')
    expect([status, json.message, json.details]).toEqual([415, '415: Unsupported Media Type', {}])
  })
})

const unrecognized = 'the object provided is unrecognized (must be of type ConfigMap): '
const notJSON = `${unrecognized}couldn't get version/kind; json parse error: `

describe('a body that is wrong', () => {
  it.each([
    ['nothing', 'application/json', '', `${notJSON}unexpected end of JSON input (<empty>)`],
    ['no JSON', 'application/json', '{"a":x}', `${notJSON}invalid character 'x' looking for beginning of value ({"a":x})`],
    [
      'cut off',
      'application/json',
      '{"kind":"ConfigMap","metadata":{"name":"averylongname"',
      `${notJSON}unexpected end of JSON input ({"kind":"ConfigMap","metadata" ...)`,
    ],
    ['no YAML', 'application/yaml', 'a: [', undefined],
    ['no protobuf', protobuf, 'junk', `${unrecognized}provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] (6a756e6b)`],
    ['protobuf of nothing', protobuf, '', `${unrecognized}empty data (<empty>)`],
    ['protobuf without an object', protobuf, 'k8s\0', `${unrecognized}empty body (6b387300)`],
    ['an envelope cut off', protobuf, Buffer.from('6b3873000a0f0a', 'hex'), `${unrecognized}unexpected EOF (6b3873000a0f0a)`],
    [
      'a value of another type',
      'application/json',
      '{"data":1}',
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type map[string]string',
    ],
    [
      'bytes that are none',
      'application/json',
      '{"binaryData":{"a":"%"}}',
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: illegal base64 data at input byte 0',
    ],
    [
      'of another version',
      'application/json',
      '{"apiVersion":"v2","kind":"ConfigMap"}',
      'ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" in scheme "pkg/runtime/scheme.go:111"',
    ],
    [
      'of another kind',
      'application/json',
      '{"kind":"Secret","apiVersion":"v1"}',
      'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion',
    ],
  ])('is told what it is: %s', async (_what, type, body, message) => {
    const { status, json } = await send(type, body)
    expect([status, json.reason]).toEqual([400, 'BadRequest'])
    if (message) expect(json.message).toBe(message)
  })

  it.each(['POST', 'DELETE'])('says of itself what no text is (%s)', async (method) => {
    const path = method === 'POST' ? configMaps : `${configMaps}/absent`
    const { status, json } = await send('application/json', '{"apiVersion":"v1","kind":{"toString":"x"}}', path, method)
    expect([status, json.message]).toEqual([400, expect.stringContaining('json: cannot unmarshal object into Go struct field .kind of type string ')])
  })

  it('is told what it is: a protobuf object cut off', async () => {
    const message = Buffer.concat([Buffer.from('6b3873000a0f0a0276311209436f6e6669674d6170', 'hex'), Buffer.from('12030a0561', 'hex')])
    expect((await send(protobuf, message)).json.message).toBe('ConfigMap in version "v1" cannot be handled as a ConfigMap: unexpected EOF')
  })

  it('has integers that were written as fractions', async () => {
    const service = '{"metadata":{"name":"s"},"spec":{"ports":[{"port":80.0}]}}'
    expect((await send('application/json', service, services)).json).toMatchObject({
      code: 400,
      message:
        'Service in version "v1" cannot be handled as a Service: json: cannot unmarshal number 80.0 into Go struct field ServicePort.spec.ports.port of type int32',
    })
    expect((await send('application/json', '{"metadata":{"name":"s"},"spec":{"ports":[{"port":8e1}]}}', services)).json.message).toContain(
      'number 8e1 into Go struct field',
    )
  })

  it('is no options for a deletion', async () => {
    await app.ask('POST', configMaps, { body: configMap('kept') })
    const refused = async (body: Plain) => {
      const { status, json } = await app.ask('DELETE', `${configMaps}/kept`, { body })
      return [status, json.message]
    }
    expect(await refused({ gracePeriodSeconds: '5' })).toEqual([
      400,
      'DeleteOptions in version "v1" cannot be handled as a DeleteOptions: json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64',
    ])
    expect((await refused({ kind: 'ConfigMap', apiVersion: 'v1' }))[0]).toBe(400)
    expect((await refused({ dryRun: ['Some'] }))[0]).toBe(422)
    expect((await refused({ preconditions: { uid: 'x' } }))[0]).toBe(409)
    for (const apiVersion of ['v1', 'meta.k8s.io/v1', 'apps/v1']) {
      expect((await app.ask('DELETE', `${configMaps}/kept`, { body: { kind: 'DeleteOptions', apiVersion, dryRun: ['All'] } })).status).toBe(200)
    }
    const options = binary({ kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1', propagationPolicy: 'Background' })
    expect((await send(protobuf, options, `${configMaps}/kept`, 'DELETE')).status).toBe(200)
  })
})

describe('fields nobody knows', () => {
  const body = { ...configMap('strict'), extra: true, metadata: { name: 'strict', more: 1 } }

  it('are refused, told or passed over as asked', async () => {
    const ask = (validation: string) => app.ask('POST', `${configMaps}?dryRun=All&fieldValidation=${validation}`, { body })
    expect((await ask('Strict')).json.message).toBe(
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "metadata.more", unknown field "extra"',
    )
    expect((await ask('Warn')).headers.warning).toBe('299 - "unknown field \\"metadata.more\\"", 299 - "unknown field \\"extra\\""')
    expect((await ask('Ignore')).headers.warning).toBeUndefined()
  })

  it('and keys given twice are told each once', async () => {
    const text = '{"metadata":{"name":"dup"},"data":{"a":"1","a":"2","a":"3"},"x":1,"x":2}'
    const { headers, json } = await send('application/json', text, `${configMaps}?dryRun=All`)
    expect(headers.warning).toBe('299 - "duplicate field \\"data.a\\"", 299 - "duplicate field \\"x\\"", 299 - "unknown field \\"x\\""')
    expect(json.data).toEqual({ a: '3' })
  })
})
