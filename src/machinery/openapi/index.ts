// OpenAPI has a door of its own: nothing of it is loaded before somebody asks for a document.
export { type DocumentPlan, type OpenAPISources, planDocuments } from './documents.js'
export { encodeStepwise, type Message } from './gnostic.js'
export { swaggerMessage } from './gnostic-v2.js'
export { documentMessage } from './gnostic-v3.js'
export type { Describe } from './schemas.js'
export { SwaggerBuilder } from './swagger.js'
