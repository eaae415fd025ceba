package story;

import static story.Checks.check;
import static story.Checks.equal;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ConfigMapList;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Objects: typed calls, lists, conflicts, patches, apply, errors. */
final class Objects {
  private final KubernetesClient client;
  private final String namespace;
  private final NonNamespaceOperation<ConfigMap, ConfigMapList, Resource<ConfigMap>> configMaps;

  Objects(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
    MixedOperation<ConfigMap, ConfigMapList, Resource<ConfigMap>> all = client.configMaps();
    this.configMaps = all.inNamespace(namespace);
  }

  void tell() {
    beginnings();
    lists();
    refusals();
    patches();
    apply();
  }

  private static ConfigMap configMap(String name, Map<String, String> data, Map<String, String> labels) {
    return new ConfigMapBuilder().withNewMetadata().withName(name).withLabels(labels).endMetadata().withData(data).build();
  }

  static KubernetesClientException refused(int code, Checks.Body body) throws Exception {
    try {
      body.run();
    } catch (KubernetesClientException refusal) {
      equal(code, refusal.getCode());
      return refusal;
    }
    throw new AssertionError("expected " + code + ", and it went well");
  }

  private static List<String> names(List<? extends HasMetadata> items) {
    return items.stream().map(each -> each.getMetadata().getName()).toList();
  }

