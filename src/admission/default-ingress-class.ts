// DefaultIngressClass: an Ingress that names no class gets the default one.
// Upstream: plugin/pkg/admission/network/defaultingressclass/admission.go
import type { AdmissionRequest, AdmissionStep } from '../machinery/index.js'
import { type Ingress, ingress, ingressClass } from '../resources/index.js'
import { defaultClassOf } from './default-class.js'

const isDefault = ['ingressclass.kubernetes.io/is-default-class']
const classAnnotation = 'kubernetes.io/ingress.class'

export const defaultIngressClass: AdmissionStep = {
  plugin: 'DefaultIngressClass',
  resources: [ingress.key],
  operations: ['CREATE'],
  admit({ object, subresource, snapshot }: AdmissionRequest<Ingress>) {
    const { metadata, spec } = object
    if (subresource || spec?.ingressClassName !== undefined || metadata.annotations?.[classAnnotation] !== undefined) return undefined
    const found = defaultClassOf(snapshot, ingressClass, isDefault)
    if (found) object.spec = { ...spec, ingressClassName: found.metadata.name }
    return undefined
  },
}
