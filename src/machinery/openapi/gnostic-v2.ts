// The messages of gnostic's openapi.v2, as far as the documents of a Kubernetes API use them.
// Upstream: google/gnostic-models openapiv2/OpenAPIv2.proto
import type { Plain } from '../object.js'
import type { Member, Message } from './gnostic.js'

const info: Message = { members: { title: [1, 'string'], version: [2, 'string'], description: [3, 'string'] } }

const typeItem: Message = { members: { value: [1, { list: 'string' }] }, from: (type: string) => ({ value: [type] }) }
const itemsItem: Message = { members: { schema: [1, { list: { message: () => schema } }] }, from: (items: Plain) => ({ schema: [items] }) }

const additionalPropertiesItem: Message = {
  members: { schema: [1, { message: () => schema }], boolean: [2, 'boolean'] },
  isChoice: true,
  from: (given: Plain | boolean) => (typeof given === 'boolean' ? { boolean: given } : { schema: given }),
}

const schemaMap: Message = { rest: [1, { message: () => schema }] }

const schema: Message = {
  members: {
    $ref: [1, 'string'],
    format: [2, 'string'],
    title: [3, 'string'],
    description: [4, 'string'],
    default: [5, 'yaml'],
    required: [19, { list: 'string' }],
    enum: [20, { list: 'yaml' }],
    additionalProperties: [21, { message: () => additionalPropertiesItem }],
    type: [22, { message: () => typeItem }],
    items: [23, { message: () => itemsItem }],
    properties: [25, { message: () => schemaMap }],
  },
  extensions: 31,
}

const schemaItem: Message = { members: { schema: [1, { message: () => schema }] }, isChoice: true, from: (given: Plain) => ({ schema: given }) }

const bodyParameter: Message = {
  members: { description: [1, 'string'], name: [2, 'string'], in: [3, 'string'], required: [4, 'boolean'], schema: [5, { message: () => schema }] },
}

const placedParameter: Record<string, Member> = { required: [1, 'boolean'], in: [2, 'string'], description: [3, 'string'], name: [4, 'string'] }
const queryParameter: Message = { members: { ...placedParameter, type: [6, 'string'], format: [7, 'string'], uniqueItems: [20, 'boolean'] } }
const pathParameter: Message = { members: { ...placedParameter, type: [5, 'string'], format: [6, 'string'], uniqueItems: [19, 'boolean'] } }

const otherParameter: Message = {
  members: { query: [3, { message: () => queryParameter }], path: [4, { message: () => pathParameter }] },
  isChoice: true,
  from: (given: Plain) => ({ [given.in]: given }),
}

const parameter: Message = {
  members: { body: [1, { message: () => bodyParameter }], other: [2, { message: () => otherParameter }] },
  isChoice: true,
  from: (given: Plain) => (given.in === 'body' ? { body: given } : { other: given }),
}

const reference: Message = { members: { $ref: [1, 'string'], description: [2, 'string'] } }

const parametersItem: Message = {
  members: { parameter: [1, { message: () => parameter }], reference: [2, { message: () => reference }] },
  isChoice: true,
  from: (given: Plain) => (given.$ref ? { reference: given } : { parameter: given }),
}

const response: Message = { members: { description: [1, 'string'], schema: [2, { message: () => schemaItem }] }, extensions: 5 }
const responseValue: Message = { members: { response: [1, { message: () => response }] }, isChoice: true, from: (given: Plain) => ({ response: given }) }
const responses: Message = { rest: [1, { message: () => responseValue }], extensions: 2 }

const operation: Message = {
  members: {
    tags: [1, { list: 'string' }],
    description: [3, 'string'],
    operationId: [5, 'string'],
    produces: [6, { list: 'string' }],
    consumes: [7, { list: 'string' }],
    parameters: [8, { list: { message: () => parametersItem } }],
    responses: [9, { message: () => responses }],
    schemes: [10, { list: 'string' }],
    deprecated: [11, 'boolean'],
  },
  extensions: 13,
}

const operationMember = (number: number): Member => [number, { message: () => operation }]

const pathItem: Message = {
  members: {
    get: operationMember(2),
    put: operationMember(3),
    post: operationMember(4),
    delete: operationMember(5),
    options: operationMember(6),
    head: operationMember(7),
    patch: operationMember(8),
    parameters: [9, { list: { message: () => parametersItem } }],
  },
  extensions: 10,
}

const paths: Message = { rest: [2, { message: () => pathItem }], extensions: 1 }

const apiKeySecurity: Message = { members: { type: [1, 'string'], name: [2, 'string'], in: [3, 'string'], description: [4, 'string'] } }
const securityItem: Message = { members: { apiKey: [2, { message: () => apiKeySecurity }] }, isChoice: true, from: (given: Plain) => ({ apiKey: given }) }
const securityDefinitions: Message = { rest: [1, { message: () => securityItem }] }
const stringArray: Message = { members: { value: [1, { list: 'string' }] }, from: (value: string[]) => ({ value }) }
const securityRequirement: Message = { rest: [1, { message: () => stringArray }] }
const parameterDefinitions: Message = { rest: [1, { message: () => parameter }] }

/** `openapi.v2.Document` */
export const swaggerMessage: Message = {
  members: {
    swagger: [1, 'string'],
    info: [2, { message: () => info }],
    paths: [8, { message: () => paths }],
    definitions: [9, { message: () => schemaMap }],
    parameters: [10, { message: () => parameterDefinitions }],
    security: [12, { list: { message: () => securityRequirement } }],
    securityDefinitions: [13, { message: () => securityDefinitions }],
  },
  extensions: 16,
}
