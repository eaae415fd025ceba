package story;

import static story.Checks.check;
import static story.Checks.checkWithControl;
import static story.Checks.equal;
import static story.Checks.restart;
import static story.Checks.until;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ConfigMapList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Watches and informers: resumed, told that they are too late, through a restart of the server. */
final class Watches {
  private final NonNamespaceOperation<ConfigMap, ConfigMapList, Resource<ConfigMap>> configMaps;

  Watches(KubernetesClient client, String namespace) {
    this.configMaps = client.configMaps().inNamespace(namespace);
  }

  /** What a watch has told, and why it ended. */
  private static final class Diary implements Watcher<ConfigMap> {
    final List<String> seen = new CopyOnWriteArrayList<>();
    final CompletableFuture<WatcherException> end = new CompletableFuture<>();
    volatile String version;

    @Override
    public void eventReceived(Action action, ConfigMap configMap) {
      version = configMap.getMetadata().getResourceVersion();
      seen.add(action + " " + configMap.getMetadata().getName());
    }

    @Override
    public void onClose(WatcherException cause) {
      end.complete(cause);
    }
  }

  private void make(String name, Map<String, String> labels) {
    configMaps.resource(new ConfigMapBuilder().withNewMetadata().withName(name).withLabels(labels).endMetadata().build()).create();
  }

  private String versionNow() {
    return configMaps.list(new ListOptionsBuilder().withLimit(1L).build()).getMetadata().getResourceVersion();
  }

  private Watch watch(String version, Watcher<ConfigMap> watcher) {
    return configMaps.watch(new ListOptionsBuilder().withResourceVersion(version).build(), watcher);
  }

  void tell() {
    check("watches from a version on, and resumes where it ended", () -> {
      String before = versionNow();
      Diary first = new Diary();
      try (Watch open = watch(before, first)) {
        make("watched", null);
        until("one event", () -> first.seen.equals(List.of("ADDED watched")));
      }
      configMaps.withName("watched").edit(each -> new ConfigMapBuilder(each).addToData("one", "1").build());
      configMaps.withName("watched").delete();
      Diary rest = new Diary();
      try (Watch open = watch(first.version, rest)) {
        until("the others", () -> rest.seen.equals(List.of("MODIFIED watched", "DELETED watched")));
      }
    });

    informers();

    checkWithControl("is told that a version is too old to watch from", () -> {
      String old = versionNow();
      restart("?expire");
      Diary diary = new Diary();
      try (Watch open = watch(old, diary)) {
        WatcherException cause = diary.end.get(60, TimeUnit.SECONDS);
        equal(true, cause.isHttpGone());
      }
    });
  }

  private void informers() {
    List<String> gone = new CopyOnWriteArrayList<>();
    make("kept", Map.of("set", "informed"));
    try (SharedIndexInformer<ConfigMap> informer = configMaps.withLabel("set", "informed").inform(new ResourceEventHandler<>() {
      @Override
      public void onAdd(ConfigMap configMap) {}

      @Override
      public void onUpdate(ConfigMap old, ConfigMap current) {}

      @Override
      public void onDelete(ConfigMap configMap, boolean isStateUnknown) {
        gone.add(configMap.getMetadata().getName());
      }
    })) {
      check("keeps an informer up to date", () -> {
        until("it holds what there was", () -> held(informer).equals(List.of("kept")));
        make("passing", Map.of("set", "informed"));
        until("it holds what was made", () -> held(informer).equals(List.of("kept", "passing")));
        // A label that goes takes the object out of what is watched.
        configMaps.withName("passing").edit(each -> new ConfigMapBuilder(each).editMetadata().removeFromLabels("set").endMetadata().build());
        until("one is left", () -> held(informer).equals(List.of("kept")) && gone.equals(List.of("passing")));
      });

      checkWithControl("keeps an informer through a restart of the server", () -> {
        restart("");
        make("after-restart", Map.of("set", "informed"));
        until("it holds what was made after the restart", () -> held(informer).equals(List.of("after-restart", "kept")));
      });

      checkWithControl("keeps an informer when the past is forgotten", () -> {
        configMaps.withName("kept").delete();
        restart("?expire");
        make("after-the-past", Map.of("set", "informed"));
        until("it holds what there is now", () -> held(informer).equals(List.of("after-restart", "after-the-past")));
        until("it has told what went", () -> gone.equals(List.of("passing", "kept")));
      });
    }
  }

  private static List<String> held(SharedIndexInformer<ConfigMap> informer) {
    return informer.getStore().list().stream().map(each -> each.getMetadata().getName()).sorted().toList();
  }
}
