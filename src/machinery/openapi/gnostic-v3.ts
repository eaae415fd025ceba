// The messages of gnostic's openapi.v3, as far as the documents of a Kubernetes API use them.
// Upstream: google/gnostic-models openapiv3/OpenAPIv3.proto
import type { Plain } from '../object.js'
import type { Member, Message } from './gnostic.js'

const info: Message = { members: { title: [1, 'string'], description: [2, 'string'], version: [6, 'string'] } }

const reference: Message = { members: { $ref: [1, 'string'], summary: [2, 'string'], description: [3, 'string'] } }

/** Either the thing itself or a reference to it. */
function orReference(message: () => Message): Message {
  return {
    members: { itself: [1, { message }], reference: [2, { message: () => reference }] },
    isChoice: true,
    from: (given: Plain) => (given.$ref ? { reference: given } : { itself: given }),
  }
}

const schemaOrReference = orReference(() => schema)
const itemsItem: Message = { members: { schema: [1, { list: { message: () => schemaOrReference } }] }, from: (items: Plain) => ({ schema: [items] }) }

const additionalPropertiesItem: Message = {
  members: { schema: [1, { message: () => schemaOrReference }], boolean: [2, 'boolean'] },
  isChoice: true,
  from: (given: Plain | boolean) => (typeof given === 'boolean' ? { boolean: given } : { schema: given }),
}

/** Objects and lists have no place in it and are left out, as gnostic does. */
const defaultType: Message = {
  members: { number: [1, 'number'], boolean: [2, 'boolean'], string: [3, 'string'] },
  isChoice: true,
  from: (given: unknown) => ({ [typeof given]: given }),
}

const schemaMap: Message = { rest: [1, { message: () => schemaOrReference }] }
const schemaList: Member[1] = { list: { message: () => schemaOrReference } }

const schema: Message = {
  members: {
    uniqueItems: [20, 'boolean'],
    required: [23, { list: 'string' }],
    enum: [24, { list: 'yaml' }],
    type: [25, 'string'],
    allOf: [26, schemaList],
    oneOf: [27, schemaList],
    anyOf: [28, schemaList],
    items: [30, { message: () => itemsItem }],
    properties: [31, { message: () => schemaMap }],
    additionalProperties: [32, { message: () => additionalPropertiesItem }],
    default: [33, { message: () => defaultType }],
    description: [34, 'string'],
    format: [35, 'string'],
  },
  extensions: 36,
  from: (given: Plain) => (typeof given.default === 'object' ? { ...given, default: undefined } : given),
}

const mediaType: Message = { members: { schema: [1, { message: () => schemaOrReference }] }, extensions: 5 }
const mediaTypes: Message = { rest: [1, { message: () => mediaType }] }

const parameter: Message = {
  members: {
    name: [1, 'string'],
    in: [2, 'string'],
    description: [3, 'string'],
    required: [4, 'boolean'],
    schema: [10, { message: () => schemaOrReference }],
  },
  extensions: 14,
}
const parameterOrReference = orReference(() => parameter)

const requestBody: Message = { members: { description: [1, 'string'], content: [2, { message: () => mediaTypes }], required: [3, 'boolean'] }, extensions: 4 }
const requestBodyOrReference = orReference(() => requestBody)

const response: Message = { members: { description: [1, 'string'], content: [3, { message: () => mediaTypes }] }, extensions: 5 }
const responseOrReference = orReference(() => response)
const responses: Message = {
  members: { default: [1, { message: () => responseOrReference }] },
  rest: [2, { message: () => responseOrReference }],
  extensions: 3,
}

const operation: Message = {
  members: {
    tags: [1, { list: 'string' }],
    summary: [2, 'string'],
    description: [3, 'string'],
    operationId: [5, 'string'],
    parameters: [6, { list: { message: () => parameterOrReference } }],
    requestBody: [7, { message: () => requestBodyOrReference }],
    responses: [8, { message: () => responses }],
    deprecated: [10, 'boolean'],
  },
  extensions: 13,
}

const operationMember = (number: number): Member => [number, { message: () => operation }]

const pathItem: Message = {
  members: {
    summary: [2, 'string'],
    description: [3, 'string'],
    get: operationMember(4),
    put: operationMember(5),
    post: operationMember(6),
    delete: operationMember(7),
    options: operationMember(8),
    head: operationMember(9),
    patch: operationMember(10),
    parameters: [13, { list: { message: () => parameterOrReference } }],
  },
  extensions: 14,
}

const paths: Message = { rest: [1, { message: () => pathItem }], extensions: 2 }

const securityScheme: Message = { members: { type: [1, 'string'], description: [2, 'string'], name: [3, 'string'], in: [4, 'string'] }, extensions: 9 }
const securitySchemeOrReference = orReference(() => securityScheme)
const securitySchemes: Message = { rest: [1, { message: () => securitySchemeOrReference }] }

const components: Message = {
  members: { schemas: [1, { message: () => schemaMap }], securitySchemes: [7, { message: () => securitySchemes }] },
  extensions: 10,
}

/** `openapi.v3.Document` */
export const documentMessage: Message = {
  members: {
    openapi: [1, 'string'],
    info: [2, { message: () => info }],
    paths: [4, { message: () => paths }],
    components: [5, { message: () => components }],
  },
  extensions: 9,
}
