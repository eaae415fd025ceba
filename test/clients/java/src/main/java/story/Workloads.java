package story;

import static story.Checks.check;
import static story.Checks.equal;
import static story.Checks.until;

import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.RollableScalableResource;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Pods and Deployments: waiting, scaling, rolling, deletion with propagation. */
final class Workloads {
  private final KubernetesClient client;
  private final String namespace;

  Workloads(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  void tell() {
    check("runs a pod and waits until it is ready", () -> {
      Pod body = new PodBuilder().withNewMetadata().withName("alone").endMetadata().withNewSpec().withTerminationGracePeriodSeconds(0L)
          .addNewContainer().withName("main").withImage("nginx").endContainer().endSpec().build();
      client.pods().inNamespace(namespace).resource(body).create();
      Pod ready = client.pods().inNamespace(namespace).withName("alone").waitUntilReady(60, TimeUnit.SECONDS);
      equal("Running", ready.getStatus().getPhase());
      equal(true, client.pods().inNamespace(namespace).withName("alone").evict());
      client.pods().inNamespace(namespace).withName("alone").waitUntilCondition(java.util.Objects::isNull, 60, TimeUnit.SECONDS);
    });

    check("scales a Deployment, and the endpoints of its Service follow", () -> {
      begin("scaled");
      client.services().inNamespace(namespace).resource(new ServiceBuilder().withNewMetadata().withName("scaled").endMetadata().withNewSpec()
          .addToSelector("app", "scaled").addNewPort().withPort(80).endPort().endSpec().build()).create();
      equal(4, deployment("scaled").scale(4).getSpec().getReplicas());
      deployment("scaled").waitUntilCondition(each -> Integer.valueOf(4).equals(each.getStatus().getReadyReplicas()), 60, TimeUnit.SECONDS);
      until("four endpoints are ready", () -> client.discovery().v1().endpointSlices().inNamespace(namespace)
          .withLabel("kubernetes.io/service-name", "scaled").list().getItems().stream().flatMap(slice -> slice.getEndpoints().stream())
          .filter(each -> Boolean.TRUE.equals(each.getConditions().getReady())).count() == 4);
    });

    check("rolls a new image out", () -> {
      deployment("scaled").rolling().updateImage("nginx:2");
      deployment("scaled").waitUntilReady(60, TimeUnit.SECONDS);
      until("all pods are of the new image", () -> client.pods().inNamespace(namespace).withLabel("app", "scaled").list().getItems().stream()
          .allMatch(pod -> pod.getSpec().getContainers().get(0).getImage().equals("nginx:2")));
    });

    check("deletes in the background: what is owned goes afterwards", () -> {
      begin("background");
      deployment("background").withPropagationPolicy(DeletionPropagation.BACKGROUND).delete();
      equal(null, deployment("background").get());
      until("its ReplicaSet is gone", () -> owners("background").isEmpty());
    });

    check("deletes in the foreground: what is owned goes first", () -> {
      begin("foreground");
      deployment("foreground").withPropagationPolicy(DeletionPropagation.FOREGROUND).delete();
      until("the Deployment is gone", () -> deployment("foreground").get() == null);
      equal(List.of(), owners("foreground"));
    });

    check("deletes and leaves orphans", () -> {
      begin("orphan");
      deployment("orphan").withPropagationPolicy(DeletionPropagation.ORPHAN).delete();
      until("the Deployment is gone", () -> deployment("orphan").get() == null);
      equal(List.of(List.of()), owners("orphan"));
    });
  }

  private RollableScalableResource<Deployment> deployment(String name) {
    return client.apps().deployments().inNamespace(namespace).withName(name);
  }

  private void begin(String name) throws Exception {
    Deployment body = new DeploymentBuilder().withNewMetadata().withName(name).endMetadata().withNewSpec().withReplicas(1)
        .withNewSelector().addToMatchLabels("app", name).endSelector()
        .withNewTemplate().withNewMetadata().addToLabels("app", name).endMetadata()
        .withNewSpec().withTerminationGracePeriodSeconds(0L).addNewContainer().withName("main").withImage("nginx").endContainer().endSpec().endTemplate()
        .endSpec().build();
    client.apps().deployments().inNamespace(namespace).resource(body).create();
    until("its ReplicaSet", () -> owners(name).equals(List.of(List.of(name))));
  }

  private List<List<String>> owners(String name) {
    return client.apps().replicaSets().inNamespace(namespace).withLabel("app", name).list().getItems().stream()
        .map(each -> each.getMetadata().getOwnerReferences().stream().map(OwnerReference::getName).toList()).toList();
  }
}
