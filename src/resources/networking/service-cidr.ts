// ServiceCIDR: networks that cluster IPs may be taken from.
// Upstream: pkg/registry/networking/servicecidr/strategy.go, pkg/apis/networking/validation/validation.go ValidateServiceCIDR
import { type FieldError, field, parseCIDR, validateCIDR } from '../../machinery/index.js'
import { inEach, invalids } from '../core/field-checks.js'
import { defineResource } from '../define-resource.js'
import type { ServiceCIDR, ServiceCIDRSpec } from '../shapes/networking-v1.js'

/** Keeps a ServiceCIDR while addresses of it are in use. */
export const serviceCIDRFinalizer = 'networking.k8s.io/service-cidr-finalizer'

export const serviceCIDR = defineResource<ServiceCIDR>('networking.k8s.io/v1/servicecidrs', {
  cells: { CIDRs: ({ spec }) => (spec.cidrs ?? []).join(',') },
  validate: ({ spec }) => validateSpec(spec),
  validateUpdate: ({ spec }, { spec: old }) => validateChange(spec, old),
  validateStatusUpdate: () => [],
})

const at = 'spec.cidrs'
const immutable = 'field is immutable'

function validateSpec({ cidrs = [] }: ServiceCIDRSpec): FieldError[] {
  if (!cidrs.length) return [field.required(at, 'at least one CIDR required')]
  // Upstream shows its internal type here.
  if (cidrs.length > 2) return [field.invalid(at, { CIDRs: cidrs }, 'may only hold up to 2 values')]
  const errors = inEach(cidrs, at, (cidr, each) => invalids(each, cidr, validateCIDR(cidr)))
  const [first, second] = cidrs.map((cidr) => parseCIDR(cidr)?.family)
  if (first && first === second) {
    errors.push(field.invalid(at, cidrs, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'))
  }
  return errors
}

/** A network of the other family may be added; nothing else changes. */
function validateChange(spec: ServiceCIDRSpec, { cidrs: old = [] }: ServiceCIDRSpec): FieldError[] {
  const { cidrs = [] } = spec
  const isAdded = old.length === 1 && cidrs.length === 2
  if (!isAdded && cidrs.length !== old.length) return [field.invalid(at, spec.cidrs, immutable)]
  const changed = inEach(old, at, (cidr, each, index) => (cidr === cidrs[index] ? [] : [field.invalid(each, cidrs[index], immutable)]))
  return isAdded ? [...changed, ...validateSpec(spec)] : changed
}
