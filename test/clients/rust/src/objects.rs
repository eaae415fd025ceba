//! Objects: typed calls, lists, conflicts, patches, apply, errors.
use crate::checks::{Outcome, check, equal, holds};
use k8s_openapi::api::core::v1::{ConfigMap, Node, Service, ServiceSpec};
use kube::api::{Api, ApiResource, DeleteParams, DynamicObject, ListParams, ObjectMeta, Patch, PatchParams, PostParams};
use kube::core::Status;
use kube::discovery::{Discovery, Scope};
use kube::{Client, Error, ResourceExt};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Debug;

pub fn config_map(name: &str, data: &[(&str, &str)], labels: &[(&str, &str)]) -> ConfigMap {
    let map = |pairs: &[(&str, &str)]| pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect::<BTreeMap<_, _>>();
    let metadata = ObjectMeta { name: Some(name.into()), labels: Some(map(labels)), ..Default::default() };
    ConfigMap { metadata, data: Some(map(data)), ..Default::default() }
}

fn data_of(found: &ConfigMap) -> Vec<String> {
    found.data.iter().flatten().map(|(key, value)| format!("{key}={value}")).collect()
}

/// The Status of a call that must be refused.
pub fn refused<T: Debug>(result: Result<T, Error>) -> Outcome<Box<Status>> {
    match result {
        Err(Error::Api(status)) => Ok(status),
        other => Err(format!("expected a refusal, not {other:?}").into()),
    }
}

pub async fn tell(client: &Client, namespace: &str) -> Outcome {
    let config_maps: Api<ConfigMap> = Api::namespaced(client.clone(), namespace);
    beginnings(client, namespace, &config_maps).await;
    lists(client, &config_maps).await?;
    refusals(client, namespace, &config_maps).await;
    patches(&config_maps).await;
    apply(&config_maps).await;
    Ok(())
}

async fn beginnings(client: &Client, namespace: &str, config_maps: &Api<ConfigMap>) {
    check("asks for the version", async { equal("35".to_owned(), client.apiserver_version().await?.minor) }).await;

    check("finds by discovery what there is", async {
        let discovery = Discovery::new(client.clone()).run().await?;
        let (_, capabilities) = discovery
            .groups()
            .flat_map(|group| group.recommended_resources())
            .find(|(resource, _)| resource.kind == "EndpointSlice")
            .ok_or("no EndpointSlice")?;
        holds(matches!(capabilities.scope, Scope::Namespaced), "it should be namespaced")
    })
    .await;

    check("creates, gets, replaces and deletes a ConfigMap", async {
        let mut body = config_map("", &[("one", "1")], &[]);
        body.metadata = ObjectMeta { generate_name: Some("settings-".into()), ..Default::default() };
        let mut made = config_maps.create(&PostParams::default(), &body).await?;
        let name = made.name_any();
        made.data = config_map("", &[("one", "2")], &[]).data;
        config_maps.replace(&name, &PostParams::default(), &made).await?;
        equal(vec!["one=2".to_owned()], data_of(&config_maps.get(&name).await?))?;
        config_maps.delete(&name, &DeleteParams::default()).await?;
        equal(None, config_maps.get_opt(&name).await?)
    })
    .await;

    check("handles objects of any kind by their names alone", async {
        let resource = ApiResource::erase::<k8s_openapi::api::batch::v1::Job>(&());
        let jobs: Api<DynamicObject> = Api::namespaced_with(client.clone(), namespace, &resource);
        let pod = json!({"restartPolicy": "Never", "containers": [{"name": "main", "image": "busybox"}]});
        let job = DynamicObject::new("once", &resource).data(json!({"spec": {"template": {"spec": pod}}}));
        jobs.create(&PostParams::default(), &job).await?;
        equal(json!(1), jobs.get("once").await?.data["spec"]["completions"].clone())?;
        jobs.delete("once", &DeleteParams::background()).await?;
        Ok(())
    })
    .await;

    check("reads the metadata alone", async {
        let nodes: Api<Node> = Api::all(client.clone());
        let found = nodes.list_metadata(&ListParams::default()).await?;
        equal("node-0".to_owned(), found.items[0].name_any())
    })
    .await;
}

async fn lists(client: &Client, config_maps: &Api<ConfigMap>) -> Outcome {
    for index in 0..7 {
        let labels = [("set", "listed"), ("parity", if index % 2 == 0 { "even" } else { "odd" })];
        config_maps.create(&PostParams::default(), &config_map(&format!("listed-{index}"), &[], &labels)).await?;
    }
    let names = |items: &[ConfigMap]| items.iter().map(|each| each.name_any()).collect::<Vec<_>>();

    check("lists by label", async {
        let found = config_maps.list(&ListParams::default().labels("set=listed,parity notin (odd)")).await?;
        equal(["listed-0", "listed-2", "listed-4", "listed-6"].map(String::from).to_vec(), names(&found.items))
    })
    .await;

    check("lists by field", async {
        let found = config_maps.list(&ListParams::default().fields("metadata.name=listed-3")).await?;
        equal(vec!["listed-3".to_owned()], names(&found.items))
    })
    .await;

    check("lists page by page, all of them as they were at first", async {
        let mut seen = vec![];
        let mut page = ListParams::default().labels("set=listed").limit(3);
        loop {
            let found = config_maps.list(&page).await?;
            if page.continue_token.is_none() {
                config_maps.delete("listed-6", &DeleteParams::default()).await?;
            }
            seen.extend(names(&found.items));
            match found.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => page = page.continue_token(&token),
                None => break,
            }
        }
        equal((0..7).map(|index| format!("listed-{index}")).collect(), seen)?;
        let nodes: Api<Node> = Api::all(client.clone());
        equal(Some(1), nodes.list(&ListParams::default().limit(2)).await?.metadata.remaining_item_count)
    })
    .await;
    Ok(())
}

