"""What schemathesis is told of this API: requests that may end, and which failures are upstream's."""

import json
import os
import re

import schemathesis

UPSTREAM = [(each["code"], re.compile(each["message"])) for each in json.loads(os.environ["UPSTREAM_ERRORS"])]


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Where upstream's answers are not what upstream's documents say."""
    is_old = "definitions" in raw_schema
    nullable = "x-nullable" if is_old else "nullable"
    schemas = raw_schema["definitions"] if is_old else raw_schema["components"]["schemas"]
    # Go prints nothing as null where a field is always printed: lists, maps, times, and the group of some references.
    for name, schema in schemas.items():
        if name.endswith((".v1.Time", ".v1.MicroTime")):
            schema[nullable] = True
        if name.endswith("IntOrString"):
            # The older form of document has no word for what is one of two types.
            schema.pop("type", None)
        for field, each in schema.get("properties", {}).items():
            if field == "apiGroup" or each.get("type") in ("array", "object") and not (field == "items" and name.endswith("List")):
                each[nullable] = True
    # What a finalizer holds is answered as it is now: the documents know only the Status of what is gone.
    # And the keys of tokens are a text to them, not the object that they are.
    for path, methods in raw_schema["paths"].items():
        method = "get" if path == "/openid/v1/jwks/" else "delete"
        for response in methods.get(method, {}).get("responses", {}).values():
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
