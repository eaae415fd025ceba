// The operations on one subresource: those that read and write it, those that read text, those that open a stream.
import type { SubresourceFacts } from '../resource.js'
import type { Shape } from '../shape/shape.js'
import { capital } from './names.js'
import { content, mediaTypes, type Operation, operationBody, options, patchBody, type ResourceWords, requestBody, responses } from './operation.js'
import { prettyParameter, queryParameters } from './parameters.js'

export function subresourceOperations(words: ResourceWords, subresource: SubresourceFacts): Operation[] {
  const { definition, schema } = words
  // The kind that stands in the query of a stream is the subresource's own; that of a text is named after it.
  const streamed = subresource.kind.endsWith('Options') && schema.find(subresource)
  if (streamed) return connectOperations(words, subresource, streamed)
  const { group, version, kind } = definition
  const read = schema.find({ group, version, kind: `${kind}${capital(subresource.name)}Options` })
  return read ? [readText(words, subresource, read)] : objectOperations(words, subresource)
}

function objectOperations(words: ResourceWords, subresource: SubresourceFacts): Operation[] {
  const { base, prefix, subject, schema, schemas } = words
  const path = `${base}/{name}/${subresource.name}`
  const shape = schema.find(subresource) ?? words.definition.shape
  const object = schemas.of(shape)
  const id = (verb: string) => `${verb}${prefix}${subject}${capital(subresource.name)}`
  const body = (action: string, verb: string, codes: string[], sent?: Record<string, unknown>) =>
    operationBody(words, subresource, { action, id: id(verb), responses: responses(object, codes), requestBody: sent })
  const drafts: Record<string, () => Operation> = {
    get: () => ({ path, method: 'get', parameters: [prettyParameter], body: body('get', 'read', ['200']) }),
    create: () => ({
      path,
      method: 'post',
      parameters: options(words, 'CreateOptions'),
      body: body('post', 'create', ['200', '201', '202'], requestBody(object)),
    }),
    update: () => ({ path, method: 'put', parameters: options(words, 'UpdateOptions'), body: body('put', 'replace', ['200', '201'], requestBody(object)) }),
    patch: () => ({ path, method: 'patch', parameters: options(words, 'PatchOptions'), body: body('patch', 'patch', ['200', '201'], patchBody(words)) }),
  }
  return Object.entries(drafts)
    .filter(([verb]) => subresource.verbs.includes(verb))
    .map(([, make]) => make())
}

function readText(words: ResourceWords, subresource: SubresourceFacts, read: Shape): Operation {
  const { base, prefix, subject, describe } = words
  const id = `read${prefix}${subject}${capital(subresource.name)}`
  const text = responses({ type: 'string' }, ['200'], [...mediaTypes, 'text/plain'])
  return {
    path: `${base}/{name}/${subresource.name}`,
    method: 'get',
    parameters: [...queryParameters(read, describe), prettyParameter],
    body: operationBody(words, subresource, { action: 'get', id, responses: text }),
  }
}

const methodOfVerb: Record<string, string> = { get: 'get', update: 'put', create: 'post', delete: 'delete', patch: 'patch' }

function connectOperations(words: ResourceWords, subresource: SubresourceFacts, streamed: Shape): Operation[] {
  const { base, prefix, subject, describe } = words
  const path = `${base}/{name}/${subresource.name}`
  const parameters = queryParameters(streamed, describe)
  // What goes to a path behind the subresource is a proxy, and takes every method.
  const isProxy = streamed.field.has('path')
  const methods = [...subresource.verbs.map((verb) => methodOfVerb[verb]), ...(isProxy ? ['options', 'head'] : [])]
  const anything = { 200: { description: 'OK', content: content({ type: 'string' }, ['*/*']) }, 401: { description: 'Unauthorized' } }
  return methods.flatMap((method) => {
    const id = `connect${prefix}${capital(method)}${subject}${capital(subresource.name)}`
    const connect = (at: string, operationId: string) => ({
      path: at,
      method,
      parameters,
      body: operationBody(words, subresource, { action: 'connect', id: operationId, responses: anything }),
    })
    return isProxy ? [connect(path, id), connect(`${path}/{path}`, `${id}WithPath`)] : [connect(path, id)]
  })
}
