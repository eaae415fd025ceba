//! Watches and reflectors: resumed, told that they are too late, through a restart of the server.
use crate::checks::{Outcome, check, check_with_control, equal, restart, until};
use crate::objects::config_map;
use futures::{Stream, StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Api, DeleteParams, ListParams, Patch, PatchParams, PostParams, WatchEvent, WatchParams};
use kube::runtime::reflector::{self, Store};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Client, ResourceExt};
use serde_json::json;

const INFORMED: &[(&str, &str)] = &[("set", "informed")];

async fn make(config_maps: &Api<ConfigMap>, name: &str, labels: &[(&str, &str)]) -> Outcome<ConfigMap> {
    Ok(config_maps.create(&PostParams::default(), &config_map(name, &[], labels)).await?)
}

async fn version_now(config_maps: &Api<ConfigMap>) -> Outcome<String> {
    let found = config_maps.list(&ListParams::default().limit(1)).await?;
    Ok(found.metadata.resource_version.unwrap_or_default())
}

/// Events from a version on: what happened, to whom, and at which version.
async fn events_from(config_maps: &Api<ConfigMap>, version: &str, count: usize) -> Outcome<Vec<(String, String)>> {
    let stream = config_maps.watch(&WatchParams::default().disable_bookmarks().timeout(20), version).await?;
    let told = stream.map_ok(|event| match event {
        WatchEvent::Added(each) => (format!("added {}", each.name_any()), each.resource_version().unwrap_or_default()),
        WatchEvent::Modified(each) => (format!("modified {}", each.name_any()), each.resource_version().unwrap_or_default()),
        WatchEvent::Deleted(each) => (format!("deleted {}", each.name_any()), each.resource_version().unwrap_or_default()),
        WatchEvent::Bookmark(_) => ("bookmark".to_owned(), String::new()),
        WatchEvent::Error(status) => (format!("{} {}", status.code, status.reason), String::new()),
    });
    Ok(told.take(count).try_collect().await?)
}

/// A store that is kept up to date, in the background.
fn keep<S>(stream: impl FnOnce(reflector::store::Writer<ConfigMap>) -> S) -> Store<ConfigMap>
where
    S: Stream + Send + 'static,
{
    let (reader, writer) = reflector::store();
    let events = stream(writer);
    tokio::spawn(events.for_each(|_| std::future::ready(())));
    reader
}

fn held(store: &Store<ConfigMap>) -> String {
    let mut names: Vec<_> = store.state().iter().map(|each| each.name_any()).collect();
    names.sort();
    names.join(" ")
}

async fn until_held(store: &Store<ConfigMap>, expected: &str) -> Outcome {
    until(&format!("a store with {expected}"), || async { Ok(held(store) == expected) }).await
}

pub async fn tell(client: &Client, namespace: &str) -> Outcome {
    let config_maps: Api<ConfigMap> = Api::namespaced(client.clone(), namespace);

    check("watches from a version on, and resumes where it ended", async {
        let before = version_now(&config_maps).await?;
        make(&config_maps, "watched", &[]).await?;
        config_maps.patch("watched", &PatchParams::default(), &Patch::Merge(json!({"data": {"one": "1"}}))).await?;
        let first = events_from(&config_maps, &before, 1).await?;
        equal("added watched", &first[0].0)?;
        config_maps.delete("watched", &DeleteParams::default()).await?;
        let rest = events_from(&config_maps, &first[0].1, 2).await?;
        equal(vec!["modified watched", "deleted watched"], rest.iter().map(|event| event.0.as_str()).collect())
    })
    .await;

    let of_set = watcher::Config::default().labels("set=informed");
    let listing = keep(|writer| watcher(config_maps.clone(), of_set.clone()).default_backoff().reflect(writer));
    let streaming = keep(|writer| watcher(config_maps.clone(), of_set.clone().streaming_lists()).default_backoff().reflect(writer));
    let stores = [("that lists", &listing), ("that streams its list", &streaming)];
    make(&config_maps, "kept", INFORMED).await?;

    for (what, store) in stores {
        check(&format!("keeps a reflector {what} up to date"), async {
            store.wait_until_ready().await?;
            until_held(store, "kept").await?;
            make(&config_maps, "passing", INFORMED).await?;
            until_held(store, "kept passing").await?;
            // A label that goes takes the object out of what is watched.
            config_maps.patch("passing", &PatchParams::default(), &Patch::Merge(json!({"metadata": {"labels": {"set": null}}}))).await?;
            until_held(store, "kept").await?;
            config_maps.delete("passing", &DeleteParams::default()).await?;
            Ok(())
        })
        .await;
    }

    check_with_control("keeps both reflectors through a restart of the server", async {
        restart("").await?;
        make(&config_maps, "after-restart", INFORMED).await?;
        for (_, store) in stores {
            until_held(store, "after-restart kept").await?;
        }
        Ok(())
    })
    .await;

    check_with_control("keeps both reflectors when the past is forgotten", async {
        config_maps.delete("kept", &DeleteParams::default()).await?;
        restart("?expire").await?;
        make(&config_maps, "after-the-past", INFORMED).await?;
        for (_, store) in stores {
            until_held(store, "after-restart after-the-past").await?;
        }
        Ok(())
    })
    .await;

    check_with_control("is told that a version is too old to watch from", async {
        let old = version_now(&config_maps).await?;
        restart("?expire").await?;
        let told = events_from(&config_maps, &old, 1).await?;
        equal("410 Expired", &told[0].0)
    })
    .await;
    Ok(())
}