async fn refusals(client: &Client, namespace: &str, config_maps: &Api<ConfigMap>) {
    check("is told that an object exists already", async {
        let status = refused(config_maps.create(&PostParams::default(), &config_map("listed-0", &[], &[])).await)?;
        holds(status.is_already_exists(), &status.reason)?;
        equal("configmaps \"listed-0\" already exists", &status.message)
    })
    .await;

    check("is told that an object is not there", async {
        let status = refused(config_maps.get("nowhere").await)?;
        holds(status.is_not_found(), &status.reason)
    })
    .await;

    check("is told which fields are invalid", async {
        let services: Api<Service> = Api::namespaced(client.clone(), namespace);
        let metadata = ObjectMeta { name: Some("Bad".into()), ..Default::default() };
        let body = Service { metadata, spec: Some(ServiceSpec::default()), ..Default::default() };
        let status = refused(services.create(&PostParams::default(), &body).await)?;
        holds(status.is_invalid(), &status.reason)?;
        let fields: Vec<_> = status.details.into_iter().flat_map(|details| details.causes).map(|cause| cause.field).collect();
        holds(["metadata.name", "spec.ports"].iter().all(|field| fields.iter().any(|each| each == field)), format!("{fields:?}"))
    })
    .await;

    check("updates again after a conflict", async {
        let mut late = config_maps.get("listed-1").await?;
        config_maps.patch("listed-1", &PatchParams::default(), &Patch::Merge(json!({"data": {"mine": "no"}}))).await?;
        late.data = config_map("", &[("yours", "yes")], &[]).data;
        let status = refused(config_maps.replace("listed-1", &PostParams::default(), &late).await)?;
        holds(status.is_conflict(), &status.reason)?;
        let mut entry = config_maps.entry("listed-1").await?.or_insert(ConfigMap::default);
        entry.get_mut().data.get_or_insert_default().insert("yours".into(), "yes".into());
        entry.commit(&PostParams::default()).await?;
        equal(vec!["mine=no".to_owned(), "yours=yes".to_owned()], data_of(&config_maps.get("listed-1").await?))
    })
    .await;
}

async fn patches(config_maps: &Api<ConfigMap>) {
    let operations = serde_json::from_value(json!([{"op": "add", "path": "/data/two", "value": "2"}]));
    let cases = [
        ("JSON", Patch::Json(operations.expect("a patch")), vec!["one=1", "two=2"]),
        ("merge", Patch::Merge(json!({"data": {"one": null, "two": "2"}})), vec!["two=2"]),
        ("strategic merge", Patch::Strategic(json!({"data": {"two": "2"}})), vec!["one=1", "two=2"]),
    ];
    for (what, patch, expected) in cases {
        check(&format!("patches: {what}"), async {
            let name = format!("patched-{}", what.replace(' ', "-").to_lowercase());
            config_maps.create(&PostParams::default(), &config_map(&name, &[("one", "1")], &[])).await?;
            let patched = config_maps.patch(&name, &PatchParams::default(), &patch).await?;
            equal(expected.into_iter().map(String::from).collect(), data_of(&patched))
        })
        .await;
    }
}

async fn apply(config_maps: &Api<ConfigMap>) {
    let applied =
        |word: &'static str| Patch::Apply(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied"}, "data": {"word": word}}));

    check("applies, and is told who else holds a field", async {
        config_maps.patch("applied", &PatchParams::apply("one"), &applied("first")).await?;
        let status = refused(config_maps.patch("applied", &PatchParams::apply("two"), &applied("second")).await)?;
        holds(status.is_conflict(), &status.reason)?;
        let causes: Vec<_> =
            status.details.into_iter().flat_map(|details| details.causes).map(|cause| format!("{}: {}", cause.field, cause.message)).collect();
        equal(vec![".data.word: conflict with \"one\"".to_owned()], causes)
    })
    .await;

    check("takes a field over when it insists", async {
        let taken = config_maps.patch("applied", &PatchParams::apply("two").force(), &applied("second")).await?;
        equal(vec!["word=second".to_owned()], data_of(&taken))?;
        let managers: Vec<_> = taken.managed_fields().iter().filter_map(|entry| entry.manager.clone()).collect();
        equal(vec!["two".to_owned()], managers)
    })
    .await;
}
