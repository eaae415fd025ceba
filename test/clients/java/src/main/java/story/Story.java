package story;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;

/** The story with the fabric8 client. */
public final class Story {
  public static void main(String[] words) {
    try (KubernetesClient client = new KubernetesClientBuilder().build()) {
      String namespace = client.namespaces()
          .resource(new NamespaceBuilder().withNewMetadata().withGenerateName("story-").endMetadata().build()).create().getMetadata().getName();
      new Objects(client, namespace).tell();
      new Workloads(client, namespace).tell();
      new Watches(client, namespace).tell();
      new Election(client, namespace).tell();
      client.namespaces().withName(namespace).delete();
    }
    System.exit(Checks.haveFailed ? 1 : 0);
  }
}