  private void beginnings() {
    check("asks for the version, and whether a kind is there", () -> {
      equal("1", client.getKubernetesVersion().getMajor());
      equal("35", client.getKubernetesVersion().getMinor());
      equal(true, client.supports("apps/v1", "Deployment"));
      equal(false, client.supports("apps/v1", "Nothing"));
    });

    check("creates, reads, edits and deletes a ConfigMap", () -> {
      ConfigMap made = configMaps.resource(new ConfigMapBuilder().withNewMetadata().withGenerateName("settings-").endMetadata().addToData("one", "1").build()).create();
      String name = made.getMetadata().getName();
      equal(Map.of("one", "1"), configMaps.withName(name).get().getData());
      configMaps.withName(name).edit(each -> new ConfigMapBuilder(each).addToData("two", "2").build());
      equal(Map.of("one", "1", "two", "2"), configMaps.withName(name).get().getData());
      equal(1, configMaps.withName(name).delete().size());
      equal(null, configMaps.withName(name).get());
    });

    check("handles objects of any kind by their names alone", () -> {
      GenericKubernetesResource job = new GenericKubernetesResource();
      job.setApiVersion("batch/v1");
      job.setKind("Job");
      job.setMetadata(configMap("once", null, null).getMetadata());
      Map<String, Object> pod = Map.of("restartPolicy", "Never", "containers", List.of(Map.of("name", "main", "image", "busybox")));
      job.setAdditionalProperty("spec", Map.of("template", Map.of("spec", pod)));
      client.resource(job).inNamespace(namespace).create();
      GenericKubernetesResource found = client.genericKubernetesResources("batch/v1", "Job").inNamespace(namespace).withName("once").get();
      equal(1, found.<Integer>get("spec", "completions"));
      client.resource(found).delete();
    });

    check("loads a list of several kinds and creates all of it", () -> {
      String text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: loaded}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: loaded}\nspec: {ports: [{port: 80}]}\n";
      List<HasMetadata> made = client.load(new java.io.ByteArrayInputStream(text.getBytes())).inNamespace(namespace).create();
      equal(List.of("ConfigMap", "Service"), made.stream().map(HasMetadata::getKind).toList());
      equal("ClusterIP", client.services().inNamespace(namespace).withName("loaded").get().getSpec().getType());
    });
  }

  private void lists() {
    for (int index = 0; index < 7; index++) {
      configMaps.resource(configMap("listed-" + index, null, Map.of("set", "listed", "parity", index % 2 == 0 ? "even" : "odd"))).create();
    }

    check("lists by label", () -> equal(List.of("listed-0", "listed-2", "listed-4", "listed-6"),
        names(configMaps.withLabel("set", "listed").withLabelNotIn("parity", "odd").list().getItems())));

    check("lists by field", () -> equal(List.of("listed-3"), names(configMaps.withField("metadata.name", "listed-3").list().getItems())));

    check("lists page by page, all of them as they were at first", () -> {
      List<String> seen = new ArrayList<>();
      String page = null;
      do {
        ConfigMapList found = configMaps.withLabel("set", "listed").list(new ListOptionsBuilder().withLimit(3L).withContinue(page).build());
        if (page == null) configMaps.withName("listed-6").delete();
        seen.addAll(names(found.getItems()));
        page = found.getMetadata().getContinue();
      } while (page != null && !page.isEmpty());
      equal(List.of("listed-0", "listed-1", "listed-2", "listed-3", "listed-4", "listed-5", "listed-6"), seen);
    });
  }

  private void refusals() {
    check("is told that an object exists already", () -> {
      Status status = refused(409, () -> configMaps.resource(configMap("listed-0", null, null)).create()).getStatus();
      equal("AlreadyExists", status.getReason());
      equal("configmaps \"listed-0\" already exists", status.getMessage());
    });

    check("is told that an object is not there", () -> {
      Status status = refused(404, () -> configMaps.resource(configMap("nowhere", null, null)).update()).getStatus();
      equal("NotFound", status.getReason());
    });

    check("is told which fields are invalid", () -> {
      Status status = refused(422, () -> client.services().inNamespace(namespace)
          .resource(new ServiceBuilder().withNewMetadata().withName("Bad").endMetadata().withNewSpec().endSpec().build()).create()).getStatus();
      equal("Invalid", status.getReason());
      List<String> fields = status.getDetails().getCauses().stream().map(StatusCause::getField).toList();
      equal(true, fields.containsAll(List.of("metadata.name", "spec.ports")));
    });

    check("updates again after a conflict", () -> {
      ConfigMap old = configMaps.withName("listed-1").get();
      configMaps.withName("listed-1").edit(each -> new ConfigMapBuilder(each).addToData("mine", "no").build());
      ConfigMap late = new ConfigMapBuilder(old).addToData("yours", "yes").build();
      equal("Conflict", refused(409, () -> configMaps.resource(late).update()).getStatus().getReason());
      configMaps.withName("listed-1").edit(each -> new ConfigMapBuilder(each).addToData("yours", "yes").build());
      equal(Map.of("mine", "no", "yours", "yes"), configMaps.withName("listed-1").get().getData());
    });
  }

  private void patches() {
    Object[][] cases = {
      {"JSON", PatchType.JSON, "[{\"op\":\"add\",\"path\":\"/data/two\",\"value\":\"2\"}]", Map.of("one", "1", "two", "2")},
      {"merge", PatchType.JSON_MERGE, "{\"data\":{\"one\":null,\"two\":\"2\"}}", Map.of("two", "2")},
      {"strategic merge", PatchType.STRATEGIC_MERGE, "{\"data\":{\"two\":\"2\"}}", Map.of("one", "1", "two", "2")},
    };
    for (Object[] each : cases) {
      check("patches: " + each[0], () -> {
        String name = "patched-" + each[0].toString().split(" ")[0].toLowerCase();
        configMaps.resource(configMap(name, Map.of("one", "1"), null)).create();
        equal(each[3], configMaps.withName(name).patch(PatchContext.of((PatchType) each[1]), (String) each[2]).getData());
      });
    }
  }

  private ConfigMap applyAs(String manager, String word, boolean forces) {
    Resource<ConfigMap> applied = configMaps.resource(configMap("applied", Map.of("word", word), null));
    return forces ? applied.fieldManager(manager).forceConflicts().serverSideApply() : applied.fieldManager(manager).serverSideApply();
  }

  private void apply() {
    check("applies, and is told who else holds a field", () -> {
      applyAs("one", "first", false);
      Status status = refused(409, () -> applyAs("two", "second", false)).getStatus();
      equal(List.of(".data.word: conflict with \"one\""), status.getDetails().getCauses().stream().map(each -> each.getField() + ": " + each.getMessage()).toList());
    });

    check("takes a field over when it insists", () -> {
      ConfigMap taken = applyAs("two", "second", true);
      equal(Map.of("word", "second"), taken.getData());
      equal(List.of("two Apply"), taken.getMetadata().getManagedFields().stream().map(each -> each.getManager() + " " + each.getOperation()).toList());
    });
  }
}
