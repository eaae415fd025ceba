"""What schemathesis is told of this API: requests that may end, and which failures are upstream's."""

import json
import os
import re

import schemathesis

UPSTREAM = [(each["code"], re.compile(each["message"])) for each in json.loads(os.environ["UPSTREAM_ERRORS"])]


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Events of the older kind have no time of their own: upstream prints null, and its documents do not say so."""
    schemas = raw_schema.get("definitions") or raw_schema.get("components", {}).get("schemas", {})
    micro_time = schemas.get("io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime", {})
    micro_time["x-nullable" if "definitions" in raw_schema else "nullable"] = True
    # What a finalizer holds is answered as it is now: the documents know only the Status of what is gone.
    for methods in raw_schema["paths"].values():
        for response in methods.get("delete", {}).get("responses", {}).values():
            response.pop("content", None)
            response.pop("schema", None)


@schemathesis.hook
def map_query(context, query):
    """A watch goes on for an hour: the fuzzer beside this one opens them."""
    if query:
        query.pop("watch", None)
    return query


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """In namespaces that do not exist nothing can be made."""
    if path_parameters and "namespace" in path_parameters:
        path_parameters["namespace"] = "default"
    return path_parameters


@schemathesis.check
def no_failure_but_upstreams(ctx, response, case):
    if response.status_code < 500:
        return
    message = response.json().get("message", "")
    known = any(code == response.status_code and pattern.search(message) for code, pattern in UPSTREAM)
    assert known, f"{response.status_code}: {message}"
