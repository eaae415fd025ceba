package story;

import static story.Checks.check;
import static story.Checks.equal;
import static story.Checks.until;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** Leader election through a Lease: one leads, and when it goes another does. */
final class Election {
  private final KubernetesClient client;
  private final String namespace;
  private final List<String> told = new CopyOnWriteArrayList<>();

  Election(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  void tell() {
    CompletableFuture<?>[] one = new CompletableFuture<?>[1];
    check("leads when it holds the Lease, and renews it", () -> {
      one[0] = candidate("one").start();
      until("one leads", () -> told.contains("one leads"));
      candidate("two").start();
      Lease first = lease();
      equal("one", first.getSpec().getHolderIdentity());
      until("the Lease is renewed", () -> lease().getSpec().getRenewTime().isAfter(first.getSpec().getRenewTime()));
      equal(List.of("one leads"), told);
    });

    check("takes over when the leader goes", () -> {
      one[0].cancel(true);
      until("two leads", () -> told.contains("two leads"));
      equal(List.of("one leads", "one leads no more", "two leads"), told);
      equal("two", lease().getSpec().getHolderIdentity());
      equal(true, lease().getSpec().getLeaseTransitions() >= 1);
    });
  }

  private Lease lease() {
    return client.leases().inNamespace(namespace).withName("leader").get();
  }

  private LeaderElector candidate(String identity) {
    return client.leaderElector().withConfig(new LeaderElectionConfigBuilder()
        .withName("story").withLock(new LeaseLock(namespace, "leader", identity)).withReleaseOnCancel()
        .withLeaseDuration(Duration.ofSeconds(6)).withRenewDeadline(Duration.ofSeconds(4)).withRetryPeriod(Duration.ofMillis(500))
        .withLeaderCallbacks(new LeaderCallbacks(() -> told.add(identity + " leads"), () -> told.add(identity + " leads no more"), leader -> {}))
        .build()).build();
  }
}
