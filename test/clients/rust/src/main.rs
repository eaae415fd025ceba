//! The story with kube-rs. It has no leader election of its own, so there is none here.
mod checks;
mod objects;
mod watches;
mod workloads;

use checks::{HAVE_FAILED, Outcome};
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{Api, DeleteParams, ObjectMeta, PostParams};
use kube::{Client, ResourceExt};
use std::process::ExitCode;
use std::sync::atomic::Ordering;

#[tokio::main]
async fn main() -> Outcome<ExitCode> {
    let client = Client::try_default().await?;
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let body = Namespace { metadata: ObjectMeta { generate_name: Some("story-".into()), ..Default::default() }, ..Default::default() };
    let namespace = namespaces.create(&PostParams::default(), &body).await?.name_any();
    objects::tell(&client, &namespace).await?;
    workloads::tell(&client, &namespace).await;
    watches::tell(&client, &namespace).await?;
    namespaces.delete(&namespace, &DeleteParams::default()).await?;
    Ok(if HAVE_FAILED.load(Ordering::Relaxed) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
