//! Pods and Deployments: waiting, scaling, deletion with propagation.
use crate::checks::{Outcome, check, equal, until};
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{Pod, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::api::{Api, DeleteParams, EvictParams, ListParams, Patch, PatchParams, PostParams};
use kube::runtime::wait::{await_condition, conditions};
use kube::{Client, ResourceExt};
use serde_json::{Value, json};

struct Workloads {
    deployments: Api<Deployment>,
    sets: Api<ReplicaSet>,
}

fn pod_spec() -> Value {
    json!({"terminationGracePeriodSeconds": 0, "containers": [{"name": "main", "image": "nginx"}]})
}

impl Workloads {
    async fn begin(&self, name: &str) -> Outcome {
        let template = json!({"metadata": {"labels": {"app": name}}, "spec": pod_spec()});
        let spec = json!({"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": template});
        let body = serde_json::from_value(json!({"metadata": {"name": name}, "spec": spec}))?;
        self.deployments.create(&PostParams::default(), &body).await?;
        until("its ReplicaSet", || async { Ok(self.owners(name).await? == [vec![name.to_owned()]]) }).await
    }

    async fn owners(&self, name: &str) -> Outcome<Vec<Vec<String>>> {
        let found = self.sets.list(&ListParams::default().labels(&format!("app={name}"))).await?;
        Ok(found.iter().map(|each| each.owner_references().iter().map(|owner| owner.name.clone()).collect()).collect())
    }

    async fn until_gone(&self, name: &str) -> Outcome {
        until("the Deployment is gone", || async { Ok(self.deployments.get_opt(name).await?.is_none()) }).await
    }
}

pub async fn tell(client: &Client, namespace: &str) {
    let workloads = Workloads { deployments: Api::namespaced(client.clone(), namespace), sets: Api::namespaced(client.clone(), namespace) };
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let Workloads { deployments, .. } = &workloads;

    check("runs a pod, waits until it runs, and evicts it", async {
        let body = serde_json::from_value(json!({"metadata": {"name": "alone"}, "spec": pod_spec()}))?;
        let made = pods.create(&PostParams::default(), &body).await?;
        await_condition(pods.clone(), "alone", conditions::is_pod_running()).await?;
        pods.evict("alone", &EvictParams::default()).await?;
        let uid = made.uid().unwrap_or_default();
        await_condition(pods.clone(), "alone", conditions::is_deleted(&uid)).await?;
        Ok(())
    })
    .await;

    check("scales a Deployment, and the endpoints of its Service follow", async {
        workloads.begin("scaled").await?;
        let services: Api<Service> = Api::namespaced(client.clone(), namespace);
        let body = serde_json::from_value(json!({"metadata": {"name": "scaled"}, "spec": {"selector": {"app": "scaled"}, "ports": [{"port": 80}]}}))?;
        services.create(&PostParams::default(), &body).await?;
        let scale = deployments.patch_scale("scaled", &PatchParams::default(), &Patch::Merge(json!({"spec": {"replicas": 4}}))).await?;
        equal(Some(4), scale.spec.and_then(|spec| spec.replicas))?;
        await_condition(deployments.clone(), "scaled", conditions::is_deployment_completed()).await?;
        let slices: Api<EndpointSlice> = Api::namespaced(client.clone(), namespace);
        let of_service = ListParams::default().labels("kubernetes.io/service-name=scaled");
        until("four endpoints", || async { Ok(slices.list(&of_service).await?.iter().map(|slice| slice.endpoints.len()).sum::<usize>() == 4) }).await
    })
    .await;

    check("deletes in the background: what is owned goes afterwards", async {
        workloads.begin("background").await?;
        deployments.delete("background", &DeleteParams::background()).await?;
        equal(None, deployments.get_opt("background").await?)?;
        until("its ReplicaSet is gone", || async { Ok(workloads.owners("background").await?.is_empty()) }).await
    })
    .await;

    check("deletes in the foreground: what is owned goes first", async {
        workloads.begin("foreground").await?;
        deployments.delete("foreground", &DeleteParams::foreground()).await?;
        workloads.until_gone("foreground").await?;
        equal(vec![], workloads.owners("foreground").await?)
    })
    .await;

    check("deletes and leaves orphans", async {
        workloads.begin("orphan").await?;
        deployments.delete("orphan", &DeleteParams::orphan()).await?;
        workloads.until_gone("orphan").await?;
        equal(vec![vec![]], workloads.owners("orphan").await?)
    })
    .await;
}
