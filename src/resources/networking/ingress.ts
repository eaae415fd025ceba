// Upstream: pkg/registry/networking/ingress/strategy.go, ValidateIngress in pkg/apis/networking/validation, printIngress
import { type FieldError, field, validateDNSSubdomain } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import { validateWildcardSubdomain } from '../naming.js'
import { sortedSetText } from '../printing.js'
import type { HTTPIngressPath, Ingress, IngressBackend, IngressRule } from '../shapes/networking-v1.js'

const hostsMax = 3
const classAnnotation = 'kubernetes.io/ingress.class'

export const ingress = defineResource<Ingress>('networking.k8s.io/v1/ingresses', {
  cells: {
    Class: ({ spec }) => spec.ingressClassName ?? '<none>',
    Hosts: ({ spec }) => hostsText(spec.rules ?? []),
    Address: ({ status }) => sortedSetText((status.loadBalancer.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '').filter(Boolean)),
    Ports: ({ spec }) => (spec.tls?.length ? '80, 443' : '80'),
  },
  validate: (ingress) => [...validateSpec(ingress), ...validateClass(ingress)],
  validateUpdate: validateSpec,
})

function hostsText(rules: readonly IngressRule[]): string {
  const hosts: string[] = []
  let isShortened = false
  for (const { host } of rules) {
    if (hosts.length === hostsMax) isShortened = true
    else if (host) hosts.push(host)
  }
  if (!hosts.length) return '*'
  return isShortened ? `${hosts.join(',')} + ${rules.length - hostsMax} more...` : hosts.join(',')
}

function validateClass({ metadata, spec }: Ingress): FieldError[] {
  const annotated = metadata.annotations?.[classAnnotation]
  if (annotated === undefined || spec.ingressClassName === undefined || annotated === spec.ingressClassName) return []
  return [field.invalid(`metadata.annotations.${classAnnotation}`, annotated, 'must match `ingressClassName` when both are specified')]
}

function validateSpec({ spec }: Ingress): FieldError[] {
  const errors: FieldError[] = []
  const { defaultBackend, rules = [], tls = [], ingressClassName } = spec
  if (!rules.length && !defaultBackend) errors.push(field.invalid('spec', null, 'either `defaultBackend` or `rules` must be specified'))
  if (defaultBackend) errors.push(...validateBackend(defaultBackend, 'spec.defaultBackend'))
  rules.forEach((rule, index) => {
    errors.push(...validateRule(rule, `spec.rules[${index}]`))
  })
  tls.forEach(({ hosts = [] }, index) => {
    hosts.forEach((host, at) => {
      const path = `spec.tls[${index}].hosts[${at}]`
      const messages = host.includes('*') ? validateWildcardSubdomain(host) : validateDNSSubdomain(host)
      errors.push(...messages.map((message) => field.invalid(path, host, message)))
    })
  })
  if (ingressClassName !== undefined) {
    errors.push(...validateDNSSubdomain(ingressClassName).map((message) => field.invalid('spec.ingressClassName', ingressClassName, message)))
  }
  return errors
}

const dottedNumbers = /^\d{1,3}(\.\d{1,3}){3}$/

function validateRule({ host = '', http }: IngressRule, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (host) {
    if (dottedNumbers.test(host) || host.includes(':')) errors.push(field.invalid(`${path}.host`, host, 'must be a DNS name, not an IP address'))
    const messages = host.includes('*') ? validateWildcardSubdomain(host) : validateDNSSubdomain(host)
    errors.push(...messages.map((message) => field.invalid(`${path}.host`, host, message)))
  }
  if (!http) return errors
  if (!http.paths?.length) errors.push(field.required(`${path}.http.paths`))
  http.paths?.forEach((each, index) => {
    errors.push(...validatePath(each, `${path}.http.paths[${index}]`))
  })
  return errors
}

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix']
const forbiddenParts = ['//', '/./', '/../', '%2f', '%2F']
const forbiddenEnds = ['/..', '/.']

function validatePath({ path: value = '', pathType, backend }: HTTPIngressPath, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!pathType) errors.push(field.required(`${path}.pathType`, 'pathType must be specified'))
  else if (!pathTypes.includes(pathType)) errors.push(field.notSupported(`${path}.pathType`, pathType, pathTypes))
  else if (pathType === 'ImplementationSpecific') {
    if (value && !value.startsWith('/')) errors.push(field.invalid(`${path}.path`, value, 'must be an absolute path'))
  } else {
    if (!value.startsWith('/')) errors.push(field.invalid(`${path}.path`, value, 'must be an absolute path'))
    if (value) {
      for (const part of forbiddenParts) if (value.includes(part)) errors.push(field.invalid(`${path}.path`, value, `must not contain '${part}'`))
      for (const end of forbiddenEnds) if (value.endsWith(end)) errors.push(field.invalid(`${path}.path`, value, `cannot end with '${end}'`))
    }
  }
  return [...errors, ...validateBackend(backend, `${path}.backend`)]
}

function validateBackend({ service, resource }: IngressBackend, path: string): FieldError[] {
  if (service && resource) return [field.invalid(path, '', 'cannot set both resource and service backends')]
  if (resource) return validateResource(resource, `${path}.resource`)
  if (!service) return [field.required(path, 'resource or service backend is required')]
  const errors: FieldError[] = []
  if (!service.name) errors.push(field.required(`${path}.service.name`))
  const { name, number } = service.port ?? {}
  if (name && number) errors.push(field.invalid(path, '', 'cannot set both port name & port number'))
  else if (number) {
    if (number < 1 || number > 65535) errors.push(field.invalid(`${path}.service.port.number`, number, 'must be between 1 and 65535, inclusive'))
  } else if (!name) errors.push(field.required(path, 'port name or number is required'))
  return errors
}

function validateResource({ kind, name }: { kind: string; name: string }, path: string): FieldError[] {
  return [...(kind ? [] : [field.required(`${path}.kind`)]), ...(name ? [] : [field.required(`${path}.name`)])]
}
