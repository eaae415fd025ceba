// What a webhook must say of itself, whether it changes objects or only judges them.
// Upstream: pkg/apis/admissionregistration/validation/validation.go
import { type FieldError, field } from '../../machinery/index.js'
import type { RuleWithOperations, WebhookClientConfig } from '../shapes/admissionregistration-v1.js'

interface Webhook {
  name: string
  clientConfig: WebhookClientConfig
  rules?: RuleWithOperations[] | null
  failurePolicy?: string | null
  matchPolicy?: string | null
  sideEffects?: string | null
  timeoutSeconds?: number | null
  admissionReviewVersions?: string[] | null
}

export function validateWebhooks(webhooks: readonly Webhook[] | null | undefined): FieldError[] {
  const names = new Set<string>()
  return (webhooks ?? []).flatMap((webhook, index) => {
    const path = `webhooks[${index}]`
    const repeated = names.has(webhook.name) ? [field.duplicate(`${path}.name`, webhook.name)] : []
    names.add(webhook.name)
    return [...validateWebhook(webhook, path), ...repeated]
  })
}

function validateWebhook(webhook: Webhook, path: string): FieldError[] {
  const { name, failurePolicy, matchPolicy, timeoutSeconds, clientConfig, rules } = webhook
  const errors: FieldError[] = []
  if (!name) errors.push(field.required(`${path}.name`))
  else if (name.split('.').length < 3) errors.push(field.invalid(`${path}.name`, name, 'should be a domain with at least three segments separated by dots'))
  rules?.forEach((rule, index) => {
    errors.push(...validateRule(rule, `${path}.rules[${index}]`))
  })
  errors.push(
    ...optionalWord(`${path}.failurePolicy`, failurePolicy, ['Fail', 'Ignore']),
    ...optionalWord(`${path}.matchPolicy`, matchPolicy, ['Equivalent', 'Exact']),
  )
  errors.push(...validateSideEffects(webhook, path))
  if (timeoutSeconds !== undefined && timeoutSeconds !== null && (timeoutSeconds < 1 || timeoutSeconds > 30)) {
    errors.push(field.invalid(`${path}.timeoutSeconds`, timeoutSeconds, 'the timeout value must be between 1 and 30 seconds'))
  }
  return [...errors, ...validateClient(clientConfig, `${path}.clientConfig`)]
}

function validateSideEffects({ sideEffects, admissionReviewVersions }: Webhook, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!admissionReviewVersions?.length) errors.push(field.required(`${path}.admissionReviewVersions`, 'must specify one of v1, v1beta1'))
  else if (!admissionReviewVersions.some((version) => version === 'v1' || version === 'v1beta1')) {
    errors.push(field.invalid(`${path}.admissionReviewVersions`, admissionReviewVersions, 'must include at least one of v1, v1beta1'))
  }
  if (!sideEffects) errors.push(field.required(`${path}.sideEffects`, 'must specify one of None, NoneOnDryRun'))
  return [...errors, ...optionalWord(`${path}.sideEffects`, sideEffects || undefined, ['None', 'NoneOnDryRun'])]
}

function optionalWord(path: string, value: string | null | undefined, supported: readonly string[]): FieldError[] {
  return value === undefined || value === null || supported.includes(value) ? [] : [field.notSupported(path, value, supported)]
}

function validateClient({ url, service }: WebhookClientConfig, path: string): FieldError[] {
  if ((url === undefined) === (service === undefined)) return [field.required(path, 'exactly one of url or service is required')]
  const errors: FieldError[] = []
  if (url !== undefined && !url.startsWith('https://')) errors.push(field.invalid(`${path}.url`, url, "'https' is the only allowed URL scheme"))
  if (service && !service.name) errors.push(field.required(`${path}.service.name`, 'service name is required'))
  if (service && !service.namespace) errors.push(field.required(`${path}.service.namespace`, 'service namespace is required'))
  return errors
}

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']

function validateRule({ operations: given, apiGroups, apiVersions, resources, scope }: RuleWithOperations, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!given?.length) errors.push(field.required(`${path}.operations`))
  given?.forEach((operation, index) => {
    if (!operations.includes(operation)) errors.push(field.notSupported(`${path}.operations[${index}]`, operation, operations))
  })
  if (!apiGroups?.length) errors.push(field.required(`${path}.apiGroups`))
  if (!apiVersions?.length) errors.push(field.required(`${path}.apiVersions`))
  if (!resources?.length) errors.push(field.required(`${path}.resources`))
  return [...errors, ...optionalWord(`${path}.scope`, scope, ['*', 'Cluster', 'Namespaced'])]
}
